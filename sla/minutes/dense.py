"""Minutes of a measure over many days, whose sums cost what their edges cost. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from sla.minutes.packing import DAY, HOUR, MINUTE, MINUTES_A_DAY, DayCounts, Minute, Totals, pack_counts, sums_of
from sla.minutes.spreads import DaySpread, without
from sla.minutes.values import SliceCounts, SliceTally, Sums
from tradewatch.performance.traces.weighing import WeightedBins, add_into, merge

_HALF_HOUR = 30  # minutes


class Spreads(Protocol):
    """Where the histograms of a measure come from."""

    def days(self) -> Mapping[int, DaySpread]: ...

    def hours(self, hours: Sequence[int]) -> Mapping[int, Mapping[int, WeightedBins]]:
        """Return {hour since the epoch: {minute of the hour: bins}}."""
        ...


class DenseMinutes:
    """`Minutes` over packed days {days since the epoch: counts}. What was not loaded is nothing."""

    def __init__(self, days: Mapping[int, DayCounts], spreads: Spreads | None = None) -> None:
        self._days = days
        self._spreads = spreads
        self._numbers = sorted(days)

    @classmethod
    def from_counts(cls, counts: Mapping[int, Sums], bins: Mapping[int, WeightedBins] | None = None) -> "DenseMinutes":
        """Make them of {start of the minute, epoch seconds: counts} and {start of the minute: bins}."""
        days: defaultdict[int, dict[int, Minute]] = defaultdict(dict)
        for at, each in counts.items():
            numbers = each.valid, each.bad, each.received, each.received_bad
            days[at // DAY][at % DAY // MINUTE] = Minute(*numbers, each.approximate_minutes > 0)
        packed = {day: DayCounts(pack_counts(minutes)) for day, minutes in days.items()}
        return cls(packed, GivenSpreads(bins or {}))

    def sums(self, start: int, end: int) -> Sums:
        return sums_of(list(self._totals(start, end)))

    def bins(self, start: int, end: int) -> WeightedBins:
        return self.bins_within([(start, end)])

    def bins_within(self, stretches: Iterable[tuple[int, int]]) -> WeightedBins:
        if self._spreads is None:
            return {}
        days = self._spreads.days()
        found: WeightedBins = {}
        odd: list[range] = []  # minutes since the epoch
        for start, end in stretches:
            for day, first, last in _by_day(start, end):
                if (spread := days.get(day)) is not None:
                    whole, rest = _halves(spread, first, last)
                    add_into(found, whole)
                    odd += [range(day * MINUTES_A_DAY + low, day * MINUTES_A_DAY + high) for low, high in rest]
        for each in self._odd_minutes([minute for stretch in odd for minute in stretch]):
            add_into(found, each)
        return found

    def each(self, start: int, end: int) -> Iterator[tuple[int, Sums]]:
        for at, (valid, bad, received, received_bad, is_approximate) in self.rows(start, end):
            yield at, Sums(valid, bad, received, received_bad, 1, int(is_approximate))

    def rows(self, start: int, end: int) -> Iterator[tuple[int, Minute]]:
        """Like `each`, as tuples: a third of the time."""
        first_day, last_day = start // DAY, (end - 1) // DAY
        for day in self._numbers:
            if first_day <= day <= last_day:
                base = day * DAY
                first, last = max(start - base, 0) // MINUTE, min(end - base, DAY) // MINUTE
                for at, minute in self._days[day].each(first, last):
                    yield base + at * MINUTE, minute

    def slices(self, start: int, end: int, seconds: int) -> Iterator[SliceCounts]:
        size = seconds // MINUTE
        for day, first, last in _by_day(start, end):
            if (counts := self._days.get(day)) is not None:
                yield from counts.slices(first, last, size, day * MINUTES_A_DAY // size)

    def day_of_slices(self, start: int, seconds: int, low: int, high: int) -> SliceTally:
        counts = self._days.get(start // DAY)
        return counts.tally(seconds // MINUTE, low, high) if counts is not None else SliceTally()

    def _totals(self, start: int, end: int) -> Iterator[Totals]:
        for day, first, last in _by_day(start, end):
            if (counts := self._days.get(day)) is not None:
                yield from counts.totals(first, last)

    def _odd_minutes(self, minutes: Sequence[int]) -> Iterator[Mapping[int, int | float]]:
        if minutes and self._spreads is not None:
            hours = self._spreads.hours(sorted({minute // 60 for minute in minutes}))
            for minute in minutes:
                if (found := hours.get(minute // 60, {}).get(minute % 60)) is not None:
                    yield found


class GivenSpreads:
    """Histograms that are at hand: {start of the minute, epoch seconds: bins}."""

    def __init__(self, bins: Mapping[int, WeightedBins]) -> None:
        halves: defaultdict[int, defaultdict[int, list[WeightedBins]]] = defaultdict(lambda: defaultdict(list))
        self._hours: defaultdict[int, dict[int, WeightedBins]] = defaultdict(dict)
        for at, each in sorted(bins.items()):
            halves[at // DAY][at % DAY // MINUTE // _HALF_HOUR].append(each)
            self._hours[at // HOUR][at % HOUR // MINUTE] = each
        self._days = {
            day: DaySpread(DaySpread().with_half_hours({half: merge(parts) for half, parts in found.items()}))
            for day, found in halves.items()
        }

    def days(self) -> Mapping[int, DaySpread]:
        return self._days

    def hours(self, hours: Sequence[int]) -> Mapping[int, Mapping[int, WeightedBins]]:
        return {hour: self._hours[hour] for hour in hours if hour in self._hours}


def _by_day(start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (day, first minute, minute after the last) of each day that [start, end) touches."""
    for day in range(start // DAY, -(-end // DAY)):
        base = day * DAY
        yield day, max(start - base, 0) // MINUTE, min(end - base, DAY) // MINUTE


def _halves(spread: DaySpread, first: int, last: int) -> tuple[WeightedBins, list[tuple[int, int]]]:
    """Return (the histogram of the half hours within, minutes of the day that are left at the edges)."""
    if (first, last) == (0, MINUTES_A_DAY):
        return spread.total, []
    first_half, last_half = -(-first // _HALF_HOUR), last // _HALF_HOUR
    if first_half >= last_half:
        return {}, [(first, last)]
    rest = [(first, first_half * _HALF_HOUR), (last_half * _HALF_HOUR, last)]
    return without(spread.until(last_half), spread.until(first_half)), [each for each in rest if each[0] < each[1]]
