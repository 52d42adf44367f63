"""Pages by cursor: the last row's place in the order, so that rows which arrive meanwhile shift nothing."""

import base64
import binascii
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from tradewatch.core.faults import Invalid

Row = TypeVar("Row", bound=Model)
LONGEST_CURSOR = 1_000  # ours are shorter; JSON of another length may be nested beyond the parser's recursion


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    next: str | None


def read_page(rows: QuerySet[Row], *, order: Sequence[str], cursor: str | None, size: int) -> Page[Row]:
    """Return at most `size` rows after `cursor`, and the cursor of the page that follows (None: this is the last).

    `order` names fields as in `order_by`, none nullable, the last one unique, e.g. ("-starts_at", "-id").
    No moment that the database fills in by `db_default=Now()`: SQLite writes those with fewer digits than it compares.
    Raises `Invalid` for a cursor that was not made by this function in this order.
    """
    ordered = rows.order_by(*order)
    if cursor:
        ordered = ordered.filter(_after(order, _read_cursor(rows.model, order, cursor)))
    found = list(ordered[: size + 1])
    more = len(found) > size
    return Page(found[:size], cursor_of(found[size - 1], order) if more else None)


def _after(order: Sequence[str], values: Sequence[Any]) -> Q:
    """The condition "comes later in the order", as (a > 1) or (a = 1 and b > 2) or ..."""
    later, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        field, lookup = name.lstrip("-"), "lt" if name.startswith("-") else "gt"
        later |= equal & Q(**{f"{field}__{lookup}": value})
        equal &= Q(**{field: value})
    return later


def cursor_of(row: Model, order: Sequence[str]) -> str:
    """Return the cursor of what follows `row` in this order."""
    texts = [row._meta.get_field(name.lstrip("-")).value_to_string(row) for name in order]  # type: ignore[union-attr]  # columns only
    return base64.urlsafe_b64encode(json.dumps(texts).encode()).decode().rstrip("=")


def _read_cursor(model: type[Model], order: Sequence[str], cursor: str) -> list[Any]:
    try:
        texts = json.loads(base64.urlsafe_b64decode(cursor[:LONGEST_CURSOR] + "=" * (-len(cursor) % 4)))
        if not all(type(text) is str for text in texts):
            raise TypeError
        fields = [model._meta.get_field(name.lstrip("-")) for name in order]
        values = [field.to_python(text) for field, text in zip(fields, texts, strict=True)]  # type: ignore[union-attr]  # columns only
    except (binascii.Error, ValueError, TypeError, OverflowError, ValidationError):
        values = []
    if not values or not all(_is_comparable(value) for value in values):
        raise Invalid("bad cursor", errors={"cursor": ["take it from `next` of the page before"]})
    return values


def _is_comparable(value: Any) -> bool:
    """Return whether a database can compare a column with `value`: whoever forges a cursor may put anything there."""
    match value:
        case int():
            return -(2**63) <= value < 2**63
        case float():
            return math.isfinite(value)
        case str():
            return "\0" not in value
        case datetime():
            return value.tzinfo is not None and 1 < value.year < 9999  # the ends overflow on their way to UTC
        case _:
            return False
