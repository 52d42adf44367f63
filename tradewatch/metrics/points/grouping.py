"""Sums of many series by group, column by column. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tradewatch.metrics.points.cells import COUNTS, LAST_ATS, LASTS, MAXS, MINS, SUMS, Columns

_NOTHING: dict[int, float] = {
    COUNTS: 0,
    SUMS: 0.0,
    MINS: float("inf"),
    MAXS: float("-inf"),
    LAST_ATS: float("-inf"),
    LASTS: float("-inf"),
}

Sums = list[list[float]]  # one list a column, in it one number a group


def nothing(columns: Sequence[int], group_count: int) -> Sums:
    return [[_NOTHING[column]] * group_count for column in columns]


def add_bucket(sums: Sums, columns: Sequence[int], bucket: Columns, groups: Sequence[int] | None) -> None:
    """Add a bucket's series to the sums of their groups. `groups` gives one for each series; None: all are group 0."""
    if LASTS in columns:
        _add_lasts(sums, bucket, groups)
        return
    for own, column in zip(sums, columns, strict=True):
        numbers: Sequence[float] = bucket.counts() if column == COUNTS else bucket.numbers(column)
        if groups is None:
            own[0] = _together(column, [own[0], *numbers])
        elif column in (COUNTS, SUMS):
            for group, number in zip(groups, numbers, strict=True):
                own[group] += number
        else:
            best = min if column == MINS else max
            for group, number in zip(groups, numbers, strict=True):
                own[group] = best(own[group], number)


@dataclass(frozen=True, slots=True)
class Members:
    """Which groups make a line: these, or all but these."""

    groups: tuple[int, ...]
    is_rest: bool = False


def joined(columns: Sequence[int], sums: Sums, members: Members) -> list[float]:
    """Return what several groups make together, one number a column."""
    chosen = [_chosen(column, own, members) for own, column in zip(sums, columns, strict=True)]
    if LASTS in columns:
        return list(max(zip(*chosen, strict=True), default=(_NOTHING[LAST_ATS], _NOTHING[LASTS])))
    return [_together(column, [_NOTHING[column], *own]) for own, column in zip(chosen, columns, strict=True)]


def over_time(columns: Sequence[int], slots: Iterable[Sums], group_count: int) -> Sums:
    """Return the sums of all slots together, by group."""
    parts = [nothing(columns, group_count), *slots]
    if LASTS in columns:
        ats, lasts = (zip(*(part[number] for part in parts), strict=True) for number in (0, 1))
        pairs = [max(zip(*pair, strict=True)) for pair in zip(ats, lasts, strict=True)]
        return [[at for at, _ in pairs], [last for _, last in pairs]]
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


def _add_lasts(sums: Sums, bucket: Columns, groups: Sequence[int] | None) -> None:
    own_ats, own_lasts = sums
    ats, lasts = bucket.numbers(LAST_ATS), bucket.numbers(LASTS)
    if groups is None:
        own = own_ats[0], own_lasts[0]
        own_ats[0], own_lasts[0] = max(own, max(zip(ats, lasts, strict=True), default=own))
        return
    for group, at, last in zip(groups, ats, lasts, strict=True):
        if at > own_ats[group] or (at == own_ats[group] and last > own_lasts[group]):
            own_ats[group], own_lasts[group] = at, last
