"""Points that were not counted, by reason and metric: counted in hour buckets, said on the page and by the API."""

from collections.abc import Sequence
from dataclasses import dataclass

from tradewatch.metrics.queries import top_series
from tradewatch.metrics.services import CountRow

PREFIX = "metric.refused:"
TOO_MANY_NAMES = "names"
WORDS = {
    "name": "the name is not one: it begins with a letter and holds letters, digits and . _ - / :, at most 120; those "
    "that begin with tradewatch. are TradeWatch's own",
    "type": "the type is not counter, gauge or distribution",
    "value": "the value is no finite number, or a counter's is negative",
    "unit": "the unit is longer than 40 characters",
    "timestamp": "the moment is no time, in the future, or older than metrics are kept",
    "item": "the entry is no object",
    TOO_MANY_NAMES: "the project has 2,000 metrics already: put what changes into attributes, not into names",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: str
    name: str
    points: int

    @property
    def words(self) -> str:
        return WORDS.get(self.reason, self.reason)


def refusal_row(project_id: int, environment: str, reason: str, name: str, at_epoch: float, points: int) -> CountRow:
    return CountRow(project_id, environment, f"{PREFIX}{reason}:{name}", at_epoch, points, points)


def refusals(
    project_ids: Sequence[int], start: int, end: int, *, environment: str | None = None, limit: int = 50
) -> list[Refusal]:
    """Return what was refused within [start, end), the most points first."""
    found = top_series(project_ids, PREFIX, start, end, environment=environment, limit=limit)
    named = [(series.removeprefix(PREFIX).partition(":"), totals.count) for series, totals in found]
    return [Refusal(reason, name, points) for (reason, _, name), points in named]
