"""Stretches of time, each from its start up to but not including its end: joined, cut, taken away."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`start` <= t < `end`, both aware."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment < self.end


def joined(spans: Iterable[Span]) -> list[Span]:
    """Return the same time in order, without overlaps; spans that touch become one, empty ones vanish."""
    found: list[Span] = []
    for span in sorted(spans):
        if span.start >= span.end:
            continue
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def cut(spans: Iterable[Span], start: datetime, end: datetime) -> Iterator[Span]:
    """Yield the parts that lie between `start` and `end`."""
    for span in spans:
        low, high = max(span.start, start), min(span.end, end)
        if low < high:
            yield Span(low, high)


def between(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """Return what of `start` to `end` none of `spans` covers."""
    gaps: list[Span] = []
    free_from = start
    for span in joined(cut(spans, start, end)):
        if free_from < span.start:
            gaps.append(Span(free_from, span.start))
        free_from = span.end
    return [*gaps, Span(free_from, end)] if free_from < end else gaps


def common(spans: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return the time that both hold, in order."""
    found: list[Span] = []
    mine, theirs = joined(spans), joined(others)
    at = 0
    for span in mine:
        while at < len(theirs) and theirs[at].end <= span.start:
            at += 1
        place = at
        while place < len(theirs) and theirs[place].start < span.end:
            found.append(Span(max(span.start, theirs[place].start), min(span.end, theirs[place].end)))
            place += 1
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return what of `spans` none of `taken` covers, in order."""
    mine, gone = joined(spans), joined(taken)
    return common(mine, between(gone, mine[0].start, mine[-1].end)) if mine and gone else mine
