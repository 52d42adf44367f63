"""What the charts of one page share: their clock, what is marked on them, whether the last step still runs.

    frame = make_frame(scope.project_ids, scope.environment, scope.range, now=now)
    cpu = frame.chart("cpu", "CPU", values, unit="%", empty="the agent has sent nothing in this time")

Read one value a step of `frame.span`. The template draws each with `{% include "dashboard/_chart.html" %}`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tradewatch.dashboard.charts import Chart, Limit, Line, Values
from tradewatch.dashboard.ranges import Period, Span
from tradewatch.metrics.markers import Band, Marker, bands_between, markers_between

STYLES = ("s1", "s2", "s3", "s4", "s5")  # colours of lines, in this order
MOST_LINES = len(STYLES)


@dataclass(frozen=True, slots=True)
class ChartFrame:
    """`span` is the page's range in steps; every chart has one value for each of its steps."""

    span: Span
    markers: tuple[Marker, ...]
    bands: tuple[Band, ...]
    is_running: bool

    def chart(
        self,
        key: str,
        name: str,
        values: Values,
        *,
        unit: str = "",
        style: str = "s1",
        empty: str = "no data in this time",
        finding: str = "",
        more: Sequence[Line] = (),
        limit: Limit | None = None,
        counts_href: str = "",
        silence: str = "no data",
        floor: float = 0.0,
        ceiling: float | None = None,
    ) -> Chart:
        """Return a chart of this page. `key` is its own on the page; without a `finding` one is made of the values."""
        return Chart(
            key=key,
            name=name,
            unit=unit,
            style=style,
            start=self.span.epoch_start,
            step=self.span.step_seconds,
            values=values,
            finding=finding or finding_of([Line(name, style, values), *more], unit, self.bands),
            empty=empty,
            more=tuple(more),
            bands=self.bands,
            limit=limit,
            markers=self.markers,
            is_running=self.is_running,
            counts_href=counts_href,
            silence=silence,
            floor=floor,
            ceiling=ceiling,
        )

    def lines(
        self, key: str, lines: Sequence[tuple[str, Values]], *, unit: str = "", empty: str = "no data in this time"
    ) -> Chart:
        """Return a chart of up to five named lines, coloured in their order: more than that nobody can tell apart."""
        drawn = [Line(name, style, values) for (name, values), style in zip(lines, STYLES, strict=False)]
        first, *more = drawn
        return self.chart(key, first.name, first.values, unit=unit, empty=empty, more=more)


def make_frame(project_ids: Sequence[int], environment: str, period: Period, *, now: datetime) -> ChartFrame:
    """Read the markers and the firing alerts of a page's range once, for all its charts."""
    span = period.chart_span(now)
    about = project_ids, environment, span.epoch_start, span.epoch_end
    return ChartFrame(span, tuple(markers_between(*about)), tuple(bands_between(*about)), period.is_live)


def finding_of(lines: Sequence[Line], unit: str, bands: Sequence[Band] = ()) -> str:
    """Return what a chart shows, as a sentence for those who do not see it."""
    said = "; ".join(_line_words(line, unit) for line in lines)
    if not bands:
        return said
    return f"{said}; an alert fired from {datetime.fromtimestamp(bands[-1].start, UTC):%H:%M} UTC"


def _line_words(line: Line, unit: str) -> str:
    known = [value for value in line.values if value is not None]
    if not known:
        return f"{line.name}: no data"
    say = _say(unit)
    return f"{line.name}: {say(known[-1])} last, between {say(min(known))} and {say(max(known))}"


def _say(unit: str) -> Callable[[float], str]:
    space = " " if unit and unit[0].isalpha() else ""
    return lambda value: f"{value:,.4g}{space}{unit}".replace("-", "−")
