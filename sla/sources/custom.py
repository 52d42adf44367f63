"""Minutes of the metrics that applications name themselves."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sla.minutes.packing import Minute, millionths
from sla.minutes.values import UNIT
from sla.models import Measure
from sla.sources import definitions
from sla.sources.base import Described, minute_of
from sla.sources.definitions import Definition
from sla.sources.thresholds import beyond
from sla.sources.values import Counted
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.by_place import minute_cells


class CustomRatio(Described):
    """What the metric `good` sums up to, of what `total` sums up to; in a minute without `total` nothing is known."""

    wanted = {"good": definitions.text, "total": definitions.text}
    optional = {"filter": definitions.attributes}

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        sums = _Sums(start, end)
        return {each.pk: Counted(self._minutes(each, sums)) for each in measures}

    def _minutes(self, measure: Measure, sums: "_Sums") -> dict[int, Minute]:
        good, total = (sums.of(measure, measure.definition[name]) for name in ("good", "total"))
        return {at: _of_total(good.get(at, 0.0), whole) for at, whole in total.items()}


class CustomValue(Described):
    """The points of a metric that lie beyond a threshold."""

    wanted = {"metric": definitions.text, "operator": definitions.operator, "threshold": definitions.number}
    optional = {"filter": definitions.attributes}

    def canonical(self, definition: Definition) -> dict[str, Any]:
        return {
            **super().canonical(definition),
            "threshold": definitions.plain_number(definition["threshold"]),  # 0 is one
        }

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        return {each.pk: Counted(self._minutes(each, start, end)) for each in measures}

    def _minutes(self, measure: Measure, start: int, end: int) -> dict[int, Minute]:
        operator, threshold = measure.definition["operator"], measure.definition["threshold"]
        sums: defaultdict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
        for _, at, cell in minute_cells(_question(measure, measure.definition["metric"], "p95"), start, end):
            bad, is_exact = beyond(cell, operator, threshold)
            own = sums[at]
            own[0] += cell.count
            own[1] += bad
            own[2] |= not is_exact
        return {
            at: minute_of(points * UNIT, bad * UNIT, points, bad, is_approximate=bool(about))
            for at, (points, bad, about) in sums.items()
        }


class _Sums:
    """The sums of metrics by the minute; what several measures ask for is read once."""

    def __init__(self, start: int, end: int) -> None:
        self._start, self._end = start, end
        self._known: dict[tuple[object, ...], dict[int, float]] = {}

    def of(self, measure: Measure, name: str) -> dict[int, float]:
        filters = tuple(sorted(measure.definition.get("filter", {}).items()))
        key = measure.project_id, measure.environment, name, filters
        if key not in self._known:
            sums: defaultdict[int, float] = defaultdict(float)
            for _, at, cell in minute_cells(_question(measure, name), self._start, self._end):
                sums[at] += cell.sum
            self._known[key] = dict(sums)
        return self._known[key]


def _question(measure: Measure, name: str, aggregation: str = "sum") -> Question:
    filters = {attribute: [value] for attribute, value in measure.definition.get("filter", {}).items()}
    return Question([measure.project_id], name, aggregation, measure.environment or None, filters=filters)


def _of_total(good: float, total: float) -> Minute:
    """More good ones than there were at all are all."""
    bad = max(total - good, 0.0)
    return minute_of(millionths(total), millionths(bad), max(round(total), 0), max(round(bad), 0))
