"""Histogram bins as bytes: gaps between neighbours and counts, each as narrow as they allow. Pure.

A year's chart of percentiles by group unpacks tens of thousands of these; MessagePack takes twice the room and three
times as long. What does not fit (values of both signs lie far apart) is MessagePack all the same: a map's first byte is
0x80 or above, and no width is.
"""

from array import array
from collections.abc import Mapping
from itertools import accumulate, pairwise

from tradewatch.metrics import histogram
from tradewatch.metrics.histogram import Bins

_WIDTHS = {1: "B", 2: "H", 4: "I", 8: "Q"}
_HEAD = 7  # width, first index (4), number of gaps (2)


def pack(bins: Mapping[int, int]) -> bytes:
    """Return the bytes of `bins`, the same for equal ones; empty for none."""
    if not bins:
        return b""
    indexes = sorted(bins)
    gaps = [after - before for before, after in pairwise(indexes)]
    if max(gaps, default=0) > 255 or len(gaps) > 65_535:
        return histogram.pack({index: bins[index] for index in indexes})
    counts = [bins[index] for index in indexes]
    width = next(width for width in _WIDTHS if max(counts) < 256**width)
    head = bytes([width]) + indexes[0].to_bytes(4, "little", signed=True) + len(gaps).to_bytes(2, "little")
    return head + bytes(gaps) + array(_WIDTHS[width], counts).tobytes()


def unpack(data: bytes) -> Bins:
    if not data:
        return {}
    if data[0] >= 0x80:
        return histogram.unpack(data)
    end = _HEAD + int.from_bytes(data[5:7], "little")
    counts = array(_WIDTHS[data[0]])
    counts.frombytes(data[end:])
    first = int.from_bytes(data[1:5], "little", signed=True)
    return dict(zip(accumulate(data[_HEAD:end], initial=first), counts, strict=True))
