"""Which pages and tickets burn windows would have sent, minute by minute. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction

from sla.figures.pairs import PAGE, pairs_for
from sla.figures.values import BurnPair
from sla.whatif.axis import Axis

Stretch = tuple[int, int]  # steps, half open


@dataclass(frozen=True, slots=True)
class Sent:
    """An alert of a severity (page or ticket) from the minute it would have come to the one it would have ended."""

    severity: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Segment:
    """Steps [first, last) in a period that counts `period_seconds` in all: the factors follow from it."""

    first: int
    last: int
    period_seconds: int


def replay(axis: Axis, segments: Iterable[Segment], *, objective: Fraction, least_events: int) -> list[Sent]:
    """Return what would have been sent, in the order of time.

    As live: a pair fires when both its burns are over its factor and enough bad events came in. One page while any
    page pair fires; a ticket comes once no page fires.
    """
    budget = 1 - objective
    if not budget:
        return []
    pages: set[int] = set()
    tickets: set[int] = set()
    for segment in segments:
        for pair in pairs_for(segment.period_seconds):
            firing = _firing(axis, segment, pair, budget, least_events)
            (pages if pair.severity == PAGE else tickets).update(firing)
    return sorted(
        [*_sent(axis, PAGE, _stretches(sorted(pages))), *_tickets(axis, tickets, pages)],
        key=lambda each: each.starts_at,
    )


def _tickets(axis: Axis, tickets: set[int], pages: set[int]) -> Iterator[Sent]:
    for first, last in _stretches(sorted(tickets)):
        free = next((step for step in range(first, last) if step not in pages), None)
        if free is not None:
            yield from _sent(axis, "ticket", [(free, last)])


def _firing(axis: Axis, segment: Segment, pair: BurnPair, budget: Fraction, least_events: int) -> Iterator[int]:
    """Yield the steps at whose end the pair fires. All in integers: bad / valid / budget > factor."""
    long, short = axis.steps_in(pair.long_seconds), axis.steps_in(pair.short_seconds)
    limit = Fraction(pair.factor) * budget
    top, bottom = limit.numerator, limit.denominator
    came = _held(axis.received_bad, segment, long)
    if max(came, default=0) < pair.least_bad:
        return
    bad_long, valid_long = _held(axis.bad, segment, long), _held(axis.valid, segment, long)
    bad_short, valid_short = _held(axis.bad, segment, short), _held(axis.valid, segment, short)
    all_came = _held(axis.received, segment, long)
    for place, bad in enumerate(bad_short):
        if (
            bad
            and came[place] >= pair.least_bad
            and all_came[place] >= least_events
            and bad * bottom > top * valid_short[place]
            and bad_long[place] * bottom > top * valid_long[place]
        ):
            yield segment.first + place


def _held(sums: Sequence[int], segment: Segment, steps: int) -> list[int]:
    """Return what the last `steps` held at the end of each step of the segment."""
    now = sums[segment.first + 1 : segment.last + 1]
    low = segment.first + 1 - steps
    before = [0] * min(-low, len(now)) + list(sums[0 : max(segment.last + 1 - steps, 0)]) if low < 0 else sums[low:]
    return [a - b for a, b in zip(now, before, strict=False)]


def _stretches(steps: Sequence[int]) -> list[Stretch]:
    found: list[Stretch] = []
    for step in steps:
        if found and found[-1][1] == step:
            found[-1] = found[-1][0], step + 1
        else:
            found.append((step, step + 1))
    return found


def _sent(axis: Axis, severity: str, stretches: Iterable[Stretch]) -> Iterator[Sent]:
    for first, last in stretches:
        ends = axis.ends[last] if last < len(axis.ends) else axis.ends[-1]
        yield Sent(severity, datetime.fromtimestamp(axis.ends[first], UTC), datetime.fromtimestamp(ends, UTC))
