"""What can be asked of a metric, which columns of its cells answer it, and how. Pure."""

from collections.abc import Mapping, Sequence

from tradewatch.metrics.points.cells import COUNTS, LAST_ATS, LASTS, MAXS, MINS, SUMS
from tradewatch.metrics.points.spread import percentiles
from tradewatch.metrics.points.values import COUNTER, DISTRIBUTION, GAUGE

QUANTILES = {"p50": 0.5, "p75": 0.75, "p90": 0.9, "p95": 0.95, "p99": 0.99}
ADDITIVE = frozenset({"rate", "sum", "count"})  # the parts' add up to the whole's, and nothing there is zero

BY_TYPE: dict[str, tuple[str, ...]] = {
    COUNTER: ("rate", "sum", "count", "avg", "min", "max", "last"),
    GAUGE: ("avg", "min", "max", "last", "sum", "count"),
    DISTRIBUTION: ("p95", "p50", "p75", "p90", "p99", "avg", "min", "max", "sum", "count", "rate", "last"),
}
AGGREGATIONS = ("rate", "sum", "count", "avg", "min", "max", "last", *QUANTILES)

COLUMNS: dict[str, tuple[int, ...]] = {
    "rate": (SUMS,),
    "sum": (SUMS,),
    "count": (COUNTS,),
    "avg": (COUNTS, SUMS),
    "min": (MINS,),
    "max": (MAXS,),
    "last": (LAST_ATS, LASTS),
    **dict.fromkeys(QUANTILES, (COUNTS,)),  # which says how much there is; the bins are read apart
}


def default_of(metric_type: str) -> str:
    return BY_TYPE[metric_type][0]


def answer(aggregation: str, numbers: Sequence[float], bins: Mapping[int, int], seconds: float) -> float | None:
    """Return what `numbers`, one for each of the aggregation's columns, come to over `seconds`; None for no point."""
    if aggregation in QUANTILES:
        found = percentiles(bins, [QUANTILES[aggregation]])
        return found[0] if found else None
    if aggregation == "rate":
        return numbers[0] / seconds if seconds > 0 else None
    if aggregation == "avg":
        return numbers[1] / numbers[0] if numbers[0] else None
    value = numbers[-1]
    return value if aggregation in ADDITIVE or abs(value) != float("inf") else None
