"""Keeping the measures each minute, in the metric store of the first project.

One metric a unit with the attribute `measure`, not one a measure: all measures of a minute are then five rows.
"""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings

from tradewatch.metrics.own.measures import BYTE, COUNT, DAY, RATIO, SECOND, Measure
from tradewatch.metrics.own.registry import Readings, all_measures, read_own
from tradewatch.metrics.points.values import GAUGE, MetricPoint
from tradewatch.metrics.points.writing import add_points
from tradewatch.projects.queries import first_project

PREFIX = "tradewatch."  # what comes from outside under such a name is refused
NAMES = {
    SECOND: "tradewatch.seconds",
    BYTE: "tradewatch.bytes",
    RATIO: "tradewatch.ratios",
    DAY: "tradewatch.days",
    COUNT: "tradewatch.counts",
}
MEASURE, OF = "measure", "of"  # attributes: the measure's name, and the value of its label


def keep_own(now: datetime) -> int:
    """Store what all measures say now, and return how many values that were. Twice in a minute: their mean counts."""
    project = first_project()
    if project is None:
        return 0
    points = list(points_of(read_own(now), project.pk, now))
    add_points(points)
    return len(points)


def points_of(readings: Readings, project_id: int, now: datetime) -> Iterator[MetricPoint]:
    for measure in all_measures().values():
        for label, value in readings.values.get(measure.name, {}).items():
            yield _point(measure, label, value, project_id, now.timestamp())


def _point(measure: Measure, label: str, value: float, project_id: int, at_epoch: float) -> MetricPoint:
    attributes = {MEASURE: measure.name, OF: label}  # an empty one is left out
    name, environment = NAMES[measure.unit], settings.SENTRY_ENVIRONMENT
    return MetricPoint(project_id, environment, name, GAUGE, value, at_epoch, measure.unit, attributes)
