"""A day of a measure as bytes and back: columns as narrow as their numbers allow, sums of hours and of the day apart.

Sums over whole days and hours are read without looking at the minutes. Pure. The same minutes give the same bytes.
"""

import sys
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import accumulate
from math import gcd
from operator import sub
from typing import NamedTuple

import msgspec
import zstandard

from sla.minutes.values import UNIT, SliceCounts, SliceTally, Sums

DAY, HOUR, MINUTE = 86_400, 3600, 60
MINUTES_A_DAY = DAY // MINUTE
MOST = 2**52  # of a minute, so that the sums of a day fit into 64 bits: 4.5 billion weighted requests
_LEVEL = 3
_UNPACKED_BYTES = 10_000  # of columns two bytes wide, and the hours
_VERSION = 1
_WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}
_KNOWN, _APPROXIMATE = b"\1", b"\3"
_NOTHING = b"\0" * MINUTES_A_DAY


class Minute(NamedTuple):
    """The counts of one minute, as in `Sums`."""

    valid: int
    bad: int
    received: int
    received_bad: int
    is_approximate: bool = False


class Totals(NamedTuple):
    """`Sums` while they are added up: a tuple costs a tenth of a frozen object."""

    valid: int = 0
    bad: int = 0
    received: int = 0
    received_bad: int = 0
    minutes: int = 0
    approximate_minutes: int = 0


class _Column(NamedTuple):
    """Numbers divided by `scale`, of `width` bytes each; width 0: all are zero."""

    scale: int
    width: int
    numbers: bytes


class _Packed(NamedTuple):
    version: int
    total: Totals
    hours: bytes
    minutes: bytes


class _Minutes(NamedTuple):
    columns: list[_Column]
    flags: bytes


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Packed).decode
_decode_hours = msgspec.msgpack.Decoder(list[Totals]).decode
_decode_minutes = msgspec.msgpack.Decoder(_Minutes).decode


def millionths(number: float) -> int:
    """Return a weighted count in `UNIT`s, never negative and never more than a block holds."""
    return min(max(round(number * UNIT), 0), MOST)


def pack_counts(minutes: Mapping[int, Minute]) -> bytes:
    """Return the bytes of {minute of the day: counts}."""
    columns = [[0] * MINUTES_A_DAY for _ in range(4)]
    flags = bytearray(_NOTHING)
    for at, minute in minutes.items():
        for column, number in zip(columns, minute, strict=False):
            column[at] = number
        flags[at] = (_APPROXIMATE if minute.is_approximate else _KNOWN)[0]
    hours = [_totals(columns, flags, at, at + 60) for at in range(0, MINUTES_A_DAY, 60)]
    total = Totals(*map(sum, zip(*hours, strict=True)))
    packed = _encode(_Minutes([_column(each) for each in columns], bytes(flags)))
    return _encode(_Packed(_VERSION, total, _encode(hours), zstandard.compress(packed, _LEVEL)))


