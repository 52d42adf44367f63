"""Which bucket rows cover an interval, added up into figures."""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, TypeVar

from django.db.models import Q

from tradewatch.metrics.models import Resolution
from tradewatch.metrics.queries import stretches
from tradewatch.performance.models import SpanBucket, TransactionBucket
from tradewatch.performance.traces.figures import SPAN_COLUMNS, TRANSACTION_COLUMNS, Figures, SpanFigures

FEW_GROUPS = 200  # up to so many the index of groups is quicker than reading all that happened in the interval

Place = TypeVar("Place", bound=Hashable)


def transactions(groups: Mapping[int, Place], start: int, end: int) -> dict[Place, Figures]:
    """Return {place: figures over [start, end)}, where anything happened; `groups` says what each group belongs to."""
    found: dict[Place, Figures] = {}
    for stretch in stretches(start, end):
        for group_id, _, *values in _rows(TransactionBucket, stretch, groups, TRANSACTION_COLUMNS):
            found.setdefault(groups[group_id], Figures()).merge_stored(values)
    return found


def transactions_over_time(
    groups: Mapping[int, Place], start: int, end: int, resolution: int
) -> dict[tuple[Place, int], Figures]:
    """Return {(place, bucket start): figures}; `resolution` is any multiple of 60 seconds."""
    found: dict[tuple[Place, int], Figures] = {}
    condition = _widest(start, end, resolution)
    for group_id, at, *values in _rows(TransactionBucket, condition, groups, TRANSACTION_COLUMNS):
        found.setdefault((groups[group_id], at // resolution * resolution), Figures()).merge_stored(values)
    return found


def spans(groups: Mapping[int, Place], start: int, end: int) -> dict[Place, SpanFigures]:
    """Return {place: figures over [start, end)}, where anything happened."""
    found: dict[Place, SpanFigures] = {}
    for stretch in stretches(start, end):
        for group_id, _, *values in _rows(SpanBucket, stretch, groups, SPAN_COLUMNS):
            found.setdefault(groups[group_id], SpanFigures()).merge_stored(values)
    return found


def spans_over_time(
    groups: Mapping[int, Place], start: int, end: int, resolution: int
) -> dict[tuple[Place, int], SpanFigures]:
    """Return {(place, bucket start): figures}; `resolution` is any multiple of 60 seconds."""
    found: dict[tuple[Place, int], SpanFigures] = {}
    for group_id, at, *values in _rows(SpanBucket, _widest(start, end, resolution), groups, SPAN_COLUMNS):
        found.setdefault((groups[group_id], at // resolution * resolution), SpanFigures()).merge_stored(values)
    return found


def _widest(start: int, end: int, resolution: int) -> Q:
    """Cover [start, end) by the widest buckets that fit into `resolution`."""
    stored = max(each for each in Resolution if resolution % each == 0)
    return Q(resolution=stored, start__gte=start // resolution * resolution, start__lt=end)


def _rows(
    model: type[TransactionBucket] | type[SpanBucket],
    condition: Q,
    groups: Mapping[int, object],
    columns: tuple[str, ...],
) -> Iterator[tuple[Any, ...]]:
    """Yield (group id, start, columns...) of the groups' buckets."""
    if not groups:
        return
    rows = model._default_manager.filter(condition)
    if len(groups) <= FEW_GROUPS:
        rows = rows.filter(group__in=list(groups))
    for row in rows.values_list("group_id", "start", *columns).iterator():
        if row[0] in groups:
            yield row
