"""Histograms added up: a lane of 64 bits a bin in one great integer, so that adding two of them is one addition. Pure.

Bins lie in a few stretches: values of either sign, and zero, lie far apart. A stretch is such an integer and the bin
of its lowest lane.
"""

from bisect import bisect_right
from itertools import accumulate
from math import floor

from tradewatch.metrics.histogram import ZERO_BIN
from tradewatch.metrics.points import bins
from tradewatch.metrics.points.spread import value_of

_LANE = 64
_BYTES = 8


class Pile:
    """A histogram that grows. One that holds a single packed histogram is not opened before a second comes."""

    __slots__ = ("_sole", "_stretches")

    def __init__(self) -> None:
        self._sole = b""
        self._stretches: dict[int, tuple[int, int]] = {}  # by sign of the values

    def add(self, packed: bytes) -> None:
        """Add a histogram that `bins.pack` made."""
        if not packed:
            return
        if not self._sole and not self._stretches:
            self._sole = packed
            return
        self._open()
        self._sole = b""
        for stretch in _stretches_of(packed):
            self._add(*stretch)

    def merge(self, other: "Pile") -> None:
        self._merge(other, 1)

    def take_out(self, other: "Pile") -> None:
        """Take out what was added to this pile with other things."""
        self._merge(other, -1)

    def percentile(self, quantile: float) -> float | None:
        """Return the value of rank floor(quantile * (count - 1)), within 1%; None without values."""
        index = bins.bin_at(self._sole, quantile) if self._sole else self._bin_at(quantile)
        return None if index is None else value_of(index)

    def _bin_at(self, quantile: float) -> int | None:
        sides = [self._stretches[side] for side in sorted(self._stretches)]
        counted = [(first, list(accumulate(_counts(lanes)))) for first, lanes in sides if lanes]
        total = sum(passed[-1] for _, passed in counted)
        if not total:
            return None
        rank = floor(quantile * (total - 1))
        for first, passed in counted:
            if rank < passed[-1]:
                return first + bisect_right(passed, rank)
            rank -= passed[-1]
        raise AssertionError("a rank past the last value")

    def _merge(self, other: "Pile", sign: int) -> None:
        self._open()
        self._sole = b""
        for side, (first, lanes) in other._open().items():
            self._add(side, first, sign * lanes)

    def _open(self) -> dict[int, tuple[int, int]]:
        if self._sole and not self._stretches:
            for stretch in _stretches_of(self._sole):
                self._add(*stretch)
        return self._stretches

    def _add(self, side: int, first: int, lanes: int) -> None:
        known = self._stretches.get(side)
        if known is None:
            self._stretches[side] = first, lanes
        elif first >= known[0]:
            self._stretches[side] = known[0], known[1] + (lanes << _LANE * (first - known[0]))
        else:
            self._stretches[side] = first, (known[1] << _LANE * (known[0] - first)) + lanes


def _stretches_of(packed: bytes) -> list[tuple[int, int, int]]:
    """Return (side, first bin, lanes) of each run of bins."""
    return [(_side(first), first, _lanes(width, counts)) for first, width, counts in bins.runs(packed)]


def _side(index: int) -> int:
    return (index > ZERO_BIN) - (index < ZERO_BIN)


def _lanes(width: int, counts: bytes) -> int:
    if width < _BYTES:
        wide = bytearray(len(counts) // width * _BYTES)
        for number in range(width):
            wide[number::_BYTES] = counts[number::width]
        return int.from_bytes(wide, "little")
    return int.from_bytes(counts, "little")


def _counts(lanes: int) -> memoryview:
    size = -(-lanes.bit_length() // _LANE)
    return memoryview(lanes.to_bytes(size * _BYTES, "little")).cast("Q")
