"""Histograms of a measure's durations: of each minute by the hour, of half hours and of the day. Pure.

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
_UNPACKED = 60  # bytes that a packed one becomes: a bin in a dictionary
_encode = msgspec.msgpack.Encoder().encode


class _Day(NamedTuple):
    total: bytes
    half_hours: bytes


_decode_day = msgspec.msgpack.Decoder(_Day).decode
_decode_list = msgspec.msgpack.Decoder(list[bytes]).decode
_decode_minutes = msgspec.msgpack.Decoder(dict[int, bytes]).decode


class DaySpread:
    """The packed histograms of a day's half hours; unpacked when they are first asked for."""

    def __init__(self, packed: bytes) -> None:
        self._packed = _decode_day(packed) if packed else _Day(b"", b"")
        self.cost = 1000 + _UNPACKED * len(packed)
        self.is_empty = not packed

    @cached_property
    def total(self) -> WeightedBins:
        return unpack_bins(self._packed.total)

    @cached_property
    def half_hours(self) -> Sequence[WeightedBins]:
        if not self._packed.half_hours:
            return [{}] * HALF_HOURS_A_DAY
        return [unpack_bins(each) for each in _decode_list(zstandard.decompress(self._packed.half_hours))]


def pack_day(half_hours: Sequence[WeightedBins]) -> bytes:
    """Return the bytes of 48 half hours; empty when nothing is in them."""
    if not any(half_hours):
        return b""
    packed = _encode([pack_bins(each) for each in half_hours])
    return _encode(_Day(pack_bins(merge(half_hours)), zstandard.compress(packed, _LEVEL)))


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
