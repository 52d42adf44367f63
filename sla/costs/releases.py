"""Which release had how many of the bad requests: the buckets of transactions count each under its release."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from sla.choices import Indicator
from sla.costs.grid import Grid
from sla.minutes.values import UNIT
from sla.models import Measure
from tradewatch.metrics.histogram import bin_of
from tradewatch.performance.models import TransactionBucket, TransactionGroup
from tradewatch.performance.traces.queries import ALL
from tradewatch.performance.traces.weighing import unpack, weight_above

FAILURES = frozenset({Indicator.AVAILABILITY, Indicator.ERROR_RATE})
TIMES = frozenset({Indicator.PERCENTILE, Indicator.LATENCY})
_within = msgspec.msgpack.Decoder(dict[int, tuple[int, float, int, float]])

Counted = Iterator[tuple[str, int, int]]


def knows_releases(indicator: str) -> bool:
    return indicator in FAILURES or indicator in TIMES


def bad_by_release(measure: Measure, grid: Grid) -> dict[int, dict[str, int]]:
    """Return {start of a slot: {version: bad requests in millionths}}; those that named no release are left out."""
    groups = _groups(measure)
    rows = TransactionBucket.objects.filter(
        group__in=list(groups), resolution=grid.resolution, start__gte=grid.start, start__lt=grid.end
    )
    if measure.indicator in FAILURES:
        bad = rows.filter(failed__gt=0).values_list("group_id", "start", "weighted_failed")
        return grid.gather(_failed(bad.iterator(), groups))
    timed = rows.filter(measured__gt=0).values_list("group_id", "start", "measured", "within", "bins")
    return grid.gather(_slow(timed.iterator(), groups, float(measure.definition["threshold_seconds"])))


def _groups(measure: Measure) -> dict[int, str]:
    groups = TransactionGroup.objects.filter(
        project=measure.project_id, name=measure.definition.get("transaction") or ALL
    )
    if measure.environment:
        groups = groups.filter(environment=measure.environment)
    return dict(groups.exclude(release="").values_list("pk", "release"))


def _failed(rows: Iterator[tuple[int, int, float]], groups: Mapping[int, str]) -> Counted:
    for group_id, at, weighted in rows:
        yield groups[group_id], at, round(weighted * UNIT)


def _slow(rows: Iterator[tuple[Any, ...]], groups: Mapping[int, str], threshold_seconds: float) -> Counted:
    """Yield those over the threshold: exactly where it was counted for all of them, else from the histogram, ±1%."""
    threshold_ms = round(threshold_seconds * 1000)
    for group_id, at, measured, within, bins in rows:
        counted = _within.decode(bytes(within)).get(threshold_ms) if within else None
        if counted is not None and counted[0] == measured:
            slow = counted[1] - counted[3]
        else:
            slow = weight_above(unpack(bytes(bins)), bin_of(threshold_seconds))
        if slow > 0:
            yield groups[group_id], at, round(slow * UNIT)
