"""On an issue's page: the sessions that are open on it."""

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from debugging.sessions.queries import open_sessions_of_issue
from tradewatch.dashboard.debugging.words import badge_of

SHOWN = 5


def issue_sessions_panel(issue_id: int) -> SafeString | None:
    """Return the panel; None where nobody debugs the issue now."""
    rows = list(open_sessions_of_issue(issue_id).select_related("owner")[:SHOWN])
    if not rows:
        return None
    lines = [(row, badge_of(row)) for row in rows]
    return SafeString(render_to_string("debugging/_issue_panel.html", {"lines": lines, "now": timezone.now()}))
