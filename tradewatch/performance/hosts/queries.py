"""What hosts measured, read back from the metric store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from tradewatch.metrics.models import Metric, MetricBucket, MetricSeries, Resolution
from tradewatch.metrics.points.cells import SUMS, Columns
from tradewatch.performance.hosts.points import UNITS
from tradewatch.performance.hosts.services import HOST, PREFIX
from tradewatch.performance.models import Host

NEAREST = timedelta(minutes=5)


def hosts_of(project_ids: Sequence[int], environment: str | None) -> QuerySet[Host]:
    """Return the hosts that are not retired, by name."""
    rows = Host.objects.filter(project__in=project_ids, retired_at=None).select_related("project")
    return (rows if environment is None else rows.filter(environment=environment)).order_by("name", "pk")


def host_called(project_id: int, name: str) -> Host | None:
    """Return the project's host with this name, as an event's `server_name` gives it: with its domain or without."""
    rows = Host.objects.filter(project=project_id, name__in={name[:100], name.partition(".")[0][:100]})
    return max(rows, key=lambda host: len(host.name), default=None)


@dataclass(frozen=True, slots=True)
class Figure:
    """The mean of one series within a minute. `name` is without the prefix; `attributes` without the host's name."""

    name: str
    unit: str
    attributes: dict[str, str]
    value: float


def figures_at(host: Host, at: datetime) -> list[Figure]:
    """Return what the host measured in the minute of `at`, else in the nearest before it within five minutes.

    By name and attributes. Empty: it said nothing then, or so long ago that minutes are not kept any more.
    """
    metrics = {
        metric.pk: metric
        for metric in Metric.objects.filter(
            project_id=host.project_id,
            environment=host.environment,
            name__in=[PREFIX + name for name in UNITS],
            type="gauge",
        )
    }
    series = {
        (metric_id, key): attributes
        for metric_id, key, attributes in MetricSeries.objects.filter(
            metric__in=metrics, **{f"attributes__{HOST}": host.name}
        ).values_list("metric_id", "key", "attributes")
    }
    minute = int(at.timestamp()) // Resolution.MINUTE * Resolution.MINUTE
    for start in range(minute, minute - int(NEAREST.total_seconds()), -int(Resolution.MINUTE)):
        found = sorted(
            (
                Figure(
                    metrics[metric_id].name.removeprefix(PREFIX),
                    metrics[metric_id].unit,
                    {name: value for name, value in series[metric_id, key].items() if name != HOST},
                    value,
                )
                for metric_id, key, value in _means(list(metrics), start)
                if (metric_id, key) in series
            ),
            key=lambda figure: (list(UNITS).index(figure.name), sorted(figure.attributes.items())),
        )
        if found:
            return found
    return []


def _means(metric_ids: Sequence[int], start: int) -> Iterator[tuple[int, int, float]]:
    """Yield (metric, series key, mean) of the minute that begins at `start`."""
    buckets = MetricBucket.objects.filter(metric__in=metric_ids, resolution=Resolution.MINUTE, start=start)
    for metric_id, cells in buckets.values_list("metric_id", "cells"):
        for key, count, total in _cells(bytes(cells)):
            yield metric_id, key, total / count


def _cells(packed: bytes) -> Iterator[tuple[int, int, float]]:
    """Yield (series key, number of points, their sum) of a bucket."""
    columns = Columns(packed)
    for key, count, total in zip(columns.series_keys(), columns.counts(), columns.numbers(SUMS), strict=True):
        if count:
            yield key, count, total
