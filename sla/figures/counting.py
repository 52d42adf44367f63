"""Adding up a measure's minutes: as events, or as timeslices that are good or bad as a whole. Pure.

Slices are aligned to the epoch and half open. A slice of which a part does not count (a session's edge, an exclusion)
is judged by the part that does; one that is still running is not judged yet. Slices without data are left out unless
the version counts them as good.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from operator import add

from sla.minutes.values import UNIT, Minutes, SliceCounts, SliceTally, Sums
from sla.models import TargetVersion

DAY = 86_400
Within = Sequence[tuple[int, int]]  # epoch seconds, in order, not touching


def counted(version: TargetVersion, minutes: Minutes, within: Within, until: int) -> Sums:
    """Return the sums of what the version counts: events, or slices that are over by `until`."""
    if not version.slice_seconds:
        return total(minutes, within)
    return _slices(version, version.slice_seconds, minutes, within, until)


def total(minutes: Minutes, within: Iterable[tuple[int, int]]) -> Sums:
    found = Sums()
    for start, end in within:
        found = found.plus(minutes.sums(start, end))
    return found


def slice_sums(minutes: Minutes, within: Within, seconds: int) -> dict[int, Sums]:
    """Return {number of the slice since the epoch: its counts} of every slice that had anything, in order."""
    return {
        number: Sums(valid=valid, bad=bad, minutes=known, approximate_minutes=approximate)
        for number, valid, bad, known, approximate in _with_data(minutes, within, seconds)
    }


def bad_slices(version: TargetVersion, slices: Mapping[int, Sums]) -> list[int]:
    """Return the slices whose good / valid is under the slice target."""
    low, high = _ratio(version)
    return [
        number for number, sums in slices.items() if sums.valid and (sums.valid - sums.bad) * high < low * sums.valid
    ]


def _slices(version: TargetVersion, seconds: int, minutes: Minutes, within: Within, until: int) -> Sums:
    """Return the slices as counts: each that counts is one event. Of whole days the minutes may know the tally."""
    days, rest = _whole_days(within)
    low, high = _ratio(version)
    tallies = [minutes.day_of_slices(day, seconds, low, high) for day in days]
    for number, valid, bad, known, approximate in _with_data(minutes, rest, seconds):
        if (number + 1) * seconds <= until:
            is_bad = valid > 0 and (valid - bad) * high < low * valid
            tallies.append(SliceTally(int(valid > 0), int(is_bad), known, approximate))
    judged, failed, known, approximate = map(sum, zip(*tallies, strict=True)) if tallies else (0, 0, 0, 0)
    if version.counts_empty_slices:
        judged = _touched(within, seconds, until)
    return Sums(judged * UNIT, failed * UNIT, judged, failed, known, approximate)


def _ratio(version: TargetVersion) -> tuple[int, int]:
    """Return the slice target as two integers, so that it is compared exactly and fast."""
    target = Fraction(version.slice_target or 0)
    return target.numerator, target.denominator


def _whole_days(within: Within) -> tuple[list[int], Within]:
    """Return (starts of the UTC days that lie within, what is left). No slice reaches over midnight."""
    days: list[int] = []
    rest: list[tuple[int, int]] = []
    for start, end in within:
        first, last = -(-start // DAY) * DAY, end // DAY * DAY
        if first >= last:
            rest.append((start, end))
            continue
        days += range(first, last, DAY)
        rest += [(low, high) for low, high in ((start, first), (last, end)) if low < high]
    return days, rest


def _with_data(minutes: Minutes, within: Within, seconds: int) -> Iterator[SliceCounts]:
    """Yield the counts of each slice that had anything, in order, as far as it lies within."""
    pending: SliceCounts | None = None
    for start, end in within:
        for part in minutes.slices(start, end, seconds):
            if pending is not None and pending[0] == part[0]:  # a slice of which something in the middle does not count
                pending = (part[0], *map(add, pending[1:], part[1:]))
                continue
            if pending is not None:
                yield pending
            pending = part
    if pending is not None:
        yield pending


def _touched(within: Within, seconds: int, until: int) -> int:
    """Return how many slices that are over lie within, at least in part."""
    ranges = [(start // seconds, min(-(-end // seconds), until // seconds)) for start, end in within]
    shared = sum(1 for (_, end), (start, _) in pairwise(ranges) if start < end)
    return sum(max(0, end - start) for start, end in ranges) - shared
