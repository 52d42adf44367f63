"""Which pages and tickets burn windows would have sent, minute by minute. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
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

    As live (`sla.burning`): one alert lasts while any pair fires, while traffic fell silent in the middle of a burn,
    and over time that does not count. It is a ticket, and a page from when a page pair fires; it does not fall back.
    """
    budget = 1 - objective
    if not budget:
        return []
    found = _Burnt()
    for segment in segments:
        for pair in pairs_for(segment.period_seconds):
            _look(axis, segment, pair, budget, least_events, found)
    return list(_told(axis, found))


@dataclass(slots=True)
class _Burnt:
    """Steps at whose end a page or ticket pair fires, and those in which a burn fell silent."""

    page: set[int] = field(default_factory=set)
    ticket: set[int] = field(default_factory=set)
    silent: set[int] = field(default_factory=set)


def _look(axis: Axis, segment: Segment, pair: BurnPair, budget: Fraction, least_events: int, found: _Burnt) -> None:
    """Add what the pair does in the segment. All in integers: bad / valid / budget > factor."""
    long, short = axis.steps_in(pair.long_seconds), axis.steps_in(pair.short_seconds)
    limit = Fraction(pair.factor) * budget
    top, bottom = limit.numerator, limit.denominator
    firing = found.page if pair.severity == PAGE else found.ticket
    bad_long, valid_long = _held(axis.bad, segment, long), _held(axis.valid, segment, long)
    bad_short, valid_short = _held(axis.bad, segment, short), _held(axis.valid, segment, short)
    came_bad, came = _held(axis.received_bad, segment, long), _held(axis.received, segment, long)
    for place, bad in enumerate(bad_long):
        if not bad or bad * bottom <= top * valid_long[place]:
            continue
        if not valid_short[place]:
            found.silent.add(segment.first + place)
        elif (
            bad_short[place] * bottom > top * valid_short[place]
            and came_bad[place] >= pair.least_bad
            and came[place] >= least_events
        ):
            firing.add(segment.first + place)


def _told(axis: Axis, found: _Burnt) -> Iterator[Sent]:
    """Yield a page or ticket for each time that the gravity of an alert rises."""
    lasting = sorted(found.page | found.ticket | found.silent | axis.idle)
    for first, last in _stretches(lasting):
        graver = [("ticket", found.ticket), (PAGE, found.page)]
        starts = {name: min((s for s in range(first, last) if s in steps), default=None) for name, steps in graver}
        ticket, page = starts["ticket"], starts[PAGE]
        if ticket is not None and (page is None or ticket < page):
            yield _sent(axis, "ticket", ticket, last)
        if page is not None:
            yield _sent(axis, PAGE, page, last)


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


def _sent(axis: Axis, severity: str, first: int, last: int) -> Sent:
    ends = axis.ends[last] if last < len(axis.ends) else axis.ends[-1]
    return Sent(severity, datetime.fromtimestamp(axis.ends[first], UTC), datetime.fromtimestamp(ends, UTC))
