"""A chart of the page: its lines as the chart partial draws them, its figures, its choices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tradewatch.dashboard.chart_frame import ChartFrame
from tradewatch.dashboard.charts import Chart, Values
from tradewatch.dashboard.metrics_explorer.asked import Filter, Picked
from tradewatch.metrics.points import asking, catalogue
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.catalogue import FoldedAttribute
from tradewatch.metrics.points.reading import UnknownMetricError, chart, metrics_of
from tradewatch.metrics.points.units import Shown, said, shown

TOP = 4  # and the rest: five lines are what can be told apart
NOT_SET = "(not set)"
WORDS = {
    "rate": "rate a minute",
    "sum": "sum",
    "count": "number of points",
    "avg": "average",
    "min": "least",
    "max": "greatest",
    "last": "last value",
    **{f"p{quantile}": f"p{quantile}" for quantile in (50, 75, 90, 95, 99)},
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the legend: `value` over the whole range, in words."""

    label: str
    value: str
    style: str
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """`chart` None: no such metric in this project and environment. `options` are {attribute: values to filter by}."""

    picked: Picked
    title: str
    chart: Chart | None
    whole: str
    figures: Sequence[Figure]
    group_count: int
    options: Mapping[str, Sequence[str]]
    folded: Sequence[FoldedAttribute]


def draw(
    picked: Picked, frame: ChartFrame, project_ids: Sequence[int], environment: str, *, key: str, compared: str
) -> Drawn:
    """Read and draw one chart. `compared` says what the time before is called."""
    question = question_of(picked, project_ids, environment)
    start, end, step = frame.span.epoch_start, frame.span.epoch_end, frame.span.step_seconds
    try:
        metrics = metrics_of(question)
    except UnknownMetricError:
        return Drawn(picked, title_of(picked), None, "", (), 0, {}, ())
    found = chart(question, start, end, step, top=TOP)
    about = shown(picked.unit, picked.aggregation)
    lines = _lines(found, about, title_of(picked))
    if picked.compares and not picked.by:
        length = end - start
        before = chart(question, start - length, end - length, step)
        lines.append((compared, values_of(before.total, about)))
    since = datetime.fromtimestamp(start, frame.span.start.tzinfo)
    return Drawn(
        picked=picked,
        title=title_of(picked),
        chart=frame.lines(key, lines, unit=about.symbol, empty=f"no point of {picked.name} in this time"),
        whole=said(found.total.whole, picked.unit, picked.aggregation),
        figures=_figures(found, picked),
        group_count=found.group_count,
        options=catalogue.attributes(metrics, since=since),
        folded=catalogue.folded(metrics, start, end),
    )


def question_of(picked: Picked, project_ids: Sequence[int], environment: str) -> Question:
    return Question(
        project_ids=project_ids,
        name=picked.name,
        aggregation=picked.aggregation,
        environment=environment or None,
        type=picked.type,
        unit=picked.unit,
        group_by=picked.by,
        filters=picked.filters,
    )


def title_of(picked: Picked) -> str:
    by = f" by {picked.by}" if picked.by else ""
    return f"{picked.name}, {WORDS[picked.aggregation]}{by}"


def filter_words(filtered: Filter) -> str:
    return f"{filtered[0]} is {filtered[1] or 'not set'}"


def values_of(line: asking.Line, about: Shown) -> Values:
    return tuple(None if value is None else round(value * about.factor, 9) for value in line.values)


def _lines(found: asking.Chart, about: Shown, title: str) -> list[tuple[str, Values]]:
    if not found.groups:
        return [(title, values_of(found.total, about))]
    return [(line.label or NOT_SET, values_of(line, about)) for line in found.groups]


def _figures(found: asking.Chart, picked: Picked) -> list[Figure]:
    return [
        Figure(line.label or NOT_SET, said(line.whole, picked.unit, picked.aggregation), f"s{number}", line.is_other)
        for number, line in enumerate(found.groups, 1)
    ]
