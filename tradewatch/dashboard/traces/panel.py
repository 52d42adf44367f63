"""Where in its trace an event happened, on the event's page: the spans from the root down to the one that broke."""

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from tradewatch.dashboard.traces.fall import chain_as_html
from tradewatch.dashboard.traces.wording import fine
from tradewatch.dashboard.words import plural
from tradewatch.errors.models import Event
from tradewatch.performance.traces.tree import Node, Trace
from tradewatch.performance.traces.waterfall import Waterfall, draw
from tradewatch.performance.traces.whole import read_whole

LINES_SHOWN = 8


def event_trace_panel(event_id: int) -> SafeString | None:
    """Return the panel; None for an event without a trace, or of whose trace no span is kept.

    Of the event's own project alone: whoever may see the event may see these.
    """
    event = Event.objects.get(pk=event_id)
    whole = read_whole([event.project_id], event.trace_id) if event.trace_id else None
    if whole is None or not whole.trace.nodes:
        return None
    trace = whole.trace
    place = _place_of(trace, event.event_id.hex)
    services = {node.span.service for node in trace.nodes}
    context = {
        "trace_id": whole.trace_id,
        "href": reverse("trace", args=[whole.trace_id]),
        "summary": f"{plural(len(trace.nodes), 'span')} in {plural(len(services), 'service')}, {fine(trace.seconds)}",
        "lines": chain_as_html(_chain(trace, place), href=reverse("trace", args=[whole.trace_id])) if place else "",
    }
    return SafeString(render_to_string("dashboard/traces/_panel.html", context))


def _place_of(trace: Trace, event_id: str) -> Node | None:
    """Return the span in which the event happened."""
    return next((node for node in trace.nodes if any(mark.event_id == event_id for mark in node.errors)), None)


def _chain(trace: Trace, place: Node) -> Waterfall:
    """Return the lines from the root to `place`; of a long chain its lower end."""
    above: set[int] = set()
    at: Node | None = place
    while at is not None and len(above) < LINES_SHOWN:
        above.add(at.number)
        at = trace.nodes[at.parent] if at.parent is not None else None
    return draw(trace, only=above)
