"""A version's counts in steps, summed up from the left: what any window holds is two subtractions. Pure."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from sla.choices import WindowKind
from sla.figures.counting import bad_slices, slice_sums
from sla.figures.stretches import SECONDS, edges
from sla.minutes.values import UNIT, Minutes, Sums
from sla.models import TargetVersion
from tradewatch.calendars.spans import Span

NOTHING = Sums()


@dataclass(frozen=True, slots=True)
class Axis:
    """`ends[i]` is the epoch second at which step i is over. Each sum has one more entry than there are steps: the
    first is 0. On a market's time only steps that count are on it; otherwise those that do not are `idle`."""

    ends: Sequence[int]
    step_seconds: int
    valid: Sequence[int]
    bad: Sequence[int]
    received: Sequence[int]
    received_bad: Sequence[int]
    idle: frozenset[int]

    def steps_in(self, seconds: int) -> int:
        """Return how many steps a window of so many seconds takes; one that is begun counts whole."""
        return -(-seconds // self.step_seconds)

    def between(self, start: datetime, end: datetime) -> tuple[int, int]:
        """Return the steps [first, last) that are over after `start` and by `end`."""
        return bisect_right(self.ends, start.timestamp()), bisect_right(self.ends, end.timestamp())


def axis_of(version: TargetVersion, minutes: Minutes, spans: Sequence[Span], start: datetime, end: datetime) -> Axis:
    """Return what the version counts from `start` to `end`, in minutes, or in slices where it has them."""
    within = edges(spans, start, end)
    step = version.slice_seconds or SECONDS
    counts = _slices(version, minutes, within) if version.slice_seconds else dict(_minutes(minutes, within))
    counting = {at for low, high in within for at in range(low // step * step, high, step)}
    if version.window == WindowKind.MARKET:
        starts = sorted(counting)
    else:
        starts = list(range(int(start.timestamp()) // step * step, int(end.timestamp()) // step * step, step))
    idle = frozenset(place for place, at in enumerate(starts) if at not in counting)
    return _summed(starts, step, counts, idle)


def _minutes(minutes: Minutes, within: Sequence[tuple[int, int]]) -> Iterator[tuple[int, Sums]]:
    for low, high in within:
        yield from minutes.each(low, high)


def _slices(version: TargetVersion, minutes: Minutes, within: Sequence[tuple[int, int]]) -> dict[int, Sums]:
    """Return {start of the slice: one good or bad event}."""
    seconds = version.slice_seconds or SECONDS
    slices = slice_sums(minutes, within, seconds)
    bad = set(bad_slices(version, slices))
    return {
        number * seconds: Sums(UNIT, UNIT * (number in bad), 1, int(number in bad))
        for number, sums in slices.items()
        if sums.valid or version.counts_empty_slices
    }


def _summed(starts: Sequence[int], step: int, counts: Mapping[int, Sums], idle: frozenset[int]) -> Axis:
    row = [counts.get(at, NOTHING) for at in starts]
    valid, bad, received, received_bad = (
        list(accumulate((getattr(each, name) for each in row), initial=0))
        for name in ("valid", "bad", "received", "received_bad")
    )
    return Axis([at + step for at in starts], step, valid, bad, received, received_bad, idle)