class DayCounts:
    """A packed day. Hours and minutes are unpacked when they are first asked for."""

    def __init__(self, packed: bytes) -> None:
        self._packed = _decode(packed)
        self.total = self._packed.total
        self.cost = len(packed) + _UNPACKED_BYTES
        self._tallies: dict[tuple[int, int, int], SliceTally] = {}

    def totals(self, first: int, last: int) -> Iterator[Totals]:
        """Yield what adds up to the minutes [first, last) of the day: whole hours, and minutes at the ends."""
        if first == 0 and last == MINUTES_A_DAY:
            yield self.total
            return
        first_hour, last_hour = -(-first // 60), last // 60
        if first_hour >= last_hour:
            yield self._of_minutes(first, last)
            return
        if first < first_hour * 60:
            yield self._of_minutes(first, first_hour * 60)
        yield from self._hours[first_hour:last_hour]
        if last_hour * 60 < last:
            yield self._of_minutes(last_hour * 60, last)

    def each(self, first: int = 0, last: int = MINUTES_A_DAY) -> Iterator[tuple[int, Minute]]:
        """Yield (minute of the day, counts) of the minutes in [first, last) that had anything."""
        columns, flags = self._minutes
        rows = zip(*(_slice(column, first, last) for column in columns), strict=True)
        for at, (flag, numbers) in enumerate(zip(flags[first:last], rows, strict=True), first):
            if flag:
                valid, bad, received, received_bad = numbers
                yield at, Minute(valid, bad, received, received_bad, flag == _APPROXIMATE[0])

    def slices(self, first: int, last: int, size: int, number: int) -> list[SliceCounts]:
        """Return the counts of minutes [first, last) by slices of `size` that had anything.

        `number` is that of the day's first slice.
        """
        if first >= last:
            return []
        cuts = [first, *range(first // size * size + size, last, size), last]
        numbers = range(number + first // size, number + first // size + len(cuts) - 1)
        columns, flags = self._minutes
        known = [int(flag > 0) for flag in flags]
        approximate = [int(flag == _APPROXIMATE[0]) for flag in flags] if _APPROXIMATE in flags else _NOTHING
        parts = (_between(each, cuts) for each in (*columns[:2], (1, known), (1, approximate)))
        return [row for row in zip(numbers, *parts, strict=True) if row[3]]

    def tally(self, size: int, low: int, high: int) -> SliceTally:
        """Return how the day's slices of `size` stand to low / high, at most 1; the day remembers it."""
        if (found := self._tallies.get((size, low, high))) is None:
            columns, _ = self._minutes
            cuts = range(0, MINUTES_A_DAY + 1, size)
            valid, bad = (_between(each, cuts) for each in columns[:2])
            failed = sum(
                1 for of, each in zip(valid, bad, strict=True) if each and of and (of - each) * high < low * of
            )
            judged = len(valid) - valid.count(0)
            found = SliceTally(judged, failed, self.total.minutes, self.total.approximate_minutes)
            self._tallies[size, low, high] = found
        return found

    @cached_property
    def _hours(self) -> list[Totals]:
        return _decode_hours(self._packed.hours)

    @cached_property
    def _minutes(self) -> tuple[list[tuple[int, Sequence[int]]], bytes]:
        """Each column as (scale, numbers), and the flags."""
        columns, flags = _decode_minutes(zstandard.decompress(self._packed.minutes))
        return [(each.scale, _numbers(each)) for each in columns], flags

    def _of_minutes(self, first: int, last: int) -> Totals:
        columns, flags = self._minutes
        known, approximate = flags.count(_KNOWN, first, last), flags.count(_APPROXIMATE, first, last)
        valid, bad, received, received_bad = (scale * sum(numbers[first:last]) for scale, numbers in columns)
        return Totals(valid, bad, received, received_bad, known + approximate, approximate)


def sums_of(totals: Sequence[Totals]) -> Sums:
    return Sums(*map(sum, zip(*totals, strict=True))) if totals else Sums()


def _totals(columns: Sequence[Sequence[int]], flags: bytearray, first: int, last: int) -> Totals:
    known, approximate = flags.count(_KNOWN, first, last), flags.count(_APPROXIMATE, first, last)
    valid, bad, received, received_bad = (sum(each[first:last]) for each in columns)
    return Totals(valid, bad, received, received_bad, known + approximate, approximate)


def _column(numbers: Sequence[int]) -> _Column:
    largest = max(numbers)
    if not largest:
        return _Column(1, 0, b"")
    scale = UNIT if gcd(UNIT, *numbers) == UNIT else 1
    width = next(width for width in _WIDTHS if largest // scale < 256**width)
    packed = array(_WIDTHS[width], [number // scale for number in numbers] if scale > 1 else numbers)
    return _Column(scale, width, _little_endian(packed).tobytes())


def _numbers(column: _Column) -> Sequence[int]:
    if not column.width:
        return _NOTHING
    numbers = array(_WIDTHS[column.width])
    numbers.frombytes(column.numbers)
    return _little_endian(numbers)


def _between(column: tuple[int, Sequence[int]], cuts: Sequence[int]) -> list[int]:
    """Return the sums of a column between the cuts: differences of running sums, unless every minute is cut."""
    scale, numbers = column
    start, end = cuts[0], cuts[-1]
    if len(cuts) == end - start + 1:
        parts = list(numbers[start:end])
    else:
        running = list(accumulate(numbers[start:end], initial=0))
        edges = [running[cut - start] for cut in cuts]
        parts = list(map(sub, edges[1:], edges))
    return [scale * part for part in parts] if scale > 1 else parts


def _slice(column: tuple[int, Sequence[int]], first: int, last: int) -> Sequence[int]:
    scale, numbers = column
    return [scale * number for number in numbers[first:last]] if scale > 1 else numbers[first:last]


def _little_endian(numbers: "array[int]") -> "array[int]":
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
