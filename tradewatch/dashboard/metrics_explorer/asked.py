"""What the address asks for: up to four charts, each with a metric, an aggregation, a grouping and filters. Pure.

Chart 0 is `metric.0`, `aggregation.0`, `by.0`, `where.0.0`, `where.0.1`, ... (attribute=value) and `compare.0`; then
`metric.1`, ... Each name stands once: the choices of range and environment carry a parameter's one value.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from tradewatch.metrics.points.aggregations import BY_TYPE, default_of
from tradewatch.metrics.points.values import TYPES

MOST_CHARTS = 4
MOST_FILTERS = 10
PREFIXES = ("metric", "aggregation", "by", "where", "compare")

Filter = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Picked:
    """One chart of the page. `type` and `unit` tell metrics of one name apart."""

    name: str
    type: str
    unit: str
    aggregation: str
    by: str = ""
    where: tuple[Filter, ...] = ()
    compares: bool = False

    @property
    def value(self) -> str:
        """What the choice of metric has as its value."""
        return f"{self.name}|{self.type}|{self.unit}"

    @property
    def filters(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name, value in self.where:
            found.setdefault(name, []).append(value)
        return found

    def without(self, filtered: Filter) -> "Picked":
        return replace(self, where=tuple(each for each in self.where if each != filtered))


def read_charts(parameters: Mapping[str, str]) -> list[Picked]:
    """Return the charts in order; what is not sound of one is left out, and a chart without a metric wholly."""
    return [picked for at in range(MOST_CHARTS) if (picked := _read(parameters, at))]


def query_of(charts: Sequence[Picked], scope: Mapping[str, str]) -> str:
    """Return the query string that names these charts, "?" included."""
    pairs = [*scope.items(), *(pair for at, picked in enumerate(charts) for pair in parameters_of(picked, at))]
    return "?" + urlencode(pairs) if pairs else "?"


def parameters_of(picked: Picked, at: int) -> Iterator[tuple[str, str]]:
    yield f"metric.{at}", picked.value
    yield f"aggregation.{at}", picked.aggregation
    if picked.by:
        yield f"by.{at}", picked.by
    for number, (name, value) in enumerate(picked.where):
        yield f"where.{at}.{number}", f"{name}={value}"
    if picked.compares:
        yield f"compare.{at}", "1"


def metric_value(name: str, metric_type: str, unit: str) -> str:
    return f"{name}|{metric_type}|{unit}"


def _read(parameters: Mapping[str, str], at: int) -> Picked | None:
    name, _, rest = parameters.get(f"metric.{at}", "").partition("|")
    metric_type, _, unit = rest.partition("|")
    if not name or metric_type not in TYPES:
        return None
    aggregation = parameters.get(f"aggregation.{at}", "")
    texts = [parameters[key] for key in sorted(parameters) if key.startswith(f"where.{at}.")]
    pairs = [text.partition("=") for text in texts if "=" in text]
    filters = dict.fromkeys((key[:64], value[:200]) for key, _, value in pairs)
    return Picked(
        name=name[:120],
        type=metric_type,
        unit=unit[:40],
        aggregation=aggregation if aggregation in BY_TYPE[metric_type] else default_of(metric_type),
        by=parameters.get(f"by.{at}", "")[:64],
        where=tuple(filters)[:MOST_FILTERS],
        compares=parameters.get(f"compare.{at}") == "1",
    )
