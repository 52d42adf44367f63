"""Targets with their minutes in the database. Loud defaults: 99% of requests in the last 30 days."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from sla.minutes.packing import Minute, pack_counts
from sla.minutes.spreads import HALF_HOURS_A_DAY, DaySpread
from sla.minutes.values import Sums
from sla.models import Measure, MinuteBlock, Target, TargetVersion
from tests.calendars.oracle import utc
from tests.projects.builders import make_project
from tests.sla.figures import builders
from tradewatch.performance.traces.weighing import WeightedBins
from tradewatch.projects.models import Project

DAY, HALF_HOUR = 86_400, 1800


def make_target(name: str = "availability", *, project: Project | None = None, **version: Any) -> Target:
    """Write a target with one version, and a measure of its own for it."""
    project = project or make_project()
    target = Target.objects.create(project=project, metric_name=name)
    add_version(target, **version)
    return target


def add_version(target: Target, *, measure: Measure | None = None, **fields: Any) -> TargetVersion:
    version = builders.make_version(**{"pk": None, "target_id": target.pk} | fields)
    version.measure = measure or Measure.objects.create(
        project=target.project,
        environment=version.environment,
        indicator=version.indicator,
        definition=version.definition,
        identity=uuid4(),
    )
    version.number = TargetVersion.objects.filter(target=target).count() + 1
    version.save()
    return version


def measure_of(target: Target) -> Measure:
    return target.versions.latest("number").measure


def store(measure: Measure, minutes: Mapping[int, Sums], bins: Mapping[int, WeightedBins] | None = None) -> None:
    """Write blocks of {start of the minute: counts} and {start of a half hour: histogram}."""
    days: defaultdict[int, dict[int, Minute]] = defaultdict(dict)
    for at, sums in minutes.items():
        numbers = sums.valid, sums.bad, sums.received, sums.received_bad
        days[at // DAY][at % DAY // 60] = Minute(*numbers, sums.approximate_minutes > 0)
    for day, counts in days.items():
        starts = {half: day * DAY + half * HALF_HOUR for half in range(HALF_HOURS_A_DAY)}
        halves = {half: bins[at] for half, at in starts.items() if bins and at in bins}
        MinuteBlock.objects.create(
            measure=measure,
            day=day,
            counts=pack_counts(counts),
            bins=DaySpread().with_half_hours(halves),
            updated_at=utc("2026-11-26T00:00"),
        )
