"""Adding up a measure's minutes: as events, or as timeslices that are good or bad as a whole. Pure.

Slices are aligned to the epoch and half open. A slice of which a part does not count (a session's edge, an exclusion)
is judged by the part that does; one that is still running is not judged yet. Slices without data are left out unless
the version counts them as good.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction

from sla.figures.stretches import edges
from sla.minutes.values import UNIT, Minutes, Sums
from sla.models import TargetVersion
from tradewatch.calendars.spans import Span


def counted(version: TargetVersion, minutes: Minutes, spans: Iterable[Span], start: datetime, end: datetime) -> Sums:
    """Return the sums of what the version counts, slices or events, within the spans from `start` to `end`."""
    within = edges(spans, start, end)
    if not version.slice_seconds:
        return total(minutes, within)
    seconds, until = version.slice_seconds, int(end.timestamp())
    slices = slice_sums(minutes, within, seconds)
    return of_slices(version, {number: sums for number, sums in slices.items() if (number + 1) * seconds <= until})


def total(minutes: Minutes, within: Iterable[tuple[int, int]]) -> Sums:
    found = Sums()
    for start, end in within:
        found = found.plus(minutes.sums(start, end))
    return found


def slice_sums(minutes: Minutes, within: Iterable[tuple[int, int]], seconds: int) -> dict[int, Sums]:
    """Return {number of the slice since the epoch: its counts} of every slice that the stretches touch, in order."""
    found: dict[int, Sums] = {}
    for start, end in within:
        for number in range(start // seconds, -(-end // seconds)):
            part = minutes.sums(max(start, number * seconds), min(end, (number + 1) * seconds))
            found[number] = found[number].plus(part) if number in found else part
    return found


def bad_slices(version: TargetVersion, slices: Mapping[int, Sums]) -> list[int]:
    """Return the slices with data that are bad: good / valid is under the slice target."""
    target = Fraction(version.slice_target or 0)
    return [
        number
        for number, sums in slices.items()
        if (sums.valid - sums.bad) * target.denominator < target.numerator * sums.valid
    ]


def of_slices(version: TargetVersion, slices: Mapping[int, Sums]) -> Sums:
    """Return the slices as counts: each that counts is one event."""
    bad = len(bad_slices(version, slices))
    valid = len(slices) if version.counts_empty_slices else sum(1 for sums in slices.values() if sums.valid)
    return Sums(
        valid * UNIT,
        bad * UNIT,
        valid,
        bad,
        sum(sums.minutes for sums in slices.values()),
        sum(sums.approximate_minutes for sums in slices.values()),
    )
