"""How a budget ran down over its period: the curve of a burn-down chart. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

from sla.figures.budget import shown
from sla.figures.counting import bad_slices, slice_sums
from sla.figures.exclusions import raw_spans
from sla.figures.stretches import SECONDS, edges, whole_minute
from sla.figures.values import Judged
from sla.minutes.values import UNIT, Minutes
from sla.models import TargetVersion
from tradewatch.calendars.spans import without

Stretches = Sequence[tuple[int, int]]


def running_down(
    judged: Judged, minutes: Minutes, points: int, version: TargetVersion | None = None
) -> list[tuple[datetime, Decimal]]:
    """Return at most `points` + 1 moments in order, and the share of the budget that was left at each.

    The budget is that of everything up to now, so the curve falls from 1 to `judged.adjusted.remaining` and never
    rises. Empty where there is no budget: without data, or where nothing is allowed. A version that counts slices must
    be given.
    """
    start, end = int(judged.period.start.timestamp()), int(_end_of(judged).timestamp())
    allowed = judged.adjusted.allowed
    if not allowed or end <= start or points < 1:
        return []
    left = without(raw_spans(judged.period), [each.span for each in judged.exclusions])
    moments = _moments(start, end, points)
    bad = _bad_until(moments, edges(left, judged.period.start, _end_of(judged)), minutes, version)
    return [
        (datetime.fromtimestamp(at, UTC), shown(1 - Fraction(count, UNIT) / Fraction(allowed)) or Decimal(0))
        for at, count in zip(moments, bad, strict=True)
    ]


def _end_of(judged: Judged) -> datetime:
    return min(judged.period.end, whole_minute(judged.now))


def _moments(start: int, end: int, points: int) -> list[int]:
    """Return whole minutes, evenly apart but for rounding; the first and the last are the edges."""
    length = (end - start) // SECONDS
    return sorted({start + length * number // points * SECONDS for number in range(points + 1)})


def _bad_until(moments: Sequence[int], within: Stretches, minutes: Minutes, version: TargetVersion | None) -> list[int]:
    """Return how much was bad before each moment, in millionths; a slice is bad from its end on."""
    if version is None or not version.slice_seconds:
        return _running(moments, [(at, minutes.sums(low, high).bad) for at, low, high in _cut(moments, within)])
    seconds = version.slice_seconds
    ended = {n: s for n, s in slice_sums(minutes, within, seconds).items() if (n + 1) * seconds <= moments[-1]}
    return _running(moments, [((number + 1) * seconds, UNIT) for number in bad_slices(version, ended)])


def _cut(moments: Sequence[int], within: Stretches) -> list[tuple[int, int, int]]:
    """Return (the moment by which it is over, start, end) of the stretches, cut at the moments."""
    found, place = [], 1
    for start, end in within:
        while start < end:
            while moments[place] <= start:
                place += 1
            high = min(end, moments[place])
            found.append((moments[place], start, high))
            start = high
    return found


def _running(moments: Sequence[int], parts: Sequence[tuple[int, int]]) -> list[int]:
    sums, known, place = [], 0, 0
    for moment in moments:
        while place < len(parts) and parts[place][0] <= moment:
            known += parts[place][1]
            place += 1
        sums.append(known)
    return sums
