"""Histogram bins as bytes, each as narrow as they allow. Pure.

Dense: the counts from the first bin to the last. Gaps: those between neighbours, then the counts, where many bins are
empty. A year's chart of percentiles by group opens tens of thousands of these, and MessagePack takes twice the room and
three times as long. What does not fit (values of both signs lie far apart) is MessagePack all the same: a map's first
byte is 0x80 or above, and no width is, with or without the mark of the dense.
"""

from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from math import floor

from tradewatch.metrics import histogram
from tradewatch.metrics.histogram import Bins

_WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}
_DENSE = 0x10  # beside the width
_DENSE_HEAD = 5  # width, first index (4)
_HEAD = 7  # width, first index (4), number of gaps (2)
_FARTHEST = 255  # what a gap has room for
_ROOM_FOR_SPEED = 2  # dense ones add up four times as fast, and their empty bins compress well


def pack(bins: Mapping[int, int]) -> bytes:
    """Return the bytes of `bins`, the same for equal ones; empty for none."""
    if not bins:
        return b""
    indexes = sorted(bins)
    gaps = [after - before for before, after in pairwise(indexes)]
    if max(gaps, default=0) > _FARTHEST or len(gaps) > 65_535:
        return histogram.pack({index: bins[index] for index in indexes})
    counts = [bins[index] for index in indexes]
    width = next(width for width in _WIDTHS if max(counts) < 256**width)
    first, last = indexes[0], indexes[-1]
    if (last - first + 1) * width <= _ROOM_FOR_SPEED * (len(gaps) + len(counts) * width):
        return _packed_dense(first, [bins.get(index, 0) for index in range(first, last + 1)], width)
    head = bytes([width]) + first.to_bytes(4, "little", signed=True) + len(gaps).to_bytes(2, "little")
    return head + bytes(gaps) + array(_WIDTHS[width], counts).tobytes()


def unpack(data: bytes) -> Bins:
    if not data:
        return {}
    if data[0] >= 0x80:
        return histogram.unpack(data)
    first = first_of(data)
    if data[0] & _DENSE:
        return {first + place: count for place, count in enumerate(dense_counts(data)) if count}
    gaps, counts = _gaps_and_counts(data)
    return dict(zip(accumulate(gaps, initial=first), counts, strict=True))


def bin_at(data: bytes, quantile: float) -> int | None:
    """Return the bin of rank floor(quantile * (count - 1)); None without values."""
    if not data:
        return None
    if data[0] >= 0x80:
        bins = sorted(histogram.unpack(data).items())
        return bins[_place([count for _, count in bins], quantile)][0]
    if data[0] & _DENSE:
        return first_of(data) + _place(dense_counts(data), quantile)
    gaps, counts = _gaps_and_counts(data)
    return first_of(data) + sum(gaps[: _place(counts, quantile)])


def runs(data: bytes) -> list[tuple[int, int, bytes]]:
    """Return (first bin, bytes a count, counts from there to the last bin) of stretches that hold all bins."""
    if not data:
        return []
    if data[0] < 0x80 and data[0] & _DENSE:
        return [(first_of(data), data[0] & 0x0F, data[_DENSE_HEAD:])]
    found: list[tuple[int, int, bytes]] = []
    near: list[tuple[int, int]] = []
    for index, count in sorted(unpack(data).items()):
        if near and index - near[-1][0] > _FARTHEST:
            found.append(_run(near))
            near = []
        near.append((index, count))
    return [*found, _run(near)]


def first_of(data: bytes) -> int:
    return int.from_bytes(data[1:5], "little", signed=True)


def dense_counts(data: bytes) -> Sequence[int]:
    """Return the counts of a dense histogram, those of its empty bins too."""
    if data[0] == _DENSE | 1:
        return data[_DENSE_HEAD:]
    counts = array(_WIDTHS[data[0] & 0x0F])
    counts.frombytes(data[_DENSE_HEAD:])
    return counts


def _packed_dense(first: int, counts: Sequence[int], width: int) -> bytes:
    return bytes([_DENSE | width]) + first.to_bytes(4, "little", signed=True) + array(_WIDTHS[width], counts).tobytes()


def _gaps_and_counts(data: bytes) -> tuple[bytes, Sequence[int]]:
    end = _HEAD + int.from_bytes(data[5:7], "little")
    counts = array(_WIDTHS[data[0]])
    counts.frombytes(data[end:])
    return data[_HEAD:end], counts


def _place(counts: Sequence[int], quantile: float) -> int:
    passed = list(accumulate(counts))
    return bisect_right(passed, floor(quantile * (passed[-1] - 1)))


def _run(near: Sequence[tuple[int, int]]) -> tuple[int, int, bytes]:
    first = near[0][0]
    counts = array("Q", bytes(8 * (near[-1][0] - first + 1)))
    for index, count in near:
        counts[index - first] = count
    return first, 8, counts.tobytes()
