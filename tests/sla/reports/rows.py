"""Targets whose minutes stand in the database."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sla.choices import Indicator
from sla.minutes.packing import DAY, MINUTE, Minute, pack_counts
from sla.minutes.values import UNIT
from sla.models import Measure, MinuteBlock, Target, TargetVersion
from tests.projects.builders import make_project
from tests.sla.builders import make_version
from tradewatch.projects.models import Project


def make_target(name: str = "order_availability", *, project: Project | None = None, **values: Any) -> TargetVersion:
    """Return the version of a new target of 99.9% availability over calendar months of UTC."""
    project = project or make_project()
    measure = Measure.objects.create(
        project=project,
        environment=values.pop("environment", "production"),
        indicator=values.get("indicator", Indicator.AVAILABILITY),
        definition=values.pop("definition", {}),
        identity=uuid4(),
    )
    target = Target.objects.create(project=project, metric_name=name)
    return make_version(target, measure, **{"window": "calendar", "zone": "UTC"} | values)


def count_minutes(version: TargetVersion, minutes: Mapping[datetime, tuple[int, int]]) -> None:
    """Set what was counted in each minute: (valid, bad), plain; the days named are written anew."""
    days: defaultdict[int, dict[int, Minute]] = defaultdict(dict)
    for at, (valid, bad) in minutes.items():
        epoch = int(at.timestamp())
        days[epoch // DAY][epoch % DAY // MINUTE] = Minute(valid * UNIT, bad * UNIT, valid, bad)
    for day, counted in days.items():
        block = MinuteBlock.objects.filter(measure=version.measure, day=day).first()
        MinuteBlock.objects.update_or_create(
            measure=version.measure,
            day=day,
            defaults={
                "counts": pack_counts(counted),
                "updated_at": datetime.now(UTC),
                "revision": block.revision + 1 if block else 1,
            },
        )
