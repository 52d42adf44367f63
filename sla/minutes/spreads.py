"""Histograms of a measure's durations: of each minute by the hour, and running ones of a day by the half hour. Pure.

Sessions of all exchanges begin and end on half hours, so that minutes are looked at only for odd edges.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

import msgspec
import zstandard

from tradewatch.metrics.points import bins as counted
from tradewatch.performance.traces.weighing import WeightedBins, exact, merge

HALF_HOURS_A_DAY = 48
_LEVEL = 3
_encode = msgspec.msgpack.Encoder().encode


class _Day(NamedTuple):
    total: bytes
    running: bytes


_decode_day = msgspec.msgpack.Decoder(_Day).decode
_decode_list = msgspec.msgpack.Decoder(list[bytes]).decode
_decode_minutes = msgspec.msgpack.Decoder(dict[int, bytes]).decode


class DaySpread:
    """A day's packed histograms: for each half hour that of all from midnight to its end.

    So that any stretch of half hours is one histogram less another, however long it is. What is unpacked is not kept:
    it takes fifty times the room.
    """

    def __init__(self, packed: bytes = b"") -> None:
        self._packed = _decode_day(packed) if packed else _Day(b"", b"")
        self.cost = 1000 + 3 * len(packed)
        self.is_empty = not packed

    @property
    def total(self) -> WeightedBins:
        return unpack_bins(self._packed.total)

    def until(self, half_hour: int) -> WeightedBins:
        """Return the histogram of the first `half_hour` half hours."""
        return unpack_bins(_last_of(self._running[:half_hour]))

    def with_half_hours(self, changed: Mapping[int, WeightedBins]) -> bytes:
        """Return the bytes of the day in which these half hours have other histograms."""
        running = list(self._running)
        for half_hour, bins in sorted(changed.items()):
            before = unpack_bins(_last_of(running[:half_hour]))
            whole = unpack_bins(_last_of(running[: half_hour + 1]))
            change = without(merge([bins, before]), whole)
            if not change:
                continue
            for at in range(half_hour, HALF_HOURS_A_DAY):
                if at == half_hour:
                    running[at] = pack_bins(_tidy(merge([whole, change])))
                elif running[at]:
                    running[at] = pack_bins(_tidy(merge([unpack_bins(running[at]), change])))
        if not any(running):
            return b""
        return _encode(_Day(_last_of(running), zstandard.compress(_encode(running), _LEVEL)))

    @cached_property
    def _running(self) -> list[bytes]:
        """Empty: nothing came in that half hour."""
        if not self._packed.running:
            return [b""] * HALF_HOURS_A_DAY
        return _decode_list(zstandard.decompress(self._packed.running))


def without(bins: Mapping[int, int | float], other: Mapping[int, int | float]) -> WeightedBins:
    """Return the bins less those of `other`."""
    return _tidy(merge([bins, {index: -weight for index, weight in other.items()}]))


def _tidy(bins: WeightedBins) -> WeightedBins:
    return {index: weight for index, weight in bins.items() if weight}


def _last_of(running: Sequence[bytes]) -> bytes:
    return next((each for each in reversed(running) if each), b"")


def pack_hour(minutes: Mapping[int, WeightedBins]) -> bytes:
    """Return the bytes of {minute of the hour: bins}; empty when nothing is in them."""
    packed = {at: pack_bins(minutes[at]) for at in sorted(minutes) if minutes[at]}
    return zstandard.compress(_encode(packed), _LEVEL) if packed else b""


def unpack_hour(data: bytes) -> dict[int, WeightedBins]:
    if not data:
        return {}
    return {at: unpack_bins(each) for at, each in _decode_minutes(zstandard.decompress(data)).items()}


def pack_bins(bins: WeightedBins) -> bytes:
    """Return the bytes of bins. Weights are thousandths (`weighing.exact`): whole ones are stored as they are."""
    if not bins:
        return b""
    if all(type(weight) is int for weight in bins.values()):
        return b"\1" + counted.pack(bins)  # type: ignore[arg-type]  # just looked at
    return b"\0" + counted.pack({index: round(weight * 1000) for index, weight in bins.items()})


def unpack_bins(data: bytes) -> WeightedBins:
    if not data:
        return {}
    bins = counted.unpack(data[1:])
    return dict(bins) if data[0] else {index: exact(weight / 1000) for index, weight in bins.items()}
