"""The packed histograms of a bucket's series, in frames of a few: those of one series open without the others. Pure.

Behind `_FRAMED`: how many frames, the length of each, the frames. Until 2026-11-26 all were one frame; those buckets
are read too, and are written anew when a point comes to them.
"""

from array import array
from collections.abc import Sequence

import msgspec

from tradewatch.core import frames

_FRAMED = b"\x02"  # no frame begins with it
_SERIES_A_FRAME = 16  # of a year's chart of five out of 500, a sixth is opened; smaller frames compress badly
_LEVEL = 1
_HEAD = 5  # the mark, number of frames (4)
_decode = msgspec.msgpack.Decoder(list[bytes]).decode
_encode = msgspec.msgpack.Encoder().encode


def pack(histograms: Sequence[bytes]) -> bytes:
    """Return the bytes of one packed histogram a series, in the order of the series' keys."""
    parts = [
        frames.compress(_encode(histograms[start : start + _SERIES_A_FRAME]), _LEVEL)
        for start in range(0, len(histograms), _SERIES_A_FRAME)
    ]
    return b"".join([_FRAMED, len(parts).to_bytes(4, "little"), array("I", map(len, parts)).tobytes(), *parts])


class Spreads:
    """The packed histograms of a bucket, by the number of the series. `packed` empty: it has none."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._opened: dict[int, list[bytes]] = {}
        self._ends: list[int] = []
        if packed[:1] == _FRAMED:
            count = int.from_bytes(packed[1:_HEAD], "little")
            lengths = array("I")
            lengths.frombytes(packed[_HEAD : _HEAD + 4 * count])
            end = _HEAD + 4 * count
            for length in lengths:
                self._ends.append(end)
                end += length
            self._ends.append(end)

    def of(self, number: int) -> bytes:
        """Return the histogram of a series; empty when it has none."""
        if not self._packed:
            return b""
        if not self._ends:
            return self._frame(0)[number]
        return self._frame(number // _SERIES_A_FRAME)[number % _SERIES_A_FRAME]

    def all(self) -> list[bytes]:
        """Return those of all series; none for a bucket without."""
        if not self._packed:
            return []
        return [each for number in range(len(self._ends) - 1 if self._ends else 1) for each in self._frame(number)]

    def _frame(self, number: int) -> list[bytes]:
        if number not in self._opened:
            start, end = self._ends[number : number + 2] if self._ends else (0, len(self._packed))
            self._opened[number] = _decode(frames.decompress(self._packed[start:end]))
        return self._opened[number]
