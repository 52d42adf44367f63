"""Lines in columns: each attribute's distinct values once, and for each line a number that says which. Pure.

A stock SDK sends 700 to 1,200 bytes a line, nearly all of it the same from line to line. In columns, compressed, 15 to
40 are left, and a search touches only the columns that it asks about.
"""

import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tradewatch.performance.logs.lines import Line, Scalar

MOST_LINES = 4096  # of a block: a number of a value fits into two bytes, and a search decompresses little for nothing
BETWEEN = "\0"  # between two bodies; in none of them
ABSENT = 0

_write, _read = msgspec.msgpack.Encoder().encode, msgspec.msgpack.Decoder().decode


@dataclass(slots=True)
class Column:
    """`codes` has a number for each line: 0 where it has no such attribute, else 1 + the place in `values`."""

    values: list[Scalar] = field(default_factory=list)
    codes: Sequence[int] = ()


@dataclass(slots=True)
class Table:
    """The lines of a block. Ids are bytes: 16 of a trace, 8 of a span."""

    at_us: Sequence[int]
    severities: bytes
    bodies: list[str]
    traces: Column
    spans: Column
    attributes: dict[str, Column]

    def __len__(self) -> int:
        return len(self.severities)


@dataclass(frozen=True, slots=True)
class Sections:
    """A table as it is stored, uncompressed. `trace_ids` stand alone: the database looks for ids in them."""

    trace_ids: bytes
    heads: bytes
    bodies: bytes
    attributes: bytes


def table_of(lines: Sequence[Line]) -> Table:
    """Return the table of lines that are in order of time."""
    columns: dict[str, _Filling] = {}
    traces, spans = _Filling(len(lines)), _Filling(len(lines))
    for at, line in enumerate(lines):
        if line.trace_id:
            traces.put(at, bytes.fromhex(line.trace_id))
        if line.span_id:
            spans.put(at, bytes.fromhex(line.span_id))
        for name, value in line.attributes.items():
            column = columns.get(name)
            if column is None:
                column = columns[name] = _Filling(len(lines))
            column.put(at, value)
    return Table(
        at_us=[line.at_us for line in lines],
        severities=bytes(line.severity for line in lines),
        bodies=[line.body for line in lines],
        traces=traces.done(),
        spans=spans.done(),
        attributes={name: column.done() for name, column in columns.items()},
    )


class _Filling:
    """A column while lines are put into it."""

    __slots__ = ("_codes", "_known", "_values")

    def __init__(self, length: int) -> None:
        self._codes = [ABSENT] * length
        self._known: dict[Any, int] = {}
        self._values: list[Any] = []

    def put(self, at: int, value: Any) -> None:
        self._codes[at] = self.code(value)

    def code(self, value: Any) -> int:
        kind = type(value)
        # True, 1 and 1.0 are one key of a dict and three values; a list is no key at all.
        key = value if kind is str or kind is bytes else (kind, repr(value))
        code = self._known.get(key)
        if code is None:
            self._values.append(value)
            code = self._known[key] = len(self._values)
        return code

    def put_all(self, start: int, column: Column) -> None:
        """Put a whole column at the lines from `start` on."""
        translated = [ABSENT, *map(self.code, column.values)]
        self._codes[start : start + len(column.codes)] = [translated[code] for code in column.codes]

    def done(self, order: Sequence[int] | None = None) -> Column:
        codes = self._codes
        return Column(self._values, codes if order is None else [codes[at] for at in order])


def merge(tables: Sequence[Table]) -> Table:
    """Return one table of all lines, in order of time."""
    length = sum(map(len, tables))
    traces, spans = _Filling(length), _Filling(length)
    columns: dict[str, _Filling] = {}
    start = 0
    for table in tables:
        traces.put_all(start, table.traces)
        spans.put_all(start, table.spans)
        for name, column in table.attributes.items():
            if name not in columns:
                columns[name] = _Filling(length)
            columns[name].put_all(start, column)
        start += len(table)
    at_us = [at for table in tables for at in table.at_us]
    severities = b"".join(table.severities for table in tables)
    bodies = [body for table in tables for body in table.bodies]
    order = sorted(range(length), key=at_us.__getitem__)
    return Table(
        at_us=[at_us[at] for at in order],
        severities=bytes(severities[at] for at in order),
        bodies=[bodies[at] for at in order],
        traces=traces.done(order),
        spans=spans.done(order),
        attributes={name: column.done(order) for name, column in columns.items()},
    )


