"""Measures and the buckets that they are counted from."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sla.choices import Indicator
from sla.costs.splitting import Slot
from sla.minutes.values import UNIT
from sla.models import Measure
from tests.dashboard.builders import count as count_series
from tests.performance.traces.builders import make_row
from tests.projects.builders import make_project
from tradewatch.performance.traces.counting import add_transactions
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT = int(NOW.timestamp()) - 7200  # whole hours


def make_measure(project: Project | None = None, **fields: Any) -> Measure:
    defaults: dict[str, Any] = {"indicator": Indicator.AVAILABILITY, "environment": "production", "definition": {}}
    return Measure.objects.create(project=project or make_project(), identity=uuid4(), **(defaults | fields))


def requests(number: int, minute: int, *, project: Project | None = None, start: int = AT, **fields: Any) -> None:
    """Count `number` requests in a minute after `start`."""
    project = project or make_project()
    at = start + minute * 60 + 5.0
    add_transactions([make_row(at, project_id=project.pk, **fields) for _ in range(number)], now=NOW)


def events(issue_id: int, number: int, minute: int, *, project: Project | None = None, start: int = AT) -> None:
    """Count `number` events of an issue in a minute after `start`."""
    moment = datetime.fromtimestamp(start + minute * 60, UTC)
    count_series(f"issue:{issue_id}", moment, number, project=project)


def slot(minute: int, bad: float, *, start: int = AT, minutes: int = 1, events: float | None = None) -> Slot:
    at = start + minute * 60
    return Slot(at, at + minutes * 60, round(bad * UNIT), round((bad if events is None else events) * UNIT))
