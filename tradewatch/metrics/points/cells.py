"""The cells of a bucket, packed by column: reading one number of all series takes no look at the others.

A column is an array of 64 bits a series, in the order of KEYS, COUNTS, SUMS, MINS, MAXS, LAST_ATS, LASTS, and
little-endian, as all machines that we run on. Neighbours are much alike: a bucket of few series is one compressed frame
of all columns, one of many a frame a column behind `_APART` and the frames' lengths. Either is read wherever it is
met: until 2026-11-26 all buckets were of one frame, and are until a point comes to them.
"""

import struct
from array import array
from collections.abc import Iterable, Sequence

from tradewatch.core import frames
from tradewatch.metrics.points import spreads
from tradewatch.metrics.points.bins import pack, unpack
from tradewatch.metrics.points.spreads import Spreads
from tradewatch.metrics.points.values import Cell

KEYS, COUNTS, SUMS, MINS, MAXS, LAST_ATS, LASTS = range(7)
_COLUMNS = 7
_LEVEL = 1
_APART = b"\x02"  # no frame begins with it
_APART_FROM = 64  # series: of fewer, the frames of columns would take more room than they save time
_LENGTHS = struct.Struct("<7I")


class Columns:
    """The columns of a packed bucket; each is read when it is asked for."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._plain: dict[int, memoryview] = {}
        if packed[:1] != _APART:
            data = memoryview(frames.decompress(packed)) if packed else memoryview(b"")
            width = len(data) // _COLUMNS
            self._plain = {column: data[width * column : width * (column + 1)] for column in range(_COLUMNS)}

    @property
    def size(self) -> int:
        return len(self._bytes(KEYS)) // 8

    def raw_keys(self) -> bytes:
        """Return bytes that stand for the keys: where they are equal, the keys are."""
        return self._frame(KEYS) if self._packed[:1] == _APART else bytes(self._bytes(KEYS))

    def series_keys(self) -> list[int]:
        return self._bytes(KEYS).cast("q").tolist()

    def counts(self) -> Sequence[int]:
        return self._bytes(COUNTS).cast("q").tolist()

    def numbers(self, column: int) -> Sequence[float]:
        if column in (KEYS, COUNTS):
            raise ValueError("a column of whole numbers")
        return self._bytes(column).cast("d").tolist()

    def _bytes(self, column: int) -> memoryview:
        if column not in self._plain:
            self._plain[column] = memoryview(frames.decompress(self._frame(column)))
        return self._plain[column]

    def _frame(self, column: int) -> bytes:
        lengths = _LENGTHS.unpack_from(self._packed, len(_APART))
        start = len(_APART) + _LENGTHS.size + sum(lengths[:column])
        return self._packed[start : start + lengths[column]]


def pack_columns(columns: Sequence[bytes]) -> bytes:
    """Return the seven columns as `Columns` reads them."""
    if len(columns[KEYS]) < 8 * _APART_FROM:
        return frames.compress(b"".join(columns), _LEVEL)
    packed = [frames.compress(column, _LEVEL) for column in columns]
    return b"".join([_APART, _LENGTHS.pack(*map(len, packed)), *packed])


class Bucket:
    """A bucket being written: its cells by key. Bins are unpacked only for the series that change."""

    def __init__(self, cells: bytes = b"", bins: bytes = b"", total_bins: bytes = b"") -> None:
        columns = Columns(cells)
        keys = columns.series_keys()
        rows = zip(columns.counts(), *(columns.numbers(each) for each in range(SUMS, LASTS + 1)), strict=True)
        self.cells = {key: Cell(*row) for key, row in zip(keys, rows, strict=True)}
        self._packed_bins = dict(zip(keys, Spreads(bins).all(), strict=True)) if bins else {}
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
        cells = pack_columns([column.tobytes() for column in columns])
        if not self._total:
            return cells, b"", b""
        return cells, self._packed_spreads(keys), pack(self._total)

    def _packed_spreads(self, keys: Iterable[int]) -> bytes:
        return spreads.pack(
            [self._packed_bins.get(key, b"") if (bins := self.cells[key].bins) is None else pack(bins) for key in keys]
        )
