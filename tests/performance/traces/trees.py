"""Builders for traces."""

from typing import Any

from tradewatch.performance.traces.tree import ErrorMark, Span, Trace, build_trace

T0 = 1_790_000_000.0


def make_span(span_id: str, parent_id: str = "", start: float = 0, end: float = 10, **fields: Any) -> Span:
    """Return a span; `start` and `end` are milliseconds after T0."""
    plain = {"segment": "a", "project_id": 1, "service": "api", "op": "function", "name": f"span {span_id}"}
    fields = {**plain, "pattern": fields.get("name", ""), **fields}
    return Span(span_id=span_id, parent_id=parent_id, start=T0 + start / 1000, end=T0 + end / 1000, **fields)


def make_transaction(span_id: str, parent_id: str = "", start: float = 0, end: float = 100, **fields: Any) -> Span:
    fields = {"op": "http.server", "is_transaction": True, "segment": span_id, **fields}
    return make_span(span_id, parent_id, start, end, **fields)


def make_error(at: float, span_id: str, **fields: Any) -> ErrorMark:
    plain = {"project_id": 1, "title": "KeyError", "severity": "error", "href": "/issues/1"}
    return ErrorMark(at=T0 + at / 1000, span_id=span_id, **{**plain, **fields})


def ids(trace: Trace) -> list[str]:
    return [node.span.span_id for node in trace.nodes]


def outline(trace: Trace) -> list[str]:
    """Return the tree as lines: a dot a level, then the id."""
    return ["." * node.depth + node.span.span_id for node in trace.nodes]


def ms(seconds: float) -> float:
    return round(seconds * 1000, 2)


__all__ = ["T0", "build_trace", "ids", "make_error", "make_span", "make_transaction", "ms", "outline"]
