"""Log-bucket histograms that merge without loss: percentiles of any union of buckets, at most 1% off.

The mapping is that of DDSketch (Masson, Rim, Lee, VLDB 2019): bin `i` holds (gamma^(i-1), gamma^i], and answers with
the value whose relative distance to both ends is equal.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

GAMMA = 1.01 / 0.99
SMALLEST_SECONDS = 1e-6  # below a microsecond a duration counts as zero
ZERO_BIN = -(2**15)  # under every index that a value of a microsecond or more can have

_LOG_GAMMA = math.log(GAMMA)

Bins = dict[int, int]  # {bin: count}

_decoder = msgspec.msgpack.Decoder(Bins)
_encode = msgspec.msgpack.Encoder().encode


def bin_of(seconds: float) -> int:
    """Return the bin of a duration; negative and tiny ones are zero."""
    if seconds < SMALLEST_SECONDS:
        return ZERO_BIN
    return math.ceil(math.log(seconds) / _LOG_GAMMA)


def value_of(index: int) -> float:
    """Return the seconds that stand for a bin, within 1% of every value in it."""
    return 0.0 if index == ZERO_BIN else 2.0 * GAMMA**index / (GAMMA + 1.0)


def bins_of(durations: Iterable[float]) -> Bins:
    bins: Bins = {}
    for seconds in durations:
        index = bin_of(seconds)
        bins[index] = bins.get(index, 0) + 1
    return bins


def merge(parts: Iterable[Mapping[int, int]]) -> Bins:
    """Return the histogram of all durations of the parts."""
    merged: Bins = {}
    for part in parts:
        for index, count in part.items():
            merged[index] = merged.get(index, 0) + count
    return merged


def percentiles(
    bins: Mapping[int, int], quantiles: Sequence[float], value_of: Callable[[int], float] = value_of
) -> list[float] | None:
    """Return the value at each of `quantiles` (0.0 to 1.0, any order): the value of rank floor(q * (count - 1)).

    None without values.
    """
    total = sum(bins.values())
    if total <= 0:
        return None
    ordered = sorted(bins.items())
    return [value_of(_bin_at(ordered, math.floor(quantile * (total - 1)))) for quantile in quantiles]


def pack(bins: Bins) -> bytes:
    return _encode(bins)


def unpack(data: bytes) -> Bins:
    """Return the bins of stored bytes; none for an empty row."""
    return _decoder.decode(data) if data else {}


def _bin_at(ordered: Sequence[tuple[int, int]], rank: int) -> int:
    passed = 0
    for index, count in ordered:
        passed += count
        if passed > rank:
            return index
    return ordered[-1][0]