def cut(table: Table, start: int, end: int) -> Table:
    """Return the lines from `start` up to `end`, with only the values that they have."""
    return Table(
        at_us=table.at_us[start:end],
        severities=table.severities[start:end],
        bodies=table.bodies[start:end],
        traces=_cut_column(table.traces, start, end),
        spans=_cut_column(table.spans, start, end),
        attributes={
            name: column
            for name, whole in table.attributes.items()
            if (column := _cut_column(whole, start, end)).values
        },
    )


def _cut_column(column: Column, start: int, end: int) -> Column:
    filling = _Filling(end - start)
    for at, code in enumerate(column.codes[start:end]):
        if code:
            filling.put(at, column.values[code - 1])
    return filling.done()


# --- as bytes ---------------------------------------------------------------------------------------------------------
def write(table: Table) -> Sections:
    heads = {
        "first": table.at_us[0],
        "gaps": _as_bytes("I", (after - at for at, after in zip(table.at_us, table.at_us[1:], strict=False))),
        "severities": table.severities,
        "traces": _written_codes(table.traces),
        "spans": [b"".join(table.spans.values), _written_codes(table.spans)],  # type: ignore[arg-type]  # bytes
    }
    attributes = {name: [column.values, _written_codes(column)] for name, column in sorted(table.attributes.items())}
    return Sections(
        trace_ids=b"".join(table.traces.values),  # type: ignore[arg-type]  # bytes
        heads=_write(heads),
        bodies=BETWEEN.join(table.bodies).encode(),
        attributes=_write(attributes),
    )


def read(sections: Sections) -> Table:
    heads = read_heads(sections.heads)
    return Table(
        at_us=heads.at_us,
        severities=heads.severities,
        bodies=sections.bodies.decode().split(BETWEEN),
        traces=Column(_sliced(sections.trace_ids, 16), heads.trace_codes),
        spans=heads.spans,
        attributes=read_attributes(sections.attributes, len(heads.severities)),
    )


@dataclass(frozen=True, slots=True)
class Heads:
    at_us: list[int]
    severities: bytes
    trace_codes: Sequence[int]
    spans: Column


def read_heads(data: bytes) -> Heads:
    found: dict[str, Any] = _read(data)
    at_us = [found["first"]]
    for gap in _from_bytes("I", found["gaps"]):
        at_us.append(at_us[-1] + gap)
    ids, codes = found["spans"]
    length = len(at_us)
    return Heads(
        at_us=at_us,
        severities=found["severities"],
        trace_codes=_read_codes(found["traces"], length),
        spans=Column(_sliced(ids, 8), _read_codes(codes, length)),
    )


def read_attributes(data: bytes, length: int) -> dict[str, Column]:
    found: Mapping[str, Any] = _read(data)
    return {name: Column(values, _read_codes(codes, length)) for name, (values, codes) in found.items()}


def _sliced(data: bytes, width: int) -> list[Any]:
    return [data[at : at + width] for at in range(0, len(data), width)]


def _written_codes(column: Column) -> int | bytes | list[bytes]:
    """Return the codes: one number where all lines have the same, a byte a line, or in a list two bytes a line."""
    codes = column.codes
    first = codes[0]
    if codes.count(first) == len(codes):
        return first
    return bytes(codes) if len(column.values) < 256 else [_as_bytes("H", codes)]


def _read_codes(written: int | bytes | list[bytes], length: int) -> Sequence[int]:
    if isinstance(written, bytes):
        return written
    return [written] * length if isinstance(written, int) else _from_bytes("H", written[0])


def _as_bytes(kind: str, numbers: Iterable[int]) -> bytes:
    packed = array(kind, numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def _from_bytes(kind: str, data: bytes) -> Sequence[int]:
    packed = array(kind)
    packed.frombytes(data)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed
