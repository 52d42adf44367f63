"""Asks sources, with loud defaults."""

from datetime import UTC, datetime
from typing import Any

from sla.measuring import measure_for
from sla.minutes.packing import Minute
from sla.sources import Counted, source_of
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def counted(
    project: Project, indicator: str, start: int, end: int, environment: str = "", *, now: datetime = NOW, **more: Any
) -> Counted:
    measure = measure_for(project, environment, indicator, more, now=now)
    return source_of(indicator).read([measure], start, end, now).get(measure.pk, Counted())


def minutes(project: Project, indicator: str, *args: Any, **more: Any) -> dict[int, Minute]:
    return counted(project, indicator, *args, **more).minutes
