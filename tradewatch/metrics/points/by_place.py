"""Minutes of a metric by project, environment and group: what rules and targets measure."""

from collections.abc import Iterator

from django.db.models import Q

from tradewatch.metrics.models import Metric, MetricBucket, Resolution
from tradewatch.metrics.points.aggregations import QUANTILES
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.bins import unpack
from tradewatch.metrics.points.cells import LAST_ATS, LASTS, MAXS, MINS, SUMS, Columns
from tradewatch.metrics.points.reading import UnknownMetricError, metrics_of
from tradewatch.metrics.points.series import Groups
from tradewatch.metrics.points.spreads import Spreads
from tradewatch.metrics.points.values import Cell
from tradewatch.metrics.queries import stretches

Place = tuple[int, str, str]  # project id, environment, the value of `group_by` ("" where nothing is grouped)


def minutes_by_place(question: Question, start: int, end: int) -> dict[Place, dict[int, Cell]]:
    """Return {place: {start of the minute: cell}} within [start, end). Cells have bins where percentiles are asked."""
    found: dict[Place, dict[int, Cell]] = {}
    for place, at, cell in minute_cells(question, start, end):
        minutes = found.setdefault(place, {})
        if at in minutes:
            minutes[at].merge(cell)
        else:
            minutes[at] = cell
    return found


def minute_cells(question: Question, start: int, end: int) -> Iterator[tuple[Place, int, Cell]]:
    """Yield (place, start of the minute, cell) of each series by itself, of the minutes within [start, end)."""
    return _cells(question, [Q(resolution=Resolution.MINUTE, start__gte=start, start__lt=end)])


def places_within(question: Question, start: int, end: int) -> set[Place]:
    """Return the places that had a point within [start, end), cut to whole minutes."""
    return {place for place, _, _ in _cells(question, stretches(start, end))}


def _cells(question: Question, when: list[Q]) -> Iterator[tuple[Place, int, Cell]]:
    try:
        metrics = {metric.pk: metric for metric in metrics_of(question)}
    except UnknownMetricError:
        return
    groups = Groups(question, list(metrics))
    with_bins = question.aggregation in QUANTILES
    for condition in when:
        rows = MetricBucket.objects.filter(condition, metric__in=list(metrics))
        fields = ("cells", "bins") if with_bins else ("cells",)
        for metric_id, at, *packed in rows.values_list("metric_id", "start", *fields).iterator():
            yield from _of_bucket(metrics[metric_id], at, [bytes(each) for each in packed], groups)


def _of_bucket(metric: Metric, at: int, packed: list[bytes], groups: Groups) -> Iterator[tuple[Place, int, Cell]]:
    columns = Columns(packed[0])
    placing = groups.of(metric.pk, columns)
    rows = zip(columns.counts(), *(columns.numbers(each) for each in (SUMS, MINS, MAXS, LAST_ATS, LASTS)), strict=True)
    bins = Spreads(packed[1]).all() if len(packed) > 1 else []
    for number, row in enumerate(rows):
        group = placing.groups[number] if placing is not None else None
        if group == 0:  # left out by the filter
            continue
        label = groups.labels[group] if group else ""
        spread = unpack(bins[number]) if bins else None
        cell = Cell(*row)
        cell.bins = spread
        yield (metric.project_id, metric.environment, label), at, cell
