"""Histograms in which each duration counts as often as it stands for: weights instead of counts. Pure.

The bins are those of `metrics.histogram`. Weights are kept in thousandths, so that sums are the same in any order.
"""

from collections.abc import Iterable, Mapping

import msgspec

from tradewatch.metrics import histogram

WeightedBins = dict[int, int | float]  # {bin: weight}

_decoder = msgspec.msgpack.Decoder(WeightedBins)
_encode = msgspec.msgpack.Encoder().encode


def exact(weight: float) -> int | float:
    """Return the weight in thousandths; a whole one as an integer, which is one byte in a stored histogram."""
    rounded = round(weight, 3)
    return int(rounded) if rounded == int(rounded) else rounded


def add_into(bins: WeightedBins, other: Mapping[int, int | float]) -> None:
    """Add `other` to `bins`. The same sum whatever the order: each step rounds to what it would exactly be."""
    for index, weight in other.items():
        known = bins.get(index)
        if known is None:
            bins[index] = weight
        else:
            total = known + weight
            bins[index] = total if type(total) is int else exact(total)


def merge(parts: Iterable[Mapping[int, int | float]]) -> WeightedBins:
    merged: WeightedBins = {}
    for part in parts:
        add_into(merged, part)
    return merged


def percentiles(bins: Mapping[int, int | float], quantiles: Iterable[float]) -> list[float] | None:
    """Return the seconds at each quantile (0.0 to 1.0), at most 1% off; None without values.

    As if each duration stood there as often as it weighs.
    """
    total = sum(bins.values())
    if not total:
        return None
    ordered = sorted(bins.items())
    return [_value_at(ordered, quantile * (total - 1)) for quantile in quantiles]


def weight_above(bins: Mapping[int, int | float], index: int) -> float:
    """Return the weight of all bins after `index`."""
    return sum(weight for at, weight in bins.items() if at > index)


def pack(bins: WeightedBins) -> bytes:
    return _encode(bins)


def unpack(data: bytes) -> WeightedBins:
    """Return the bins of stored bytes; none for an empty row."""
    return _decoder.decode(data) if data else {}


def _value_at(ordered: list[tuple[int, int | float]], position: float) -> float:
    passed = 0.0
    rank = int(position)
    for index, weight in ordered:
        passed += weight
        if passed > rank:
            return histogram.value_of(index)
    return histogram.value_of(ordered[-1][0])
