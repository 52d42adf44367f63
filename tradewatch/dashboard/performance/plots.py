"""Figures over time as charts. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from django.conf import settings

from tradewatch.dashboard.chart_frame import ChartFrame
from tradewatch.dashboard.charts import Chart, Limit, Line, Values, cut_floor
from tradewatch.performance.traces.figures import Figures

EMPTY = "no transaction in this time"
SILENCE = "no transaction"
_STYLES = ("s1", "s2", "s3", "s4")


def throughput(frame: ChartFrame, points: Sequence[Figures], counts_href: str) -> Chart:
    seconds = frame.span.step_seconds
    values = tuple(round(each.per_minute(seconds), 3) for each in points)
    is_empty = not any(each.count for each in points)
    return frame.chart(
        "throughput",
        "requests a minute",
        (None,) * len(points) if is_empty else values,
        empty=EMPTY,
        counts_href=counts_href,
    )


def failures(frame: ChartFrame, points: Sequence[Figures], counts_href: str) -> Chart:
    limit = settings.SENTRY_ERROR_RATE_THRESHOLD * 100
    return frame.chart(
        "failures",
        "failed requests",
        values_of(points, lambda each: _percent(each.failure_ratio)),
        unit="%",
        style="err",
        empty=EMPTY,
        silence=SILENCE,
        limit=Limit(limit, f"alert above {limit:g}%"),
        counts_href=counts_href,
    )


def latency(
    frame: ChartFrame, points: Sequence[Figures], counts_href: str, *, quantiles: Sequence[float] = (0.95, 0.5)
) -> Chart:
    """Return a line for each quantile, in milliseconds, the first one the chart's own."""
    columns = [each.percentiles(quantiles) for each in points]
    lines = [
        Line(
            f"p{quantile * 100:.0f}",
            style,
            tuple(round(column[at] * 1000, 3) if column else None for column in columns),
        )
        for at, (quantile, style) in enumerate(zip(quantiles, _STYLES, strict=False))
    ]
    first, *more = lines
    return frame.chart(
        "latency",
        first.name,
        first.values,
        unit="ms",
        empty=EMPTY,
        silence=SILENCE,
        more=more,
        counts_href=counts_href,
    )


def apdex(frame: ChartFrame, points: Sequence[Figures], counts_href: str) -> Chart:
    values = values_of(points, lambda each: each.apdex)
    return frame.chart(
        "apdex",
        "Apdex",
        values,
        empty=EMPTY,
        silence=SILENCE,
        floor=cut_floor(values, step=0.05),
        ceiling=1.0,
        counts_href=counts_href,
    )


def values_of(points: Sequence[Figures], value: Callable[[Figures], float | None]) -> Values:
    return tuple(None if (found := value(each)) is None else round(found, 4) for each in points)


def _percent(ratio: float | None) -> float | None:
    return None if ratio is None else ratio * 100


def percentiles(frame: ChartFrame, points: Sequence[Figures], quantiles: Sequence[float]) -> Chart:
    """Return the lines of `quantiles` as a chart of its own beside that of the figures."""
    return replace(latency(frame, points, "", quantiles=quantiles), key="percentiles")
