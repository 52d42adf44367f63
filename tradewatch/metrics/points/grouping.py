"""Sums of many series by group, column by column. Pure."""

from collections.abc import Iterable, Sequence

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


def joined(columns: Sequence[int], sums: Sums, groups: Iterable[int]) -> list[float]:
    """Return what several groups make together, one number a column."""
    chosen = list(groups)
    if LASTS in columns:
        pairs = [(sums[0][group], sums[1][group]) for group in chosen]
        return list(max(pairs, default=(_NOTHING[LAST_ATS], _NOTHING[LASTS])))
    return [
        _together(column, [_NOTHING[column], *(own[group] for group in chosen)])
        for own, column in zip(sums, columns, strict=True)
    ]


def over_time(columns: Sequence[int], slots: Iterable[Sums], group_count: int) -> Sums:
    """Return the sums of all slots together, by group."""
    parts = [nothing(columns, group_count), *slots]
    if LASTS in columns:
        pairs = [max((part[0][group], part[1][group]) for part in parts) for group in range(group_count)]
        return [[at for at, _ in pairs], [last for _, last in pairs]]
    return [
        [_together(column, numbers) for numbers in zip(*(part[number] for part in parts), strict=True)]
        for number, column in enumerate(columns)
    ]


def _together(column: int, numbers: Sequence[float]) -> float:
    if column == MINS:
        return min(numbers)
    return max(numbers) if column == MAXS else sum(numbers)


def _add_lasts(sums: Sums, bucket: Columns, groups: Sequence[int] | None) -> None:
    pairs = zip(bucket.numbers(LAST_ATS), bucket.numbers(LASTS), strict=True)
    for position, pair in enumerate(pairs):
        group = 0 if groups is None else groups[position]
        if pair > (sums[0][group], sums[1][group]):
            sums[0][group], sums[1][group] = pair
