"""The dashboard's panel: what waits for a second person, batches under way, the sessions that are open."""

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from debugging.choices import SessionState
from debugging.sessions.queries import sessions_of
from tradewatch.core.panels import Watched
from tradewatch.dashboard.debugging.listing import lines_of
from tradewatch.dashboard.debugging.waiting import running_in, waiting_in

SHOWN = 5


def sessions_panel(watched: Watched) -> SafeString | None:
    """Return the newest of each; None: there is none."""
    rows = sessions_of(watched.project_ids, watched.environment or None).filter(state=SessionState.OPEN)
    found = list(rows.prefetch_related("steps").order_by("-opened_at", "-id")[:SHOWN])
    waiting = waiting_in(watched.project_ids, watched.environment)[:SHOWN]
    running = running_in(watched.project_ids, watched.environment)
    if not (found or waiting or running):
        return None
    context = {
        "lines": lines_of(found),
        "waiting": waiting,
        "running": [(batch, batch.replays.exclude(ended_at=None).count()) for batch in running],
        "parameters": watched.parameters,
        "now": watched.now,
    }
    return SafeString(render_to_string("debugging/_panel.html", context))
