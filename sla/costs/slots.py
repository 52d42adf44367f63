"""The slots that a judged period paid for: its bad minutes, or the slices that were bad as a whole. Pure."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from sla.costs.splitting import Slot
from sla.figures.counting import bad_slices, slice_sums
from sla.figures.exclusions import raw_spans
from sla.figures.stretches import SECONDS, edges, whole_minute
from sla.figures.values import Judged
from sla.minutes.values import UNIT, Minutes, Sums
from sla.models import TargetVersion
from tradewatch.calendars.spans import Span, without

HOUR, DAY = 3600, 86_400


def left_spans(judged: Judged) -> list[Span]:
    """Return the time of the period that the adjusted figures are made of."""
    return without(raw_spans(judged.period), [each.span for each in judged.exclusions])


def slots_of(version: TargetVersion, judged: Judged, minutes: Minutes) -> list[Slot]:
    """Return what was bad; the slots add up to `judged.adjusted.sums.bad`."""
    until = min(judged.period.end, whole_minute(judged.now))
    within = edges(left_spans(judged), judged.period.start, until)
    if version.slice_seconds:
        return list(_slices(version, version.slice_seconds, minutes, within, until))
    return [Slot(at, at + SECONDS, sums.bad, sums.bad) for at, sums in bad_minutes(minutes, within)]


def bad_minutes(minutes: Minutes, within: Iterable[tuple[int, int]]) -> Iterator[tuple[int, Sums]]:
    """Yield (start, counts) of the minutes with anything bad, in order. Days and hours without any are not looked at
    minute by minute: sums are cheap."""
    for start, end in within:
        for low, high in _with_bad(minutes, start, end, DAY):
            for first, last in _with_bad(minutes, low, high, HOUR):
                yield from ((at, sums) for at, sums in minutes.each(first, last) if sums.bad)


def _with_bad(minutes: Minutes, start: int, end: int, seconds: int) -> Iterator[tuple[int, int]]:
    low = start
    while low < end:
        high = min((low // seconds + 1) * seconds, end)
        if minutes.sums(low, high).bad:
            yield low, high
        low = high


def _slices(
    version: TargetVersion, seconds: int, minutes: Minutes, within: list[tuple[int, int]], until: datetime
) -> Iterator[Slot]:
    slices = slice_sums(minutes, within, seconds)
    over = {number: sums for number, sums in slices.items() if (number + 1) * seconds <= until.timestamp()}
    for number in bad_slices(version, over):
        yield Slot(number * seconds, (number + 1) * seconds, UNIT, over[number].bad)
