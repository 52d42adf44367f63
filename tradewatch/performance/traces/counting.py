"""Counting transactions and spans, in the caller's transaction: one read and one write a bucket and batch.

A late one goes to the buckets of its own time. Buckets are written in the order of their keys, so that two digests
never wait for each other in a circle.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeVar

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
from tradewatch.performance.traces.tagged import TaggedPlace, add_tagged, tagged_places
from tradewatch.performance.traces.thresholds import DEFAULT, Expectations, expectations

_TRANSACTIONS, _SPANS = "performance_transactionbucket", "performance_spanbucket"
_KEY = ("group_id", "resolution", "start")
_MINUTES_A_DAY = Resolution.DAY // 60

AnyFigures = TypeVar("AnyFigures", Figures, SpanFigures)


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """One transaction that ended at a moment (epoch seconds). `weight` is 1 / its client's sample rate.

    `tags`: all it carries; those that somebody asks for are counted by themselves.
    """

    place: TransactionPlace
    at_epoch: float
    seconds: float | None
    is_failed: bool = False
    weight: float = 1.0
    tags: Mapping[str, str] = field(default_factory=dict)

    def count_into(self, figures: Figures, wanted: Expectations) -> None:
        figures.count_one(
            self.seconds,
            is_failed=self.is_failed,
            weight=self.weight,
            apdex_seconds=wanted.apdex_seconds,
            latency_ms=wanted.latency_ms,
        )


class SpanRow(NamedTuple):
    """What the spans of one operation add up to in one transaction, which ended at a moment."""

    place: SpanPlace
    at_epoch: float
    part: Part
    weight: float = 1.0


def add_transactions(rows: Sequence[TransactionRow], *, now: datetime) -> frozenset[TransactionPlace]:
    """Add to the buckets of minutes, hours and days, of each place and of all together; return places never met before.

    Exact: give each transaction once, after knowing that it is new.
    """
    expected = expectations({row.place.project_id for row in rows}, now)
    minutes: dict[tuple[TransactionPlace, int], Figures] = {}
    tagged: defaultdict[tuple[TaggedPlace, int], Figures] = defaultdict(Figures)
    for row in rows:
        minute = int(row.at_epoch) // 60
        wanted = expected.get(row.place.project_id, DEFAULT)
        row.count_into(minutes.setdefault((row.place, minute), Figures()), wanted)
        for tagged_place in tagged_places(row.place, row.tags, wanted.tags) if wanted.tags else ():
            row.count_into(tagged[tagged_place, minute], wanted)
    for (place, minute), figures in list(minutes.items()):
        minutes.setdefault((place._replace(name=ALL, op=""), minute), Figures()).merge(figures)
    groups = transaction_groups(_last_days(minutes), now=now)
    buckets = _by_bucket(minutes, groups.ids)
    known = bulk.read_locked(_TRANSACTIONS, _KEY, TRANSACTION_COLUMNS, list(buckets), blank=Figures().stored())
    written = []
    for bucket, parts in buckets.items():
        whole = Figures()
        whole.merge_stored(known[bucket])
        for part in parts:
            whole.merge(part)
        written.append((*bucket, *whole.stored()))
    bulk.write_locked(_TRANSACTIONS, _KEY, TRANSACTION_COLUMNS, written)
    add_tagged(tagged)
    return groups.new


def add_spans(rows: Iterable[SpanRow], *, now: datetime) -> None:
    """Add to the buckets of minutes, hours and days. Exact: give each span once."""
    minutes: dict[tuple[SpanPlace, int], SpanFigures] = {}
    for place, at_epoch, part, weight in rows:
        key = place, int(at_epoch) // 60
        figures = minutes.get(key)
        if figures is None:
            figures = minutes[key] = SpanFigures()
        figures.count_some(part.spans, part.failed, part.seconds, part.exclusive_seconds, part.bins, weight)
    groups = span_groups(_last_days(minutes), now=now)
    buckets = _by_bucket(minutes, groups.ids)
    known = bulk.read_locked(_SPANS, _KEY, SPAN_COLUMNS, list(buckets), blank=SpanFigures().stored())
    written = []
    for bucket, parts in buckets.items():
        whole = SpanFigures()
        whole.merge_stored(known[bucket])
        for each in parts:
            whole.merge(each)
        written.append((*bucket, *whole.stored()))
    bulk.write_locked(_SPANS, _KEY, SPAN_COLUMNS, written)


def _last_days(minutes: Mapping[tuple[Place, int], object]) -> dict[Place, int]:
    days: dict[Place, int] = {}
    for place, minute in minutes:
        days[place] = max(days.get(place, 0), minute // _MINUTES_A_DAY)
    return days


def _by_bucket(
    minutes: Mapping[tuple[Place, int], AnyFigures], ids: Mapping[Place, int]
) -> dict[bulk.Key, list[AnyFigures]]:
    """Return {(group, resolution, start): what it gets} of the three resolutions."""
    buckets: dict[bulk.Key, list[AnyFigures]] = {}
    for (place, minute), figures in minutes.items():
        group, at = ids[place], minute * 60
        for resolution in (60, 3600, 86_400):
            buckets.setdefault((group, resolution, at // resolution * resolution), []).append(figures)
    return buckets
