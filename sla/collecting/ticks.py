"""Ticks: idempotent, and harmless when two come at once."""

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime

from django.db import DatabaseError
from django.db.models import Q

from sla.collecting import plans, writing
from sla.collecting.plans import Stretch
from sla.measuring import in_force
from sla.models import Measure
from sla.sources import has_source, source_of

SECONDS_A_TICK = 5.0  # for what lies back in time: the next tick goes on, others want the worker too
MEASURES_AT_ONCE = 100

logger = logging.getLogger(__name__)

Judge = Callable[[datetime], object]
_judges: list[Judge] = []


def when_collected(judge: Judge) -> None:
    """Call `judge` with the tick's moment after each time the newest minutes were collected; from an app's `ready`."""
    _judges.append(judge)


def collect(now: datetime) -> int:
    """Read again what may have changed of every measure in force; return how many blocks changed."""
    measures = [each for each in in_force(now).order_by("pk") if has_source(each.indicator)]
    written = _read_newest(measures, now, time.monotonic() + SECONDS_A_TICK)
    for judge in _judges:
        judge(now)
    until = time.monotonic() + SECONDS_A_TICK
    written += _read_older(measures, now, until)
    return written + sum(_read_backwards(each, now, until) for each in measures if _lacks(each, now))


def backfill(measure: Measure, now: datetime) -> int:
    """Read all that the source still holds and was never read; return how many blocks changed."""
    written = 0
    if measure.covered_from is None:
        written = _read_newest([measure], now, time.monotonic() + SECONDS_A_TICK)
        measure.refresh_from_db()
    return written + _read_backwards(measure, now, float("inf"))


def _read_newest(measures: Sequence[Measure], now: datetime, until: float) -> int:
    """Read the newest of all; after a gap of days the oldest of it first, as far as the tick's time goes."""
    written = 0
    for (indicator, stretch), together in _grouped(measures, now):
        for part in plans.chunks(stretch):
            written += _read_each(indicator, together, part, now)
            _note(together, part, now)
            if time.monotonic() > until and stretch.end - part.end > plans.EACH_HOUR:
                break
    return written


def _read_older(measures: Sequence[Measure], now: datetime, until: float) -> int:
    """Read the days again that are this hour's. What the tick has no time for comes tomorrow."""
    written = 0
    by_day: defaultdict[tuple[str, Stretch], list[Measure]] = defaultdict(list)
    for measure in measures:
        for stretch in plans.older(_epoch(now), _last(measure), _held_from(measure, now)):
            by_day[measure.indicator, stretch].append(measure)
    newest_first = sorted(by_day.items(), key=lambda each: (-each[0][1].start, each[0][0]))
    for (indicator, stretch), together in newest_first:
        if time.monotonic() > until:
            break
        written += sum(_read_each(indicator, part, stretch, now) for part in _parts(together))
    return written


def _read_backwards(measure: Measure, now: datetime, until: float) -> int:
    covered_from, held_from = measure.covered_from, _held_from(measure, now)
    written = 0
    if covered_from is not None:
        for stretch in plans.backwards(_epoch(covered_from), held_from):
            if time.monotonic() > until:
                break
            written += _read_each(measure.indicator, [measure], stretch, now)
            Measure.objects.filter(pk=measure.pk, covered_from__gt=_moment(stretch.start)).update(
                covered_from=_moment(stretch.start)
            )
    return written


def _read_each(indicator: str, measures: Sequence[Measure], stretch: Stretch, now: datetime) -> int:
    """Like `_read`, but one that cannot be read keeps no other from it."""
    try:
        return _read(indicator, measures, stretch, now)
    except DatabaseError:
        raise
    except Exception:
        if len(measures) > 1:
            return sum(_read_each(indicator, [each], stretch, now) for each in measures)
        logger.exception("minutes cannot be read measure=%s", measures[0].pk)
        return 0


def _read(indicator: str, measures: Sequence[Measure], stretch: Stretch, now: datetime) -> int:
    """Read a stretch of measures of one indicator into their blocks; what the source has dropped stays as it is."""
    source = source_of(indicator)
    start = max(stretch.start, _held_from(measures[0], now))
    if start >= stretch.end:
        return 0
    known = writing.known_blocks([each.pk for each in measures], start, stretch.end)
    counted = source.read(measures, start, stretch.end, now)
    return writing.write(counted, known, only_grows=source.only_grows, now=now)


def _grouped(measures: Iterable[Measure], now: datetime) -> Iterator[tuple[tuple[str, Stretch], Sequence[Measure]]]:
    """Yield those of one indicator that are to be read over the same stretch, a bounded number together."""
    groups: defaultdict[tuple[str, Stretch], list[Measure]] = defaultdict(list)
    for measure in measures:
        stretch = plans.newest(_epoch(now), _last(measure))
        start = max(stretch.start, min(_held_from(measure, now), stretch.end))
        groups[measure.indicator, Stretch(start, stretch.end)].append(measure)
    for key in sorted(groups):
        for part in _parts(groups[key]):
            yield key, part


def _parts(measures: Sequence[Measure]) -> Iterator[Sequence[Measure]]:
    return (measures[at : at + MEASURES_AT_ONCE] for at in range(0, len(measures), MEASURES_AT_ONCE))


def _note(measures: Sequence[Measure], part: Stretch, now: datetime) -> None:
    """Note how far they were read: no farther than now, also where the clock was ahead before."""
    rows = Measure.objects.filter(pk__in=[each.pk for each in measures])
    floor = _epoch(now) // plans.MINUTE * plans.MINUTE
    until = _moment(min(part.end, floor))
    never = Q(collected_until=None)
    rows.filter(never | Q(collected_until__lt=until) | Q(collected_until__gt=_moment(floor))).update(
        collected_until=until
    )
    rows.filter(covered_from=None).update(covered_from=_moment(part.start))
    for measure in measures:
        measure.covered_from = measure.covered_from or _moment(part.start)


def _lacks(measure: Measure, now: datetime) -> bool:
    return measure.covered_from is not None and _epoch(measure.covered_from) > _held_from(measure, now)


def _held_from(measure: Measure, now: datetime) -> int:
    held_from = _epoch(source_of(measure.indicator).held_from(now))
    return -(-held_from // plans.MINUTE) * plans.MINUTE


def _last(measure: Measure) -> int | None:
    return None if measure.collected_until is None else _epoch(measure.collected_until)


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
