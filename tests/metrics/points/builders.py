"""Points with loud defaults."""

from typing import Any

from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.values import MetricPoint

DAY = 1_760_000_000 // 86_400 * 86_400
HOUR = DAY + 9 * 3600


def a_point(value: float = 1.0, *, at: float = HOUR, name: str = "orders", type: str = "counter", **more: Any):
    attributes = more.pop("attributes", {})
    settled = {"project_id": 1, "environment": "production", "unit": "", **more}
    return MetricPoint(name=name, type=type, value=value, at_epoch=at, attributes=attributes, **settled)


def a_question(name: str = "orders", aggregation: str = "", **more: Any) -> Question:
    return Question(project_ids=more.pop("project_ids", [1]), name=name, aggregation=aggregation, **more)
