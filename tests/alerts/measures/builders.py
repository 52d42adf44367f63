from typing import Any

from alerts.models import AlertRule


def make_rule(kind: str, **fields: Any) -> AlertRule:
    """A rule that is not stored."""
    return AlertRule(kind=kind, **{"name": "Watch", "threshold": 10.0, "minimum_count": 0, **fields})
