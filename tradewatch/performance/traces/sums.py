"""Spans added up within one transaction, before it meets the database: a repeated query is one part. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tradewatch.metrics.histogram import bin_of

MOST_PARTS = 200  # of a transaction; what comes later is counted under `<other>` of its category
OTHER = "<other>"


class PlainSpan(NamedTuple):
    """A span as far as it is counted. Times in epoch seconds; `description` is normal already."""

    span_id: str
    parent_id: str
    category: str
    op: str
    description: str
    start: float
    end: float
    is_failed: bool


class Part(NamedTuple):
    """All spans of one operation: how many, their seconds, those that no child covered, and {bin: count}."""

    category: str
    op: str
    description: str
    spans: int
    failed: int
    seconds: float
    exclusive_seconds: float
    bins: dict[int, int]


def sums_of(spans: Sequence[PlainSpan]) -> tuple[Part, ...]:
    """Return what the spans add up to, in the order in which operations first occur."""
    exclusive = exclusive_seconds(spans)
    groups: dict[tuple[str, str, str], list[int]] = {}
    for at, span in enumerate(spans):
        key = (span.category, span.op, span.description)
        if key not in groups and len(groups) >= MOST_PARTS:
            key = (span.category, "", OTHER)
        groups.setdefault(key, []).append(at)
    return tuple(
        _part(key, [spans[at] for at in places], [exclusive[at] for at in places]) for key, places in groups.items()
    )


def exclusive_seconds(spans: Sequence[PlainSpan]) -> list[float]:
    """Return for each span the seconds that none of its children covers; children beside each other count once."""
    children: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    for span in spans:
        if span.parent_id and span.parent_id != span.span_id:
            children[span.parent_id].append((span.start, span.end))
    return [
        span.end
        - span.start
        - (_covered(children[span.span_id], span.start, span.end) if span.span_id in children else 0.0)
        for span in spans
    ]


def _covered(intervals: Iterable[tuple[float, float]], start: float, end: float) -> float:
    """Return how much of [start, end] the intervals cover together."""
    covered, reached = 0.0, start
    for low, high in sorted(intervals):
        low, high = max(low, reached), min(high, end)
        if high > low:
            covered += high - low
            reached = high
    return covered


def _part(key: tuple[str, str, str], spans: Sequence[PlainSpan], exclusive: Sequence[float]) -> Part:
    bins: dict[int, int] = {}
    seconds, failed = 0.0, 0
    for span in spans:
        each = span.end - span.start
        index = bin_of(each)
        bins[index] = bins.get(index, 0) + 1
        seconds += each
        failed += span.is_failed
    return Part(*key, len(spans), failed, seconds, sum(exclusive), bins)
