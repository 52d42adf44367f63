"""Reading metrics: charts by slots of time, and what an interval comes to for rules and targets.

Intervals are [start, end) in epoch seconds. A chart's slots are read from the widest buckets that fit into them.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.db.models import Q

from tradewatch.metrics.models import Metric, MetricBucket, Resolution
from tradewatch.metrics.points import grouping
from tradewatch.metrics.points.aggregations import ADDITIVE, COLUMNS, QUANTILES, answer, default_of
from tradewatch.metrics.points.asking import Chart, Line, Question
from tradewatch.metrics.points.cells import Columns
from tradewatch.metrics.points.grouping import Members, Placing, Sums
from tradewatch.metrics.points.piles import Pile
from tradewatch.metrics.points.series import Groups
from tradewatch.metrics.points.spreads import Spreads
from tradewatch.metrics.queries import stretches

OTHER_LABEL = "other"
_REST, _ALL = -1, -2  # under which bins are kept that are of no single group


class UnknownMetricError(LookupError):
    """No point of such a metric is held."""


@dataclass
class _Read:
    """What is read and was: the sums of each slot by group, and for percentiles the bins.

    The groups that no line shows by themselves have their bins under `_REST`, all together under `_ALL`.
    `placings` says where the series of a bucket, by its metric and start, belong.
    """

    metrics: Sequence[Metric]
    when: Sequence[Q]
    step: int
    aggregation: str
    groups: Groups
    is_filtered: bool
    sums: dict[int, Sums] = field(default_factory=dict)
    placings: dict[tuple[int, int], Placing | None] = field(default_factory=dict)
    bins: dict[int, dict[int, Pile]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[int, ...]:
        return COLUMNS[self.aggregation]

    @property
    def group_count(self) -> int:
        return len(self.groups.labels)

    @property
    def quantile(self) -> float | None:
        return QUANTILES.get(self.aggregation)

    @cached_property
    def whole(self) -> Sums:
        """The sums of all slots together."""
        return grouping.over_time(self.columns, self.sums.values(), self.group_count)

    @cached_property
    def blank(self) -> list[float]:
        return grouping.joined(self.columns, self.whole, Members(()))

    def buckets(self, *fields: str) -> Iterator[tuple[Any, ...]]:
        """Yield (metric, start, *fields as bytes) of the buckets."""
        for condition in self.when:
            rows = MetricBucket.objects.filter(condition, metric__in=[metric.pk for metric in self.metrics])
            for metric_id, at, *values in rows.values_list("metric_id", "start", *fields).iterator():
                yield metric_id, at, *map(bytes, values)

    def piles(self, at: int) -> dict[int, Pile]:
        """Return the bins of the slot in which a bucket begins."""
        return self.bins.setdefault(self.slot_of(at), defaultdict(Pile))

    def slot_of(self, at: int) -> int:
        return at // self.step * self.step if self.step else 0

    def met(self) -> list[int]:
        """Return the groups of which there is anything."""
        return [
            group
            for group in self.groups.wanted
            if grouping.joined(self.columns, self.whole, Members((group,))) != self.blank
        ]

    def of_slot(self, slot: int, members: Members, seconds: int) -> float | None:
        if self.quantile is None:
            return answer(self.aggregation, grouping.joined(self.columns, self.sums[slot], members), {}, seconds)
        pile = self.bins.get(slot, {}).get(self._key_of(members))
        return None if pile is None else pile.percentile(self.quantile)

    def of_all_slots(self, members: Members, seconds: int) -> float | None:
        if self.quantile is None:
            return answer(self.aggregation, grouping.joined(self.columns, self.whole, members), {}, seconds)
        pile, key = Pile(), self._key_of(members)
        for found in self.bins.values():
            if key in found:
                pile.merge(found[key])
        return pile.percentile(self.quantile)

    def _key_of(self, members: Members) -> int:
        if members == self.groups.all:
            return _ALL
        return _REST if members.is_rest else members.groups[0]


def chart(question: Question, start: int, end: int, step: int, *, top: int = 5) -> Chart:
    """Return the metric in slots of `step` seconds (a multiple of 60), the greatest `top` groups apart.

    Raises `UnknownMetricError`.
    """
    metrics = metrics_of(question)
    stored = max(each for each in Resolution if step % each == 0)
    when = [Q(resolution=stored, start__gte=start // step * step, start__lt=end)]
    read = _read(question, metrics, when, step)
    kept, rest_count = _ranked(read, top) if question.group_by else ([], 0)
    _read_bins(read, kept, has_rest=rest_count > 0)
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
    _read_bins(read, met if question.group_by else [], has_rest=False)
    return {
        read.groups.labels[group] if question.group_by else "": read.of_all_slots(
            Members((group,)) if question.group_by else read.groups.all, end - start
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
    for metric_id, at, cells in read.buckets("cells"):
        columns, slot = Columns(cells), read.slot_of(at)
        placing = read.placings[metric_id, at] = groups.of(metric_id, columns)
        sums = grouping.of_bucket(read.columns, columns, placing, read.group_count)
        read.sums[slot] = grouping.merged(read.columns, read.sums[slot], sums) if slot in read.sums else sums
    return read


def _read_bins(read: _Read, kept: Sequence[int], *, has_rest: bool) -> None:
    """Read the bins that percentiles are made of: of each of `kept`, of all others together, and of all.

    What no filter narrows needs only the bins of `kept`: the rest is the difference to those of all series, which each
    bucket has ready.
    """
    if read.quantile is None:
        return
    if read.is_filtered or kept:
        _read_spreads(read, kept)
    else:
        for _, at, total_bins in read.buckets("total_bins"):
            read.piles(at)[_ALL].add(total_bins)
    if read.is_filtered or has_rest:
        for found in read.bins.values():
            _complete(read, found, kept)


def _read_spreads(read: _Read, kept: Sequence[int]) -> None:
    """Open the histograms of the series of `kept`, and where a filter narrows those of all others that it leaves."""
    target = {group: group for group in kept}
    if read.is_filtered:
        target |= {group: _REST for group in read.groups.wanted if group not in target}
    wanted: dict[int, list[tuple[int, int]]] = {}
    for metric_id, at, bins, total_bins in read.buckets("bins", "total_bins"):
        placing, found = read.placings.get((metric_id, at)), read.piles(at)
        if placing is None or not bins:
            continue
        if id(placing) not in wanted:
            wanted[id(placing)] = [
                (number, target[group]) for number, group in enumerate(placing.groups) if group in target
            ]
        spreads = Spreads(bins)
        for number, key in wanted[id(placing)]:
            found[key].add(spreads.of(number))
        if not read.is_filtered:
            found[_ALL].add(total_bins)


def _complete(read: _Read, found: dict[int, Pile], kept: Sequence[int]) -> None:
    """Add what follows from the bins that were read: of all by the parts, or of the rest by all."""
    parts = [found[group] for group in kept if group in found]
    if read.is_filtered:
        parts += [found[_REST]] if _REST in found else []
        for part in parts:
            found[_ALL].merge(part)
        return
    found[_REST].merge(found[_ALL])
    for part in parts:
        found[_REST].take_out(part)


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
            values.append(read.of_slot(start, members, read.step))
        else:
            values.append(nothing_there if start + read.step > watched_from else None)
    return Line(label, values, read.of_all_slots(members, len(starts) * read.step), is_other)
