"""Reading metrics: charts by slots of time, and what an interval comes to for rules and targets.

Intervals are [start, end) in epoch seconds. A chart's slots are read from the widest buckets that fit into them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from tradewatch.metrics import histogram
from tradewatch.metrics.histogram import Bins
from tradewatch.metrics.models import Metric, MetricBucket, Resolution
from tradewatch.metrics.points import grouping
from tradewatch.metrics.points.aggregations import ADDITIVE, COLUMNS, QUANTILES, answer, default_of
from tradewatch.metrics.points.asking import Chart, Line, Question
from tradewatch.metrics.points.cells import Columns, unpack_list
from tradewatch.metrics.points.grouping import Sums
from tradewatch.metrics.points.series import Groups
from tradewatch.metrics.queries import stretches

OTHER_LABEL = "other"


class UnknownMetricError(LookupError):
    """No point of such a metric is held."""


@dataclass
class _Read:
    """What is read and was: the sums of each slot by group, and for percentiles the bins."""

    metrics: Sequence[Metric]
    when: Sequence[Q]
    step: int
    aggregation: str
    groups: Groups
    is_filtered: bool
    sums: dict[int, Sums] = field(default_factory=dict)
    bins: dict[int, dict[int, Bins]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[int, ...]:
        return COLUMNS[self.aggregation]

    def buckets(self, *fields: str) -> Iterator[tuple[Any, ...]]:
        """Yield (metric, slot, *fields as bytes) of the buckets."""
        for condition in self.when:
            rows = MetricBucket.objects.filter(condition, metric__in=[metric.pk for metric in self.metrics])
            for metric_id, at, *values in rows.values_list("metric_id", "start", *fields).iterator():
                yield metric_id, at // self.step * self.step if self.step else 0, *map(bytes, values)

    def numbers(self, slot: int, groups: Sequence[int]) -> list[float]:
        return grouping.joined(self.columns, self.sums[slot], groups)

    def bins_of(self, slot: int, groups: Sequence[int]) -> Bins:
        found = self.bins.get(slot, {})
        return histogram.merge(found[group] for group in groups if group in found)


def chart(question: Question, start: int, end: int, step: int, *, top: int = 5) -> Chart:
    """Return the metric in slots of `step` seconds (a multiple of 60), the greatest `top` groups apart.

    Raises `UnknownMetricError`.
    """
    metrics = metrics_of(question)
    stored = max(each for each in Resolution if step % each == 0)
    when = [Q(resolution=stored, start__gte=start // step * step, start__lt=end)]
    read = _read(question, metrics, when, step)
    kept, rest = _ranked(read, top) if question.group_by else (list(read.groups.wanted), [])
    _read_bins(read, kept, rest)
    starts = list(range(start // step * step, end, step))
    watched_from = min(int(metric.first_seen_at.timestamp()) for metric in metrics)
    lines = [_line(read, starts, watched_from, read.groups.labels[group], [group]) for group in kept]
    if rest:
        lines.append(_line(read, starts, watched_from, OTHER_LABEL, rest, is_other=True))
    return Chart(
        name=question.name,
        type=metrics[0].type,
        unit=metrics[0].unit,
        aggregation=read.aggregation,
        step=step,
        starts=starts,
        total=_line(read, starts, watched_from, "", [*kept, *rest]),
        groups=lines if question.group_by else [],
        group_count=len(kept) + len(rest) if question.group_by else 0,
    )


def over(question: Question, start: int, end: int) -> dict[str, float | None]:
    """Return {group: value over the interval}, cut to whole minutes: days, hours and, at its ends, minutes.

    Without `group_by` the one group is "". A group without a point is absent. Minutes live 30 days: before that an
    interval that does not begin and end on an hour misses its ends. An unknown metric has no groups.
    """
    try:
        metrics = metrics_of(question)
    except UnknownMetricError:
        return {}
    when = stretches(start, end)
    read = _read(question, metrics, when, step=0)
    if not read.sums:
        return {}
    blank = grouping.joined(read.columns, read.sums[0], [])
    met = [group for group in read.groups.wanted if read.numbers(0, [group]) != blank]
    _read_bins(read, met, [])
    return {
        read.groups.labels[group] if question.group_by else "": answer(
            read.aggregation, read.numbers(0, [group]), read.bins_of(0, [group]), end - start
        )
        for group in met
    }


def metrics_of(question: Question) -> list[Metric]:
    """Return those asked for, of one type and unit, that with the most points first. Raises `UnknownMetricError`."""
    rows = Metric.objects.filter(project_id__in=question.project_ids, name=question.name)
    if question.environment is not None:
        rows = rows.filter(environment=question.environment)
    if question.type is not None:
        rows = rows.filter(type=question.type)
    if question.unit is not None:
        rows = rows.filter(unit=question.unit)
    metrics = sorted(rows, key=lambda metric: (-metric.points, metric.pk))
    if not metrics:
        raise UnknownMetricError(question.name)
    return [each for each in metrics if (each.type, each.unit) == (metrics[0].type, metrics[0].unit)]


def _read(question: Question, metrics: Sequence[Metric], when: Sequence[Q], step: int) -> _Read:
    """Read the cells of the buckets `when` into slots of `step` seconds; step 0: all into slot 0."""
    groups = Groups(question, [metric.pk for metric in metrics])
    aggregation = question.aggregation or default_of(metrics[0].type)
    read = _Read(metrics, when, step, aggregation, groups, is_filtered=bool(question.filters))
    for metric_id, slot, cells in read.buckets("cells"):
        if slot not in read.sums:
            read.sums[slot] = grouping.nothing(read.columns, len(groups.labels))
        columns = Columns(cells)
        grouping.add_bucket(read.sums[slot], read.columns, columns, groups.of(metric_id, columns))
    return read


def _read_bins(read: _Read, kept: Sequence[int], rest: Sequence[int]) -> None:
    """Read the bins that percentiles are made of, by slot and group; those of all `rest` under the first of them.

    What no filter narrows needs only the bins of `kept`: the rest is the difference to those of all series.
    """
    if read.aggregation not in QUANTILES:
        return
    wanted = {group: group for group in kept} | (dict.fromkeys(rest, rest[0]) if read.is_filtered else {})
    for metric_id, slot, cells, bins, total_bins in read.buckets("cells", "bins", "total_bins"):
        found = read.bins.setdefault(slot, {})
        members = read.groups.of(metric_id, Columns(cells))
        if members is None:
            _add_bins(found.setdefault(0, {}), histogram.unpack(total_bins))
            continue
        for group, packed in zip(members, unpack_list(bins), strict=False):  # there are none when all bins are empty
            if group in wanted:
                _add_bins(found.setdefault(wanted[group], {}), histogram.unpack(packed))
        if rest and not read.is_filtered:
            _add_bins(found.setdefault(rest[0], {}), histogram.unpack(total_bins))
    if rest and not read.is_filtered:
        for found in read.bins.values():
            for group in kept:
                _add_bins(found[rest[0]], {index: -count for index, count in found.get(group, {}).items()})


def _add_bins(own: Bins, more: Bins) -> None:
    for index, count in more.items():
        own[index] = own.get(index, 0) + count


def _ranked(read: _Read, top: int) -> tuple[list[int], list[int]]:
    """Return the groups met, the greatest `top` in order and the others. Percentiles rank by the number of points."""
    whole = grouping.over_time(read.columns, read.sums.values(), len(read.groups.labels))
    blank = grouping.joined(read.columns, whole, [])
    met = [group for group in read.groups.wanted if grouping.joined(read.columns, whole, [group]) != blank]
    by = "count" if read.aggregation in QUANTILES else read.aggregation

    def greatness(group: int) -> tuple[float, str]:
        return -(answer(by, grouping.joined(read.columns, whole, [group]), {}, 1) or 0.0), read.groups.labels[group]

    met.sort(key=greatness)
    return met[:top], met[top:]


def _line(
    read: _Read, starts: Sequence[int], watched_from: int, label: str, groups: Sequence[int], *, is_other: bool = False
) -> Line:
    values: list[float | None] = []
    nothing_there = 0.0 if read.aggregation in ADDITIVE else None
    for start in starts:
        if start in read.sums:
            numbers, bins = read.numbers(start, groups), read.bins_of(start, groups)
            values.append(answer(read.aggregation, numbers, bins, read.step))
        else:
            values.append(nothing_there if start + read.step > watched_from else None)
    return Line(label, values, _whole(read, starts, groups), is_other)


def _whole(read: _Read, starts: Sequence[int], groups: Sequence[int]) -> float | None:
    if not read.sums:
        return 0.0 if read.aggregation in ADDITIVE else None
    whole = grouping.over_time(read.columns, read.sums.values(), len(read.groups.labels))
    bins = histogram.merge(read.bins_of(slot, groups) for slot in read.bins)
    seconds = len(starts) * read.step
    return answer(read.aggregation, grouping.joined(read.columns, whole, groups), bins, seconds)
