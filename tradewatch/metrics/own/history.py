"""What was kept of the measures: the hours of a day, all measures in one reading."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from tradewatch.metrics.models import Metric, MetricBucket, MetricSeries, Resolution
from tradewatch.metrics.own.keeping import MEASURE, NAMES
from tradewatch.metrics.own.measures import Measure
from tradewatch.metrics.own.registry import all_measures
from tradewatch.metrics.points.cells import MAXS, MINS, Columns
from tradewatch.projects.queries import first_project

HOURS = 24

Hours = Sequence[float | None]  # the oldest first, the running one last; None: nothing was kept


def last_day(now: datetime) -> Mapping[str, Hours]:
    """Return {measure: the worst value of each of the last 24 hours}, over all values of its label."""
    first = int(now.timestamp()) // Resolution.HOUR * Resolution.HOUR - (HOURS - 1) * Resolution.HOUR
    measures, named = all_measures(), _measures_of_series()
    found: defaultdict[str, list[float | None]] = defaultdict(lambda: [None] * HOURS)
    rows = MetricBucket.objects.filter(metric__in={metric for metric, _ in named}, resolution=Resolution.HOUR)
    for metric, start, cells in rows.filter(start__gte=first).values_list("metric_id", "start", "cells"):
        at = (start - first) // Resolution.HOUR
        columns = Columns(bytes(cells))
        each = zip(columns.series_keys(), columns.numbers(MINS), columns.numbers(MAXS), strict=True)
        for key, least, greatest in each:
            measure = measures.get(named.get((metric, key), ""))
            if measure is not None and at < HOURS:
                hours = found[measure.name]
                hours[at] = _worse(measure, hours[at], least, greatest)
    return found


def _measures_of_series() -> dict[tuple[int, int], str]:
    """Return {(metric, key of the series): measure}."""
    project = first_project()
    metrics = Metric.objects.filter(project_id=project.pk if project else 0, name__in=NAMES.values())
    rows = MetricSeries.objects.filter(metric_id__in=metrics.values("pk"))
    return {
        (metric, key): attributes.get(MEASURE, "")
        for metric, key, attributes in rows.values_list("metric_id", "key", "attributes")
    }


def _worse(measure: Measure, known: float | None, *values: float) -> float:
    return measure.worst_of(values if known is None else (known, *values))
