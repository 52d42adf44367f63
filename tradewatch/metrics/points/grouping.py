"""Sums of many series by group, column by column. Pure."""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from operator import itemgetter

from tradewatch.metrics.points.cells import COUNTS, LAST_ATS, LASTS, MAXS, MINS, SUMS, Columns

_NOTHING: dict[int, float] = {
    COUNTS: 0,
    SUMS: 0.0,
    MINS: float("inf"),
    MAXS: float("-inf"),
    LAST_ATS: float("-inf"),
    LASTS: float("-inf"),
}
_NO_LAST = (_NOTHING[LAST_ATS], _NOTHING[LASTS])
_JOINS: dict[int, Callable[[float, float], float]] = {
    COUNTS: operator.add,
    SUMS: operator.add,
    MINS: min,
    MAXS: max,
}

Sums = list[list[float]]  # one list a column, in it one number a group


def nothing(columns: Sequence[int], group_count: int) -> Sums:
    return [[_NOTHING[column]] * group_count for column in columns]


class Placing:
    """Which group each series of a bucket belongs to. Group 0 is left out."""

    def __init__(self, groups: Sequence[int], group_count: int) -> None:
        self.groups = groups
        self._pick = _picker(groups, group_count)

    def by_group(self, numbers: Sequence[float], column: int, group_count: int) -> list[float]:
        """Return one number a group."""
        blank = _NOTHING[column]
        if self._pick is not None:
            return list(self._pick([*numbers, blank]))
        own = [blank] * group_count
        if column in (COUNTS, SUMS):
            for group, number in zip(self.groups, numbers, strict=True):
                own[group] += number
        else:
            best = min if column == MINS else max
            for group, number in zip(self.groups, numbers, strict=True):
                own[group] = best(own[group], number)
        return own

    def lasts_by_group(self, ats: Sequence[float], lasts: Sequence[float], group_count: int) -> Sums:
        if self._pick is not None:
            return [self.by_group(ats, LAST_ATS, group_count), self.by_group(lasts, LASTS, group_count)]
        own_ats, own_lasts = nothing((LAST_ATS, LASTS), group_count)
        for group, at, last in zip(self.groups, ats, lasts, strict=True):
            if at > own_ats[group] or (at == own_ats[group] and last > own_lasts[group]):
                own_ats[group], own_lasts[group] = at, last
        return [own_ats, own_lasts]


def of_bucket(columns: Sequence[int], bucket: Columns, placing: Placing | None, group_count: int) -> Sums:
    """Return the sums of a bucket's series by group; without a placing all are of the one group."""
    if LASTS in columns:
        ats, lasts = bucket.numbers(LAST_ATS), bucket.numbers(LASTS)
        if placing is not None:
            return placing.lasts_by_group(ats, lasts, group_count)
        return [[number] for number in max(zip(ats, lasts, strict=True), default=_NO_LAST)]
    found = []
    for column in columns:
        numbers: Sequence[float] = bucket.counts() if column == COUNTS else bucket.numbers(column)
        if placing is None:
            found.append([_together(column, [_NOTHING[column], *numbers])])
        else:
            found.append(placing.by_group(numbers, column, group_count))
    return found


def merged(columns: Sequence[int], sums: Sums, more: Sums) -> Sums:
    """Return what two intervals make together, by group."""
    if LASTS in columns:
        pairs = map(max, zip(*sums, strict=True), zip(*more, strict=True))
        return [list(numbers) for numbers in zip(*pairs, strict=True)]
    return [list(map(_JOINS[column], *parts)) for column, *parts in zip(columns, sums, more, strict=True)]


def _picker(groups: Sequence[int], group_count: int) -> Callable[[list[float]], Sequence[float]] | None:
    """Return what puts a column in the order of the groups, where no two series are of one group: most charts by the
    attribute with the most values. It is given the column with what stands for nothing as its last number."""
    placed = [group for group in groups if group]
    if len(placed) != len(set(placed)) or group_count < 2:
        return None
    places = [len(groups)] * group_count
    for place, group in enumerate(groups):
        if group:
            places[group] = place
    return itemgetter(*places)


@dataclass(frozen=True, slots=True)
class Members:
    """Which groups make a line: these, or all but these."""

    groups: tuple[int, ...]
    is_rest: bool = False


def joined(columns: Sequence[int], sums: Sums, members: Members) -> list[float]:
    """Return what several groups make together, one number a column."""
    chosen = [_chosen(column, own, members) for own, column in zip(sums, columns, strict=True)]
    if LASTS in columns:
        return list(max(zip(*chosen, strict=True), default=_NO_LAST))
    return [_together(column, [_NOTHING[column], *own]) for own, column in zip(chosen, columns, strict=True)]


def over_time(columns: Sequence[int], slots: Iterable[Sums], group_count: int) -> Sums:
    """Return the sums of all slots together, by group. Slots share no moment."""
    parts = [nothing(columns, group_count), *slots]
    if LASTS in columns:
        all_ats, all_lasts = (list(zip(*(part[number] for part in parts), strict=True)) for number in (0, 1))
        ats = [max(own) for own in all_ats]
        return [ats, [lasts[own.index(at)] for at, own, lasts in zip(ats, all_ats, all_lasts, strict=True)]]
    if columns and set(columns) <= {COUNTS, SUMS}:
        return reduce(partial(merged, columns), parts)
    return [
        [_together(column, numbers) for numbers in zip(*(part[number] for part in parts), strict=True)]
        for number, column in enumerate(columns)
    ]


def _chosen(column: int, own: list[float], members: Members) -> list[float]:
    if not members.is_rest:
        return [own[group] for group in members.groups]
    rest = own.copy()
    for group in members.groups:
        rest[group] = _NOTHING[column]
    return rest


def _together(column: int, numbers: Sequence[float]) -> float:
    if column == MINS:
        return min(numbers)
    return max(numbers) if column == MAXS else sum(numbers)
