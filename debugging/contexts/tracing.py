"""The trace in which an error happened, in a few figures."""

from django.conf import settings
from django.urls import reverse

from debugging.contexts.parts import Part
from debugging.contexts.subjects import Subject
from tradewatch.performance.traces.tree import Node
from tradewatch.performance.traces.whole import Whole, read_whole
from tradewatch.projects.retention import how_long

SLOWEST = 5


def trace_part(subject: Subject) -> Part:
    if not subject.trace_id:
        return Part("trace", why="The error names no trace: whoever sent it does not trace.")
    whole = read_whole([subject.project.pk], subject.trace_id)
    if whole is None or not whole.trace.nodes:
        days = how_long(subject.project.trace_days, settings.TRACE_RETENTION).days
        return Part("trace", why=f"No span of its trace is stored: of all traces a choice is kept, for {days} days.")
    return Part("trace", _values(whole), link=reverse("trace", args=[whole.trace_id]))


def slowest_of(whole: Whole) -> list[Node]:
    """Return the spans that took most time of their own, the longest first."""
    return sorted(whole.trace.nodes, key=lambda node: -node.own_seconds)[:SLOWEST]


def _values(whole: Whole) -> dict[str, object]:
    trace = whole.trace
    return {
        "trace_id": whole.trace_id,
        "spans": len(trace.nodes),
        "services": sorted({node.span.service for node in trace.nodes}),
        "seconds": trace.seconds,
        "slowest": [
            {"op": node.span.op, "name": node.span.name[:200], "own_seconds": node.own_seconds}
            for node in slowest_of(whole)
        ],
        "findings": [
            {"kind": each.kind.value, "pattern": each.pattern[:300], "count": each.count, "seconds": each.seconds}
            for each in whole.findings[:SLOWEST]
        ],
    }
