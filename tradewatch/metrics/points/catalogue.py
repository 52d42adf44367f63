"""Which metrics there are, with which attributes and values, and what the cap has folded."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tradewatch.metrics import sketch
from tradewatch.metrics.models import Metric, MetricFold, MetricSeries

MOST_VALUES = 200  # of an attribute, to choose from
MOST_SERIES = 20_000  # that values are gathered from


@dataclass(frozen=True, slots=True)
class Named:
    """A metric of one type and unit, over all environments and projects asked for."""

    name: str
    type: str
    unit: str
    points: int
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class FoldedAttribute:
    """What the cap folded of an attribute: `values` is approximate (shown with ≈)."""

    attribute: str
    points: int
    values: int
    hours: int
    examples: tuple[str, ...]


def names(project_ids: Sequence[int], *, environment: str | None = None, since: datetime | None = None) -> list[Named]:
    """Return the metrics that had a point since then, by name; of one name the type and unit with most points first."""
    rows = Metric.objects.filter(project_id__in=project_ids)
    if environment is not None:
        rows = rows.filter(environment=environment)
    if since is not None:
        rows = rows.filter(last_seen_at__gte=since)
    by_kind: defaultdict[tuple[str, str, str], list[Metric]] = defaultdict(list)
    for row in rows:
        by_kind[row.name, row.type, row.unit].append(row)
    found = [
        Named(
            *kind,
            points=sum(metric.points for metric in metrics),
            first_seen_at=min(metric.first_seen_at for metric in metrics),
            last_seen_at=max(metric.last_seen_at for metric in metrics),
        )
        for kind, metrics in by_kind.items()
    ]
    return sorted(found, key=lambda each: (each.name, -each.points, each.type, each.unit))


def attributes(metrics: Sequence[Metric], *, since: datetime | None = None) -> dict[str, list[str]]:
    """Return {attribute: its values}, the most frequent of at most 200 first; from the newest series."""
    rows = MetricSeries.objects.filter(metric__in=[metric.pk for metric in metrics])
    if since is not None:
        rows = rows.filter(last_seen_at__gte=since - timedelta(days=1))  # its moment is the first of its last day
    values: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for pairs in rows.order_by("-last_seen_at").values_list("attributes", flat=True)[:MOST_SERIES]:
        for name, value in pairs.items():
            values[name][value] += 1
    return {
        name: [value for value, _ in sorted(values[name].items(), key=lambda each: (-each[1], each[0]))[:MOST_VALUES]]
        for name in sorted(values)
    }


def folded(metrics: Sequence[Metric], start: int, end: int) -> list[FoldedAttribute]:
    """Return what the cap folded in the hours that begin within [start - 1 h, end), the most points first."""
    rows = MetricFold.objects.filter(
        metric__in=[metric.pk for metric in metrics], start__gt=start - 3600, start__lt=end
    )
    by_attribute: defaultdict[str, list[MetricFold]] = defaultdict(list)
    for row in rows:
        by_attribute[row.attribute].append(row)
    found = [
        FoldedAttribute(
            name,
            points=sum(row.points for row in of_name),
            values=sketch.estimate(sketch.merge(sketch.unpack(bytes(row.registers)) for row in of_name)),
            hours=len({row.start for row in of_name}),
            examples=tuple(json.loads(of_name[0].examples)),
        )
        for name, of_name in by_attribute.items()
    ]
    return sorted(found, key=lambda each: (-each.points, each.attribute))


def utc(at_epoch: int) -> datetime:
    return datetime.fromtimestamp(at_epoch, UTC)
