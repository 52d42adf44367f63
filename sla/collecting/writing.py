"""Writes what was read into blocks: where it differs, and only over what was there before the source was read.

Whoever reads first, reads the blocks before the source: a block that another process has changed meanwhile is left to
the next tick, so that older counts never come over newer ones.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from sla.minutes.packing import DAY, HOUR, MINUTE, DayCounts, Minute, pack_counts
from sla.minutes.spreads import DaySpread, pack_hour, unpack_hour
from sla.models import HourSpread, MinuteBlock
from sla.sources import Counted
from tradewatch.core import bulk
from tradewatch.performance.traces.weighing import WeightedBins, merge

BLOCKS_A_TRANSACTION = 20  # digesting waits for the write lock meanwhile
_IDS_A_QUERY = 900  # SQLite of old allows 999 parameters

Key = tuple[int, int]  # measure, day


@dataclass(frozen=True, slots=True)
class Known:
    """A block as it was before its source was read."""

    pk: int
    revision: int
    counts: bytes
    bins: bytes


@dataclass(frozen=True, slots=True)
class _Change:
    """A block to write. `revision` None: it is new. `bins` {minute of the day: bins} are those that changed."""

    key: Key
    known: Known | None
    counts: bytes
    bins: Mapping[int, WeightedBins]


def known_blocks(measure_ids: Sequence[int], start: int, end: int) -> dict[Key, Known]:
    """Return the blocks of the measures that [start, end) touches; call it before reading the source."""
    found: dict[Key, Known] = {}
    for at in range(0, len(measure_ids), _IDS_A_QUERY):
        rows = MinuteBlock.objects.filter(
            measure__in=measure_ids[at : at + _IDS_A_QUERY], day__gte=start // DAY, day__lte=(end - 1) // DAY
        )
        for measure_id, day, pk, revision, counts, bins in rows.values_list(
            "measure_id", "day", "pk", "revision", "counts", "bins"
        ):
            found[measure_id, day] = Known(pk, revision, bytes(counts), bytes(bins))
    return found


def write(counted: Mapping[int, Counted], known: Mapping[Key, Known], *, only_grows: bool, now: datetime) -> int:
    """Write what differs into the blocks, some in a transaction; return how many were written.

    A minute that is there is never taken away: a source that has none any more has lost it. With `only_grows` the same
    holds of one of which less has come in than before.
    """
    changes = [change for change in _changes(counted, known, only_grows=only_grows) if change is not None]
    written = 0
    for at in range(0, len(changes), BLOCKS_A_TRANSACTION):
        part = changes[at : at + BLOCKS_A_TRANSACTION]
        with transaction.atomic():
            written += _insert([each for each in part if each.known is None], now)
            written += sum(_update(each, each.known, now) for each in part if each.known is not None)
    return written


def _changes(
    counted: Mapping[int, Counted], known: Mapping[Key, Known], *, only_grows: bool
) -> Iterable[_Change | None]:
    for measure_id in sorted(counted):
        of_measure = counted[measure_id]
        by_day: defaultdict[int, dict[int, Minute]] = defaultdict(dict)
        for at, minute in of_measure.minutes.items():
            by_day[at // DAY][at % DAY // MINUTE] = minute
        for day in sorted(by_day):
            key = measure_id, day
            yield _change(key, by_day[day], of_measure.bins, known.get(key), only_grows=only_grows)


def _change(
    key: Key,
    minutes: Mapping[int, Minute],
    bins: Mapping[int, WeightedBins],
    known: Known | None,
    *,
    only_grows: bool,
) -> _Change | None:
    block = DayCounts(known.counts) if known else None
    before = dict(block.each(min(minutes), max(minutes) + 1)) if block else {}
    changed = {
        at: minute
        for at, minute in minutes.items()
        if minute != (old := before.get(at)) and not (only_grows and old and minute.received < old.received)
    }
    if not changed:
        return None
    whole = dict(block.each()) | changed if block else changed
    base = key[1] * DAY
    spreads = {at: bins[base + at * MINUTE] for at in changed if base + at * MINUTE in bins}
    return _Change(key, known, pack_counts(whole), spreads)


def _insert(changes: Sequence[_Change], now: datetime) -> int:
    rows = [(*each.key, 1, each.counts, b"", now) for each in changes]
    columns = ("measure_id", "day", "revision", "counts", "bins", "updated_at")
    new = bulk.insert_new("sla_minuteblock", columns, ("measure_id", "day"), rows)
    for each in changes:
        if each.key in new and each.bins:
            bins = _write_spreads(each.key, each.bins, b"")
            MinuteBlock.objects.filter(measure=each.key[0], day=each.key[1]).update(bins=bins)
    return len(new)


def _update(change: _Change, known: Known, now: datetime) -> int:
    """Return 1, or 0 when another process has changed the block since it was read."""
    block = MinuteBlock.objects.filter(pk=known.pk, revision=known.revision)
    if not block.update(counts=change.counts, revision=known.revision + 1, updated_at=now):
        return 0
    if change.bins:  # the block is locked from here on, and with it the hours
        MinuteBlock.objects.filter(pk=known.pk).update(bins=_write_spreads(change.key, change.bins, known.bins))
    return 1


def _write_spreads(key: Key, bins: Mapping[int, WeightedBins], day: bytes) -> bytes:
    """Write the histograms of the hours that changed, and return those of the day's half hours."""
    measure_id, number = key
    first = number * DAY // HOUR
    changed: defaultdict[int, dict[int, WeightedBins]] = defaultdict(dict)
    for at, spread in bins.items():
        changed[at // 60][at % 60] = spread
    stored = HourSpread.objects.filter(measure=measure_id, hour__in=[first + hour for hour in changed])
    minutes = {hour - first: unpack_hour(bytes(data)) for hour, data in stored.values_list("hour", "bins")}
    half_hours: dict[int, WeightedBins] = {}
    rows = []
    for hour, spreads in sorted(changed.items()):
        whole = minutes.get(hour, {}) | spreads
        rows.append(HourSpread(measure_id=measure_id, hour=first + hour, bins=pack_hour(whole)))
        for half in (0, 1):
            half_hours[2 * hour + half] = merge(each for at, each in sorted(whole.items()) if at // 30 == half)
    HourSpread.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["measure", "hour"], update_fields=["bins"]
    )
    return DaySpread(day).with_half_hours(half_hours)
