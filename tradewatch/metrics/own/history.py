"""What was kept of the measures, all of them in one reading: the hours of a day, and minutes for alert rules."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tradewatch.metrics.models import MetricBucket, MetricSeries, Resolution
from tradewatch.metrics.own.keeping import MEASURE, NAMES, OF
from tradewatch.metrics.own.measures import Measure
from tradewatch.metrics.own.registry import all_measures
from tradewatch.metrics.points.cells import MAXS, MINS, SUMS, Columns
from tradewatch.projects.queries import first_project

HOURS = 24

Hours = Sequence[float | None]  # the oldest first, the running one last; None: nothing was kept
Place = tuple[int, str, str]  # project id, environment, the value of the measure's label
Minute = tuple[float, int]  # the sum of what was kept in it, and how often that was


class Series(NamedTuple):
    measure: str
    place: Place


Known = Mapping[tuple[int, int], Series]  # by metric and key of the series


@dataclass(frozen=True, slots=True)
class _Kept:
    series: Series
    start: int
    count: int
    sum: float
    least: float
    greatest: float


def last_day(now: datetime) -> Mapping[str, Hours]:
    """Return {measure: the worst value of each of the last 24 hours}, over all values of its label."""
    project, measures = first_project(), all_measures()
    if project is None:
        return {}
    first = int(now.timestamp()) // Resolution.HOUR * Resolution.HOUR - (HOURS - 1) * Resolution.HOUR
    found: defaultdict[str, list[float | None]] = defaultdict(lambda: [None] * HOURS)
    for kept in _kept(known_series([project.pk]), Resolution.HOUR, first, first + HOURS * Resolution.HOUR):
        measure = measures.get(kept.series.measure)
        if measure is not None:
            hours, at = found[measure.name], (kept.start - first) // Resolution.HOUR
            hours[at] = _worse(measure, hours[at], kept.least, kept.greatest)
    return found


def minutes(known: Known, start: int, end: int) -> Mapping[str, Mapping[Place, Mapping[int, Minute]]]:
    """Return {measure: {place: {start of the minute: what was kept}}} within [start, end)."""
    found: defaultdict[str, defaultdict[Place, dict[int, Minute]]] = defaultdict(lambda: defaultdict(dict))
    for kept in _kept(known, Resolution.MINUTE, start, end):
        found[kept.series.measure][kept.series.place][kept.start] = kept.sum, kept.count
    return found


def known_series(project_ids: Sequence[int]) -> Known:
    """Return what each series in the buckets of these projects measures."""
    rows = MetricSeries.objects.filter(metric__project_id__in=project_ids, metric__name__in=NAMES.values())
    fields = ("metric_id", "key", "metric__project_id", "metric__environment", "attributes")
    return {
        (metric, key): Series(attributes.get(MEASURE, ""), (project_id, environment, attributes.get(OF, "")))
        for metric, key, project_id, environment, attributes in rows.values_list(*fields)
    }


def _kept(known: Known, resolution: Resolution, start: int, end: int) -> Iterator[_Kept]:
    rows = MetricBucket.objects.filter(
        metric__in={metric for metric, _ in known}, resolution=resolution, start__gte=start, start__lt=end
    )
    for metric, at, cells in rows.values_list("metric_id", "start", "cells"):
        columns = Columns(bytes(cells))
        numbers = (columns.numbers(each) for each in (SUMS, MINS, MAXS))
        for key, count, *rest in zip(columns.series_keys(), columns.counts(), *numbers, strict=True):
            if (series := known.get((metric, key))) is not None:
                yield _Kept(series, at, count, *rest)


def _worse(measure: Measure, known: float | None, *values: float) -> float:
    return measure.worst_of(values if known is None else (known, *values))
