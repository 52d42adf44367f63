"""Spans as pages ask for them: what transactions wait for, by operation. Intervals as in `queries`."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewatch.metrics.models import Resolution
from tradewatch.performance.models import SpanGroup
from tradewatch.performance.traces import buckets
from tradewatch.performance.traces.figures import SpanFigures


@dataclass(frozen=True, slots=True, order=True)
class SpanKey:
    """An operation. `description` has its literals and ids taken out, `<other>` past the bound."""

    category: str
    op: str
    description: str


def slowest_spans(
    project_ids: Sequence[int],
    start: int,
    end: int,
    *,
    environment: str | None = None,
    transaction: str | None = None,
    category: str | None = None,
    limit: int = 50,
) -> list[tuple[SpanKey, SpanFigures]]:
    """Return operations and their figures, those that take the most time in all first."""
    groups = _groups(project_ids, start, environment, transaction, category)
    places = {pk: SpanKey(each.category, each.op, each.description) for pk, each in groups.items()}
    found = buckets.spans(places, start, end)
    return sorted(found.items(), key=lambda each: (-each[1].seconds, each[0]))[:limit]


def by_category(
    project_ids: Sequence[int],
    start: int,
    end: int,
    *,
    environment: str | None = None,
    transaction: str | None = None,
) -> dict[str, SpanFigures]:
    """Return {category: figures}; `exclusive_seconds` of different categories do not overlap, `seconds` may."""
    groups = _groups(project_ids, start, environment, transaction, None)
    return buckets.spans({pk: each.category for pk, each in groups.items()}, start, end)


def transactions_with(
    project_ids: Sequence[int], start: int, end: int, key: SpanKey, *, environment: str | None = None
) -> dict[str, SpanFigures]:
    """Return {transaction name: figures} of one operation: who waits for it."""
    groups = _groups(project_ids, start, environment, None, key.category)
    places = {
        pk: each.transaction for pk, each in groups.items() if (each.op, each.description) == (key.op, key.description)
    }
    return buckets.spans(places, start, end)


def span_points(
    project_ids: Sequence[int],
    start: int,
    end: int,
    resolution: int,
    *,
    key: SpanKey | None = None,
    category: str | None = None,
    environment: str | None = None,
    transaction: str | None = None,
) -> list[tuple[int, SpanFigures]]:
    """Return (bucket start, figures) in time order of one operation, one category, or all spans."""
    groups = _groups(project_ids, start, environment, transaction, key.category if key else category)
    chosen = [
        pk for pk, each in groups.items() if key is None or (each.op, each.description) == (key.op, key.description)
    ]
    found = buckets.spans_over_time(dict.fromkeys(chosen, 0), start, end, resolution)
    return sorted(((at, figures) for (_, at), figures in found.items()), key=lambda point: point[0])


def _groups(
    project_ids: Sequence[int], start: int, environment: str | None, transaction: str | None, category: str | None
) -> dict[int, SpanGroup]:
    groups = SpanGroup.objects.filter(project__in=project_ids, last_day__gte=start // Resolution.DAY)
    if environment is not None:
        groups = groups.filter(environment=environment)
    if transaction is not None:
        groups = groups.filter(transaction=transaction)
    if category is not None:
        groups = groups.filter(category=category)
    return groups.in_bulk()
