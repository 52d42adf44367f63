"""Reading metrics: charts by slots of time, and what an interval comes to for rules and targets.

Intervals are [start, end) in epoch seconds. A chart's slots are read from the widest buckets that fit into them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q

from tradewatch.metrics import histogram
from tradewatch.metrics.histogram import Bins
from tradewatch.metrics.models import Metric, MetricBucket, Resolution
from tradewatch.metrics.points import grouping
from tradewatch.metrics.points.aggregations import ADDITIVE, COLUMNS, QUANTILES, answer, default_of
from tradewatch.metrics.points.asking import Chart, Line, Question
from tradewatch.metrics.points.bins import unpack
from tradewatch.metrics.points.cells import Columns, unpack_list
from tradewatch.metrics.points.grouping import Members, Sums
from tradewatch.metrics.points.series import Groups
from tradewatch.metrics.queries import stretches

OTHER_LABEL = "other"
_REST = -1  # the group of all bins that no line shows by themselves


class UnknownMetricError(LookupError):
    """No point of such a metric is held."""


@dataclass
class _Read:
    """What is read and was: the sums of each slot by group, and for percentiles the bins.

    The groups that no line shows by themselves have their bins under `_REST`.
    """

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

    @cached_property
    def whole(self) -> Sums:
        """The sums of all slots together."""
        return grouping.over_time(self.columns, self.sums.values(), len(self.groups.labels))

    @cached_property
    def blank(self) -> list[float]:
        return grouping.joined(self.columns, self.whole, Members(()))

    def buckets(self, *fields: str) -> Iterator[tuple[Any, ...]]:
        """Yield (metric, slot, *fields as bytes) of the buckets."""
        for condition in self.when:
            rows = MetricBucket.objects.filter(condition, metric__in=[metric.pk for metric in self.metrics])
            for metric_id, at, *values in rows.values_list("metric_id", "start", *fields).iterator():
                yield metric_id, at // self.step * self.step if self.step else 0, *map(bytes, values)

    def met(self) -> list[int]:
        """Return the groups of which there is anything."""
        return [
            group
            for group in self.groups.wanted
            if grouping.joined(self.columns, self.whole, Members((group,))) != self.blank
        ]

    def bins_of(self, slot: int, members: Members) -> Bins:
        found = self.bins.get(slot, {})
        if members == self.groups.all:
            return histogram.merge(found.values())
        return found.get(_REST if members.is_rest else members.groups[0], {})


def chart(question: Question, start: int, end: int, step: int, *, top: int = 5) -> Chart:
    """Return the metric in slots of `step` seconds (a multiple of 60), the greatest `top` groups apart.

    Raises `UnknownMetricError`.
    """
    metrics = metrics_of(question)
    stored = max(each for each in Resolution if step % each == 0)
    when = [Q(resolution=stored, start__gte=start // step * step, start__lt=end)]
    read = _read(question, metrics, when, step)
    kept, rest_count = _ranked(read, top) if question.group_by else ([], 0)
    _read_bins(read, kept, has_rest=rest_count > 0 or not kept)
    starts = list(range(start // step * step, end, step))
    watched_from = min(int(metric.first_seen_at.timestamp()) for metric in metrics)
    lines = [_line(read, starts, watched_from, read.groups.labels[group], Members((group,))) for group in kept]
    if rest_count:
        lines.append(_line(read, starts, watched_from, OTHER_LABEL, Members((0, *kept), is_rest=True), is_other=True))
    return Chart(
        name=question.name,
        type=metrics[0].type,
        unit=metrics[0].unit,
        aggregation=read.aggregation,
        step=step,
        starts=starts,
        total=_line(read, starts, watched_from, "", read.groups.all),
        groups=lines,
        group_count=len(kept) + rest_count,
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
    read = _read(question, metrics, stretches(start, end), step=0)
    met = read.met()
    _read_bins(read, met, has_rest=False)
    return {
        read.groups.labels[group] if question.group_by else "": answer(
            read.aggregation,
            grouping.joined(read.columns, read.whole, Members((group,))),
            read.bins_of(0, Members((group,))),
            end - start,
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


def _read_bins(read: _Read, kept: Sequence[int], *, has_rest: bool) -> None:
    """Read the bins that percentiles are made of: of each of `kept`, and of all others together.

    What no filter narrows needs only the bins of `kept`: the rest is the difference to those of all series.
    """
    if read.aggregation not in QUANTILES:
        return
    if read.groups.is_whole:
        for _, slot, total_bins in read.buckets("total_bins"):
            _add_bins(read.bins.setdefault(slot, {}).setdefault(0, {}), total_bins)
        return
    wanted = {group: group for group in (read.groups.wanted if read.is_filtered and has_rest else kept)}
    wanted |= {group: _REST for group in wanted if group not in set(kept)}
    for metric_id, slot, cells, bins, total_bins in read.buckets("cells", "bins", "total_bins"):
        found = read.bins.setdefault(slot, {})
        members = read.groups.of(metric_id, Columns(cells)) or []
        for group, packed in zip(members, unpack_list(bins), strict=False):  # there are none when all bins are empty
            if group in wanted:
                _add_bins(found.setdefault(wanted[group], {}), packed)
        if has_rest and not read.is_filtered:
            _add_bins(found.setdefault(_REST, {}), total_bins)
    if has_rest and not read.is_filtered:
        for found in read.bins.values():
            _take_out(found[_REST], [found.get(group, {}) for group in kept])


def _add_bins(own: Bins, packed: bytes) -> None:
    for index, count in unpack(packed).items():
        own[index] = own.get(index, 0) + count


def _take_out(own: Bins, parts: Iterable[Bins]) -> None:
    for part in parts:
        for index, count in part.items():
            own[index] = own.get(index, 0) - count


def _ranked(read: _Read, top: int) -> tuple[list[int], int]:
    """Return the greatest `top` groups in order, and how many others there are. Percentiles rank by points."""
    by = "count" if read.aggregation in QUANTILES else read.aggregation

    def greatness(group: int) -> tuple[float, str]:
        numbers = grouping.joined(read.columns, read.whole, Members((group,)))
        return -(answer(by, numbers, {}, 1) or 0.0), read.groups.labels[group]

    met = sorted(read.met(), key=greatness)
    return met[:top], len(met[top:])


def _line(
    read: _Read, starts: Sequence[int], watched_from: int, label: str, members: Members, *, is_other: bool = False
) -> Line:
    values: list[float | None] = []
    nothing_there = 0.0 if read.aggregation in ADDITIVE else None
    for start in starts:
        if start in read.sums:
            numbers = grouping.joined(read.columns, read.sums[start], members)
            values.append(answer(read.aggregation, numbers, read.bins_of(start, members), read.step))
        else:
            values.append(nothing_there if start + read.step > watched_from else None)
    return Line(label, values, _whole(read, starts, members), is_other)


def _whole(read: _Read, starts: Sequence[int], members: Members) -> float | None:
    bins = histogram.merge(read.bins_of(slot, members) for slot in read.bins)
    numbers = grouping.joined(read.columns, read.whole, members)
    return answer(read.aggregation, numbers, bins, len(starts) * read.step)
