"""Targets with minutes, as their pages find them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from sla.minutes.values import UNIT, Sums
from sla.models import Target
from tests.sla.figures.stored import make_target, measure_of, store
from tradewatch.projects.models import Project

MINUTE = timedelta(minutes=1)


def now_minute() -> datetime:
    """Return the minute that runs."""
    return timezone.now().replace(second=0, microsecond=0)


def target_with(
    bad: dict[int, int],
    *,
    name: str = "order_availability",
    project: Project | None = None,
    valid: int = 100,
    minutes: int = 600,
    **version: Any,
) -> Target:
    """Make a target over the last 30 days that had `valid` requests in each of the last `minutes`, and {minutes ago:
    bad ones}."""
    target = make_target(name, project=project, **({"environment": "production"} | version))
    now = int(now_minute().timestamp())
    counts = {
        now - ago * 60: Sums(valid * UNIT, bad.get(ago, 0) * UNIT, valid, bad.get(ago, 0), 1)
        for ago in range(1, minutes + 1)
    }
    store(measure_of(target), counts)
    return target
