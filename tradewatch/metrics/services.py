"""Counting, in the caller's transaction. Everything is added up in memory first: one write a bucket and batch.

Buckets are written in the order of their keys, so that two digests never wait for each other in a circle.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradewatch.core import bulk
from tradewatch.metrics import histogram, sketch
from tradewatch.metrics.models import Resolution

_KEY = ["project_id", "environment", "series", "resolution", "start"]
_USERS_KEY = ["project_id", "environment", "resolution", "start"]
INSTALLATION = 0  # the project of what is counted of the whole installation
_SKETCHED = (Resolution.HOUR, Resolution.DAY)
_MAX_SERIES, _MAX_ENVIRONMENT = 220, 64


@dataclass(frozen=True, slots=True)
class CountRow:
    """`count` things of a series at a moment (epoch seconds). `weighted` is each of them divided by its sample rate."""

    project_id: int
    environment: str
    series: str
    at_epoch: float
    count: int = 1
    weighted: float = 1.0


@dataclass(frozen=True, slots=True)
class DurationRow:
    """One duration of a series at a moment (epoch seconds)."""

    project_id: int
    environment: str
    series: str
    at_epoch: float
    seconds: float


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """`count` durations of a series at a moment, in the bins of a histogram; `total` is their sum in seconds."""

    project_id: int
    environment: str
    series: str
    at_epoch: float
    count: int
    total: float
    bins: histogram.Bins


@dataclass(frozen=True, slots=True)
class UserRow:
    """That `user` (anything that tells users apart) was met at a moment (epoch seconds). Only a hash is kept."""

    project_id: int
    environment: str
    at_epoch: float
    user: str


@dataclass(frozen=True, slots=True)
class DistinctRow:
    """That `value` was met in a series at a moment (epoch seconds). Only a hash is kept; again changes nothing."""

    project_id: int
    environment: str
    series: str
    at_epoch: float
    value: str


def add_counts(rows: Sequence[CountRow]) -> None:
    """Add to the buckets of minutes, hours and days. Exact: give each thing once, after knowing that it is new."""
    minutes: dict[tuple[int, str, str, int], tuple[int, float]] = {}
    for row in rows:
        key = (row.project_id, row.environment, row.series, int(row.at_epoch) // 60)
        count, weighted = minutes.get(key, (0, 0.0))
        minutes[key] = (count + row.count, weighted + row.weighted)
    bulk.add_up(
        "metrics_counter",
        _KEY,
        ["count", "weighted"],
        [
            (*_bucket(project_id, environment, series, minute, resolution), count, weighted)
            for (project_id, environment, series, minute), (count, weighted) in minutes.items()
            for resolution in Resolution
        ],
    )


def add_durations(rows: Sequence[DurationRow]) -> None:
    """Add to the histograms of minutes, hours and days."""
    by_minute: defaultdict[tuple[int, str, str, int], list[float]] = defaultdict(list)
    for row in rows:
        by_minute[row.project_id, row.environment, row.series, int(row.at_epoch) // 60].append(row.seconds)
    add_spreads(
        [
            SpreadRow(project, environment, series, minute * 60, len(each), sum(each), histogram.bins_of(each))
            for (project, environment, series, minute), each in by_minute.items()
        ]
    )


def add_spreads(rows: Sequence[SpreadRow]) -> None:
    """Like `add_durations`, for durations that are in bins already."""
    by_bucket: defaultdict[bulk.Key, list[SpreadRow]] = defaultdict(list)
    for row in rows:
        for resolution in Resolution:
            minute = int(row.at_epoch) // 60
            by_bucket[_bucket(row.project_id, row.environment, row.series, minute, resolution)].append(row)
    values = ["count", "total", "bins"]
    stored = bulk.read_locked("metrics_histogram", _KEY, values, list(by_bucket), blank=(0, 0.0, b""))
    merged = []
    for key, spreads in by_bucket.items():
        count, total, bins = stored[key]
        union = histogram.merge([histogram.unpack(bytes(bins)), *(each.bins for each in spreads)])
        count, total = count + sum(each.count for each in spreads), total + sum(each.total for each in spreads)
        merged.append((*key, count, total, histogram.pack(union)))
    bulk.write_locked("metrics_histogram", _KEY, values, merged)


def add_users(rows: Sequence[UserRow]) -> None:
    """Add to the sketches of hours and days."""
    by_bucket: defaultdict[bulk.Key, set[str]] = defaultdict(set)
    for row in rows:
        for resolution in _SKETCHED:
            start = int(row.at_epoch) // resolution * int(resolution)
            by_bucket[(row.project_id, row.environment[:_MAX_ENVIRONMENT], int(resolution), start)].add(row.user)
    _merge_sketches("metrics_usersketch", _USERS_KEY, by_bucket)


def add_distinct(rows: Sequence[DistinctRow]) -> None:
    """Add to the sketches of hours and days of series."""
    by_bucket: defaultdict[bulk.Key, set[str]] = defaultdict(set)
    for row in rows:
        for resolution in _SKETCHED:
            minute = int(row.at_epoch) // 60
            by_bucket[_bucket(row.project_id, row.environment, row.series, minute, resolution)].add(row.value)
    _merge_sketches("metrics_seriessketch", _KEY, by_bucket)


def _merge_sketches(table: str, columns: list[str], by_bucket: Mapping[bulk.Key, set[str]]) -> None:
    stored = bulk.read_locked(table, columns, ["registers"], list(by_bucket), blank=(b"",))
    merged = []
    for key, values in by_bucket.items():
        known = sketch.unpack(bytes(stored[key][0]))
        merged.append((*key, sketch.pack(sketch.merge([known, sketch.registers_of(values)]))))
    bulk.write_locked(table, columns, ["registers"], merged)


def _bucket(project_id: int, environment: str, series: str, minute: int, resolution: Resolution) -> bulk.Key:
    start = minute * 60 // resolution * int(resolution)
    return (project_id, environment[:_MAX_ENVIRONMENT], series[:_MAX_SERIES], int(resolution), start)
