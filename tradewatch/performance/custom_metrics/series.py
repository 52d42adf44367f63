"""A metric's chart as the API answers it."""

from collections.abc import Sequence
from typing import Any

from tradewatch.metrics.models import Metric
from tradewatch.metrics.points import catalogue
from tradewatch.metrics.points.asking import Chart, Line, Question
from tradewatch.metrics.points.reading import chart


def answer_series(
    question: Question, metrics: Sequence[Metric], start: int, end: int, step: int, *, top: int
) -> dict[str, Any]:
    """Return values of the metric in its own unit, one a step; a rate is by the second. None: no point there."""
    drawn = chart(question, start, end, step, top=top)
    return {
        "name": drawn.name,
        "type": drawn.type,
        "unit": drawn.unit,
        "aggregation": drawn.aggregation,
        "resolution": drawn.step,
        "value": drawn.total.whole,
        "series": _points(drawn, drawn.total),
        "groups": [
            {"label": line.label, "is_other": line.is_other, "value": line.whole, "series": _points(drawn, line)}
            for line in drawn.groups
        ],
        "group_count": drawn.group_count,
        "attributes": catalogue.attributes(metrics, since=catalogue.utc(start)),
        "folded": catalogue.folded(metrics, start, end),
    }


def _points(drawn: Chart, line: Line) -> list[dict[str, Any]]:
    return [
        {"start": catalogue.utc(start), "value": value} for start, value in zip(drawn.starts, line.values, strict=True)
    ]
