"""The dashboard's panel: the debugging sessions that are open."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from debugging.choices import SessionState
from debugging.sessions.queries import sessions_of
from tradewatch.core.panels import Watched
from tradewatch.dashboard.debugging.listing import line_of

SHOWN = 5


def sessions_panel(watched: Watched) -> SafeString | None:
    """Return the newest open sessions; None: there is none."""
    rows = sessions_of(watched.project_ids, watched.environment or None).filter(state=SessionState.OPEN)
    found = list(rows.prefetch_related("steps").order_by("-opened_at", "-id")[:SHOWN])
    if not found:
        return None
    context = {"lines": [line_of(row) for row in found], "parameters": watched.parameters, "now": watched.now}
    return SafeString(render_to_string("debugging/_panel.html", context))
