"""The cells of a bucket, packed by column: reading one number of all series takes no look at the others.

A column is an array of 64 bits a series, in the order of KEYS, COUNTS, SUMS, MINS, MAXS, LAST_ATS, LASTS, and
little-endian, as all machines that we run on. The whole is compressed: neighbours are much alike.
"""

from array import array
from collections.abc import Iterable, Sequence

import msgspec
import zstandard

from tradewatch.metrics.points.bins import pack, unpack
from tradewatch.metrics.points.values import Cell

KEYS, COUNTS, SUMS, MINS, MAXS, LAST_ATS, LASTS = range(7)
_COLUMNS = 7
_LEVEL = 1
_bins_decoder = msgspec.msgpack.Decoder(list[bytes])
_encode = msgspec.msgpack.Encoder().encode


class Columns:
    """The columns of a packed bucket; each is read when it is asked for."""

    def __init__(self, packed: bytes) -> None:
        self._data = memoryview(zstandard.decompress(packed)) if packed else memoryview(b"")
        self.size = len(self._data) // (8 * _COLUMNS)

    def raw_keys(self) -> bytes:
        """Return the keys as bytes: equal for buckets with the same series."""
        return bytes(self._bytes(KEYS))

    def series_keys(self) -> list[int]:
        return self._bytes(KEYS).cast("q").tolist()

    def counts(self) -> Sequence[int]:
        return self._bytes(COUNTS).cast("q").tolist()

    def numbers(self, column: int) -> Sequence[float]:
        if column in (KEYS, COUNTS):
            raise ValueError("a column of whole numbers")
        return self._bytes(column).cast("d").tolist()

    def _bytes(self, column: int) -> memoryview:
        start = 8 * self.size * column
        return self._data[start : start + 8 * self.size]


class Bucket:
    """A bucket being written: its cells by key. Bins are unpacked only for the series that change."""

    def __init__(self, cells: bytes = b"", bins: bytes = b"", total_bins: bytes = b"") -> None:
        columns = Columns(cells)
        keys = columns.series_keys()
        rows = zip(columns.counts(), *(columns.numbers(each) for each in range(SUMS, LASTS + 1)), strict=True)
        self.cells = {key: Cell(*row) for key, row in zip(keys, rows, strict=True)}
        self._packed_bins = dict(zip(keys, unpack_list(bins), strict=True)) if bins else {}
        self._total = unpack(total_bins)

    def add(self, key: int, cell: Cell) -> None:
        """Merge `cell` into the series' own; `cell` stays as it is."""
        if (known := self.cells.get(key)) is None:
            self.cells[key] = cell.copy()
        else:
            if cell.bins and known.bins is None:
                known.bins = unpack(self._packed_bins.get(key, b""))
            known.merge(cell)
        for index, count in (cell.bins or {}).items():
            self._total[index] = self._total.get(index, 0) + count

    def packed(self) -> tuple[bytes, bytes, bytes]:
        """Return the values of `cells`, `bins` and `total_bins`. Sorted by key: the same cells, the same bytes."""
        keys = sorted(self.cells)
        ordered = [self.cells[key] for key in keys]
        columns: list[array[int] | array[float]] = [
            array("q", keys),
            array("q", [cell.count for cell in ordered]),
            array("d", [cell.sum for cell in ordered]),
            array("d", [cell.min for cell in ordered]),
            array("d", [cell.max for cell in ordered]),
            array("d", [cell.last_at for cell in ordered]),
            array("d", [cell.last for cell in ordered]),
        ]
        cells = zstandard.compress(b"".join(column.tobytes() for column in columns), _LEVEL)
        if not self._total:
            return cells, b"", b""
        return cells, self._packed_spreads(keys), pack(self._total)

    def _packed_spreads(self, keys: Iterable[int]) -> bytes:
        spreads = [
            self._packed_bins.get(key, b"") if (bins := self.cells[key].bins) is None else pack(bins) for key in keys
        ]
        return zstandard.compress(_encode(spreads), _LEVEL)


def unpack_list(packed: bytes) -> list[bytes]:
    """Return the packed bins of each series, in the order of the keys; empty for those without."""
    return _bins_decoder.decode(zstandard.decompress(packed)) if packed else []
