"""Targets and corrections for tests, with loud defaults."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sla.models import Correction, Target
from sla.rules import Promise
from sla.services.corrections import add_correction
from sla.services.targets import create_target
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECONDS = ("0.3", "0.5", "1")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def a_promise(
    indicator: str = "availability", target: str = "0.99", warning: str = "0.98", critical: str = "0.95", **more: Any
) -> Promise:
    values = Decimal(target), Decimal(warning), Decimal(critical)
    return Promise(
        indicator=indicator,
        target_value=values[0],
        warning_threshold=values[1],
        critical_threshold=values[2],
        **more,
    )


def make_target(
    name: str = "orders", promise: Promise | None = None, *, project: Project | None = None, **more: Any
) -> Target:
    more = {"now": NOW - 100 * DAY, **more}
    return create_target(SYSTEM, project or make_project(), name, promise or a_promise(), **more).target


def make_correction(project: Project | None = None, *, actor: Actor = SYSTEM, **more: Any) -> Correction:
    values: dict[str, Any] = {
        "kind": "maintenance",
        "starts_at": NOW - 2 * HOUR,
        "ends_at": NOW - HOUR,
        "reason": "database moved",
    }
    return add_correction(actor, project or make_project(), **{**values, **more})
