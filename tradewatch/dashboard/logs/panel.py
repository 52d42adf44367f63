"""The lines of an event's trace, on the event's page: what the program said before and after it failed."""

from datetime import timedelta

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from tradewatch.dashboard.logs.asked import Asked, logs_link
from tradewatch.dashboard.logs.rows import make_rows
from tradewatch.dashboard.ranges import CustomRange
from tradewatch.dashboard.scope import Scope
from tradewatch.errors.models import Event
from tradewatch.performance.logs.traces import logs_of_trace
from tradewatch.projects.models import Project

MOST_LINES = 50
AROUND = timedelta(minutes=30)


def event_logs_panel(event_id: int) -> SafeString | None:
    """Return the panel; None for an event without a trace, or whose trace has logged nothing.

    Of the event's own project alone: whoever may see the event may see these.
    """
    event = Event.objects.select_related("project").get(pk=event_id)
    if not event.trace_id:
        return None
    found = logs_of_trace([event.project_id], event.trace_id, around=event.timestamp, limit=MOST_LINES)
    if not found.lines:
        return None
    scope = _scope_of(event)
    rows = make_rows(found.lines, scope, Asked())
    before = [row for row in rows if row.at <= event.timestamp]
    context = {
        "before": before,
        "after": rows[len(before) :],
        "event": event,
        "count": len(rows),
        "has_more": found.has_more,
        "href": logs_link(scope, Asked(f"trace:{event.trace_id}")),
        "now": timezone.now(),
    }
    return SafeString(render_to_string("dashboard/logs/_panel.html", context))


def _scope_of(event: Event) -> Scope:
    """Return the hour around the event in its project, for links."""
    around = CustomRange(event.timestamp - AROUND, event.timestamp + AROUND)
    return Scope(tuple(Project.objects.all()), event.project, "", around)
