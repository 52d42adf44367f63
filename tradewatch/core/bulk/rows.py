"""Rows as values: folding what belongs to one key before the database sees it."""

from collections.abc import Sequence
from typing import Any

Row = Sequence[Any]  # the values of a row come in as many types as columns have
Key = tuple[Any, ...]


def fold(rows: Sequence[Row], *, keys: int, adds: int, latest: int) -> list[Row]:
    """Return one row a key, sorted by key: `adds` summed, the greatest of `latest`, the smallest of what follows."""
    by_key: dict[Key, Row] = {}
    for row in rows:
        key = tuple(row[:keys])
        known = by_key.get(key)
        by_key[key] = row if known is None else _merge(known, row, keys, keys + adds, keys + adds + latest)
    return [by_key[key] for key in sorted(by_key)]


def _merge(one: Row, other: Row, add_from: int, latest_from: int, earliest_from: int) -> Row:
    return (
        *one[:add_from],
        *(a + b for a, b in zip(one[add_from:latest_from], other[add_from:latest_from], strict=True)),
        *map(max, one[latest_from:earliest_from], other[latest_from:earliest_from]),
        *map(min, one[earliest_from:], other[earliest_from:]),
    )
