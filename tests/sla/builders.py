"""Rows of `sla` with loud defaults."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sla.choices import Direction
from sla.models import Measure, Target, TargetVersion


def make_version(target: Target, measure: Measure, **values: Any) -> TargetVersion:
    """Write a version of 99.9% that asks for `measure`."""
    defaults: dict[str, Any] = {
        "number": 1,
        "valid_from": datetime(2026, 1, 1, tzinfo=UTC),
        "actor": "Ada",
        "environment": measure.environment,
        "indicator": measure.indicator,
        "definition": measure.definition,
        "direction": Direction.HIGHER,
        "target_value": Decimal("0.999"),
        "warning_threshold": Decimal("0.998"),
        "critical_threshold": Decimal("0.99"),
        "objective": Decimal("0.999"),
    }
    return TargetVersion.objects.create(target=target, measure=measure, **{**defaults, **values})
