"""Values that say the same whichever database held them. Pure.

| kind       | portable                                        | SQLite holds          | PostgreSQL holds |
|---|---|---|---|
| `plain`    | int, float, str                                 | the same              | the same         |
| `bytes`    | bytes                                           | the same              | the same         |
| `bool`     | 0 or 1                                          | the same              | boolean          |
| `datetime` | `2026-11-26 14:30:00[.123456]`, UTC             | the same, or `.123`   | timestamptz      |
| `date`, `time` | ISO 8601                                    | the same              | date, time       |
| `uuid`     | 32 hexadecimal digits                           | the same              | uuid             |
| `json`     | JSON with sorted keys, without spaces           | as it was written     | jsonb            |
| `decimal:2`| text with so many places                        | an integer or a float | numeric          |

All of them are what either database takes for such a column as it stands; None is NULL everywhere.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Field, Model

_KINDS = {
    "BooleanField": "bool",
    "DateTimeField": "datetime",
    "DateField": "date",
    "TimeField": "time",
    "UUIDField": "uuid",
    "JSONField": "json",
    "BinaryField": "bytes",
}
_TELLTALE = re.compile(r"\d[eE]|\d{16}|-0")  # numbers that databases write in more than one way
_EXACT_BELOW = 1e15
_SECONDS, _MICROSECONDS = len("2026-11-26 14:30:00"), len("2026-11-26 14:30:00.000001")
_sorted = orjson.OPT_SORT_KEYS

Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its columns; rows are read in the order of `key`, its primary key."""

    name: str
    key: str
    columns: tuple[Column, ...]

    @property
    def is_wide(self) -> bool:
        """Whether a row may carry a MiB or more."""
        return any(column.kind == "bytes" for column in self.columns)

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


def table_of(model: type[Model]) -> Table:
    about = model._meta
    return Table(about.db_table, str(about.pk.column), columns_of(model))


def columns_of(model: type[Model]) -> tuple[Column, ...]:
    return tuple(Column(str(field.column), _kind_of(field)) for field in model._meta.concrete_fields)


def _kind_of(field: "Field[Any, Any]") -> str:
    while field.remote_field is not None:
        field = field.target_field  # type: ignore[attr-defined]  # what is related has one
    name = field.get_internal_type()
    if name == "DecimalField":
        return f"decimal:{field.decimal_places}"  # type: ignore[attr-defined]  # as its type says
    return _KINDS.get(name, "plain")


def json_text(text: str) -> str:
    """Return the JSON document as both databases give it back: jsonb forgets spaces, order, exponents and -0."""
    value = orjson.loads(text)
    return orjson.dumps(_plain_numbers(value) if _TELLTALE.search(text) else value, option=_sorted).decode()


def _plain_numbers(value: Any) -> Any:
    """Return `value` without the numbers that jsonb spells out: 1e16 comes back as an integer, -0.0 as 0.0."""
    if isinstance(value, Mapping):
        return {name: _plain_numbers(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        if _EXACT_BELOW <= abs(value) < 2**63:
            return int(Decimal(repr(value)))  # the digits as written, not those of the binary fraction
        return value + 0.0
    return value


def decimal_text(places: int) -> Convert:
    """Return a function that writes SQLite's integer or float, or a Decimal, with `places` places."""
    exact = Context(prec=15)  # as Django reads SQLite's decimals

    def write(value: float | Decimal) -> str:
        number = exact.create_decimal_from_float(value) if isinstance(value, float) else Decimal(value)
        return f"{number:.{places}f}"

    return write


def from_sqlite(kind: str) -> Convert | None:
    """Return what makes SQLite's value portable; None: it is."""
    if kind.startswith("decimal:"):
        return decimal_text(int(kind.partition(":")[2]))
    return {"json": json_text, "datetime": _settled}.get(kind)


def from_postgres(kind: str) -> Convert | None:
    if kind.startswith("decimal:"):
        return decimal_text(int(kind.partition(":")[2]))
    return _FROM_POSTGRES.get(kind)


def _settled(text: str) -> str:
    """Return a moment with six places or none: a default of the database itself (`db_default=Now()`) writes three."""
    if len(text) == _SECONDS or (len(text) == _MICROSECONDS and not text.endswith(".000000")):
        return text
    return datetime.fromisoformat(text).isoformat(" ")


def _datetime_text(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(" ")[:-6]  # without +00:00


def _uuid_text(value: UUID) -> str:
    return value.hex


def _iso(value: date | time) -> str:
    return value.isoformat()


_FROM_POSTGRES: dict[str, Convert] = {
    "bool": int,
    "datetime": _datetime_text,
    "date": _iso,
    "time": _iso,
    "uuid": _uuid_text,
    "json": json_text,
}
