"""Counting transactions and spans, in the caller's transaction: one read and one write a bucket and batch.

A late one goes to the buckets of its own time. Buckets are written in the order of their keys, so that two digests
never wait for each other in a circle.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from tradewatch.core import bulk
from tradewatch.metrics.models import Resolution
from tradewatch.performance.traces.figures import SPAN_COLUMNS, TRANSACTION_COLUMNS, Figures, SpanFigures
from tradewatch.performance.traces.groups import (
    ALL,
    Place,
    SpanPlace,
    TransactionPlace,
    span_groups,
    transaction_groups,
)
from tradewatch.performance.traces.sums import Part
from tradewatch.performance.traces.thresholds import DEFAULT, expectations

_KEY = ("group_id", "resolution", "start")
_MINUTES_A_DAY = Resolution.DAY // 60

AnyFigures = TypeVar("AnyFigures", Figures, SpanFigures)
Buckets = Mapping[bulk.Key, Figures] | Mapping[bulk.Key, SpanFigures]


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """One transaction that ended at a moment (epoch seconds). `weight` is 1 / its client's sample rate."""

    place: TransactionPlace
    at_epoch: float
    seconds: float | None
    is_failed: bool = False
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class SpanRow:
    """What the spans of one operation add up to in one transaction, which ended at a moment."""

    place: SpanPlace
    at_epoch: float
    part: Part
    weight: float = 1.0


def add_transactions(rows: Sequence[TransactionRow], *, now: datetime) -> frozenset[TransactionPlace]:
    """Add to the buckets of minutes, hours and days, of each place and of all together; return places never met before.

    Exact: give each transaction once, after knowing that it is new.
    """
    expected = expectations({row.place.project_id for row in rows})
    minutes: dict[tuple[TransactionPlace, int], Figures] = {}
    for row in rows:
        key = row.place, int(row.at_epoch) // 60
        if key not in minutes:
            minutes[key] = Figures()
        wanted = expected.get(row.place.project_id, DEFAULT)
        minutes[key].count_one(
            row.seconds,
            is_failed=row.is_failed,
            weight=row.weight,
            apdex_seconds=wanted.apdex_seconds,
            latency_ms=wanted.latency_ms,
        )
    for (place, minute), figures in list(minutes.items()):
        minutes.setdefault((place._replace(name=ALL, op=""), minute), Figures()).merge(figures)
    groups = transaction_groups(_last_days(minutes), now=now)
    _add(
        "performance_transactionbucket",
        TRANSACTION_COLUMNS,
        _by_bucket(minutes, groups.ids, Figures),
        blank=Figures().stored(),
    )
    return groups.new


def add_spans(rows: Sequence[SpanRow], *, now: datetime) -> None:
    """Add to the buckets of minutes, hours and days. Exact: give each span once."""
    minutes: dict[tuple[SpanPlace, int], SpanFigures] = {}
    for row in rows:
        key = row.place, int(row.at_epoch) // 60
        if key not in minutes:
            minutes[key] = SpanFigures()
        part = row.part
        minutes[key].count_some(
            part.spans, part.failed, part.seconds, part.exclusive_seconds, part.bins, weight=row.weight
        )
    groups = span_groups(_last_days(minutes), now=now)
    _add(
        "performance_spanbucket",
        SPAN_COLUMNS,
        _by_bucket(minutes, groups.ids, SpanFigures),
        blank=SpanFigures().stored(),
    )


def _last_days(minutes: Mapping[tuple[Place, int], object]) -> dict[Place, int]:
    days: dict[Place, int] = {}
    for place, minute in minutes:
        days[place] = max(days.get(place, 0), minute // _MINUTES_A_DAY)
    return days


def _by_bucket(
    minutes: Mapping[tuple[Place, int], AnyFigures], ids: Mapping[Place, int], blank: Callable[[], AnyFigures]
) -> dict[bulk.Key, AnyFigures]:
    """Return {(group, resolution, start): figures} of the three resolutions."""
    buckets: dict[bulk.Key, AnyFigures] = {}
    for (place, minute), figures in minutes.items():
        group = ids[place]
        for resolution in (60, 3600, 86_400):
            key = group, resolution, minute * 60 // resolution * resolution
            if key not in buckets:
                buckets[key] = blank()
            buckets[key].merge(figures)
    return buckets


def _add(table: str, columns: Sequence[str], buckets: Buckets, *, blank: bulk.Row) -> None:
    known = bulk.read_locked(table, _KEY, columns, list(buckets), blank=blank)
    rows = []
    for key, figures in buckets.items():
        figures.merge_stored(known[key])
        rows.append((*key, *figures.stored()))
    bulk.write_locked(table, _KEY, columns, rows)
