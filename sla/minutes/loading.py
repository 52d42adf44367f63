"""Reads the blocks of measures: those that memory does not hold, in few queries however many measures there are."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple, TypeVar

from sla.minutes.dense import DenseMinutes
from sla.minutes.memory import Memory
from sla.minutes.packing import DAY, DayCounts
from sla.minutes.spreads import DaySpread, unpack_hour
from sla.models import HourSpread, Measure, MinuteBlock
from tradewatch.performance.traces.weighing import WeightedBins

_KEYS_A_QUERY = 900  # SQLite of old allows 999 parameters

Unpacked = TypeVar("Unpacked", DayCounts, DaySpread)

_counts: Memory[DayCounts] = Memory()
_spreads: Memory[DaySpread] = Memory()


class _Block(NamedTuple):
    pk: int
    measure_id: int
    day: int
    revision: int


def load(measures: Iterable[Measure], start: datetime, end: datetime) -> dict[int, DenseMinutes]:
    """Return {measure id: its minutes within [start, end)}. Histograms are read when they are first asked for."""
    wanted = {measure.pk for measure in measures}
    blocks = _blocks(wanted, int(start.timestamp()) // DAY, (int(end.timestamp()) - 1) // DAY)
    counts = _remembered(_counts, "counts", DayCounts, blocks)
    by_measure: defaultdict[int, dict[int, DayCounts]] = defaultdict(dict)
    for block in blocks:
        if (found := counts.get(block.pk)) is not None:
            by_measure[block.measure_id][block.day] = found
    days = _SharedDays(blocks)
    return {pk: DenseMinutes(by_measure[pk], _StoredSpreads(pk, days)) for pk in wanted}


def forget() -> None:
    """Make the next load read the database (in tests, whose ids come again)."""
    _counts.clear()
    _spreads.clear()


class _SharedDays:
    """The spreads of the days of all measures that were loaded together, read at once."""

    def __init__(self, blocks: Sequence[_Block]) -> None:
        self._blocks = blocks
        self._found: Mapping[int, Mapping[int, DaySpread]] | None = None

    def of(self, measure_id: int) -> Mapping[int, DaySpread]:
        if self._found is None:
            spreads = _remembered(_spreads, "bins", DaySpread, self._blocks)
            found: defaultdict[int, dict[int, DaySpread]] = defaultdict(dict)
            for block in self._blocks:
                if (spread := spreads.get(block.pk)) is not None and not spread.is_empty:
                    found[block.measure_id][block.day] = spread
            self._found = found
        return self._found.get(measure_id, {})


class _StoredSpreads:
    """`Spreads` of one measure."""

    def __init__(self, measure_id: int, days: _SharedDays) -> None:
        self._measure_id, self._days = measure_id, days

    def days(self) -> Mapping[int, DaySpread]:
        return self._days.of(self._measure_id)

    def hours(self, hours: Sequence[int]) -> Mapping[int, Mapping[int, WeightedBins]]:
        rows = (
            HourSpread.objects.filter(measure=self._measure_id, hour__in=part).values_list("hour", "bins")
            for part in _parts(hours)
        )
        return {hour: unpack_hour(bytes(bins)) for part in rows for hour, bins in part}


def _blocks(measure_ids: Iterable[int], first_day: int, last_day: int) -> list[_Block]:
    found: list[_Block] = []
    for part in _parts(sorted(measure_ids)):
        rows = MinuteBlock.objects.filter(measure__in=part, day__gte=first_day, day__lte=last_day)
        found += (_Block(*row) for row in rows.values_list("pk", "measure_id", "day", "revision"))
    return found


def _remembered(
    memory: Memory[Unpacked], column: str, unpack: type[Unpacked], blocks: Sequence[_Block]
) -> dict[int, Unpacked]:
    """Return {block id: what is in its column}, from memory where that holds it."""
    found: dict[int, Unpacked] = {}
    missing: dict[int, int] = {}
    for block in blocks:
        if (known := memory.get((block.pk, block.revision))) is not None:
            found[block.pk] = known
        else:
            missing[block.pk] = block.revision
    for part in _parts(sorted(missing)):
        rows = MinuteBlock.objects.filter(pk__in=part).values_list("pk", "revision", column)
        for pk, revision, data in rows.iterator():
            found[pk] = unpack(bytes(data))
            memory.put((pk, revision), found[pk])
    return found


def _parts(values: Sequence[int]) -> Iterator[Sequence[int]]:
    return (values[start : start + _KEYS_A_QUERY] for start in range(0, len(values), _KEYS_A_QUERY))
