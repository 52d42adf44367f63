"""Lines over time by level: from the counters where they can tell, else from the lines that a search met."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from tradewatch.dashboard import rollups, words
from tradewatch.dashboard.charts import Chart
from tradewatch.dashboard.charts import Line as ChartLine
from tradewatch.dashboard.ranges import Span
from tradewatch.dashboard.scope import Scope
from tradewatch.metrics.markers import markers_between
from tradewatch.performance.logs.digest import level_series
from tradewatch.performance.logs.lines import LEVELS, level_bit
from tradewatch.performance.logs.search.wanted import Wanted

Counts = Mapping[tuple[int, str], int]  # by start of the step in epoch seconds, and level

_DRAWN = (
    ("errors", "err", ("error", "fatal")),
    ("warnings", "s3", ("warn",)),
    ("info", "s1", ("info",)),
    ("debug", "s5", ("debug", "trace")),
)


def counted(scope: Scope, wanted: Wanted, *, now: datetime) -> Counter[tuple[int, str]]:
    """Return what the counters say; for what `is_countable`."""
    span = scope.range.chart_span(now)
    levels = [each for each in LEVELS if not wanted.levels or wanted.levels & level_bit(each)]
    series = {level_series(level): level for level in levels}
    found = rollups.points(scope.project_ids, list(series), span, environment=scope.environment)
    return Counter(
        {
            (span.epoch_start + at * span.step_seconds, series[name]): point.count
            for name, points in found.items()
            for at, point in enumerate(points)
            if point.count
        }
    )


def histogram(counts: Counts, scope: Scope, *, now: datetime, drill: Callable[[], str], partial: str = "") -> Chart:
    """Return the chart. `partial`: since when only it counts everything, in words."""
    span = scope.range.chart_span(now)
    lines = [(name, style, _values(counts, span, levels)) for name, style, levels in _DRAWN]
    met = [each for each in lines if any(each[2])] or lines[2:3]
    (name, style, values), *more = met
    total = sum(counts.values())
    said = f"{words.count(total)} lines {scope.range.within}" + (f", counted only {partial}" if partial else "")
    return Chart(
        key="logs",
        name=name,
        unit="",
        style=style,
        start=span.epoch_start,
        step=span.step_seconds,
        values=values,
        finding=said + ": " + (", ".join(f"{words.count(sum(each))} {what}" for what, _, each in met)),
        empty="no line in this time",
        more=tuple(ChartLine(*each) for each in more),
        markers=tuple(markers_between(scope.project_ids, scope.environment, span.epoch_start, span.epoch_end)),
        is_running=scope.range.is_live,
        counts_href=drill(),
    )


def _values(counts: Counts, span: Span, levels: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(
        float(sum(counts.get((span.epoch_start + at * span.step_seconds, level), 0) for level in levels))
        for at in range(span.steps)
    )
