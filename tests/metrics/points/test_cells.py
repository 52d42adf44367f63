import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.metrics import histogram
from tradewatch.metrics.points import cells
from tradewatch.metrics.points.bins import unpack
from tradewatch.metrics.points.cells import Bucket, Columns
from tradewatch.metrics.points.spreads import Spreads
from tradewatch.metrics.points.values import cell_of

KEYS = st.integers(-(2**63), 2**63 - 1)
VALUES = st.integers(-1000, 1000).map(float)
ADDED = st.lists(st.tuples(KEYS, VALUES, st.integers(0, 59).map(float)), max_size=40)


def added(rows, *, type="distribution", packed=(b"", b"", b"")):
    bucket = Bucket(*packed)
    for key, value, at in rows:
        bucket.add(key, cell_of(value, at, type))
    return bucket.packed()


@given(ADDED, ADDED)
def test_a_bucket_written_twice_is_what_it_would_be_written_once(first, second):
    assert added(second, packed=added(first)) == added([*first, *second])


@given(ADDED)
def test_columns_give_back_what_was_added(rows):
    packed, bins, total_bins = added(rows)
    columns = Columns(packed)
    assert columns.series_keys() == sorted({key for key, _, _ in rows})
    assert sum(columns.counts()) == len(rows)
    assert sum(columns.numbers(cells.SUMS)) == sum(value for _, value, _ in rows)
    assert sum(unpack(total_bins).values()) == len(rows)
    parts = [unpack(part) for part in Spreads(bins).all()]
    assert histogram.merge(parts) == unpack(total_bins)
    assert [sum(part.values()) for part in parts] == columns.counts()


def test_counters_have_no_bins():
    packed, bins, total_bins = added([(1, 5.0, 0.0)], type="counter")
    assert (bins, total_bins) == (b"", b"")
    assert Columns(packed).size == 1


def test_an_empty_bucket_has_no_series():
    assert Columns(b"").series_keys() == []
    assert Spreads(b"").all() == []


def as_until_november(cells, bins, total_bins):
    """Return a bucket in the form of one frame each, in which buckets were stored until 2026-11-26."""
    columns = Columns(cells)
    plain = b"".join(bytes(columns._bytes(column)) for column in range(7))
    spreads = zstandard.compress(msgspec.msgpack.encode(Spreads(bins).all()), 1) if bins else b""
    return zstandard.compress(plain, 1), spreads, total_bins


@pytest.mark.parametrize("series", [1, 63, 64, 500])
@pytest.mark.parametrize("type", ["distribution", "counter"])
def test_buckets_of_the_former_form_are_read_and_written_on(series, type):
    first = [(key * 977, float(key % 7), 1.0) for key in range(series)]
    more = [(key * 977, 3.5, 2.0) for key in range(0, series + 3, 2)]
    packed = added(first, type=type)
    former = as_until_november(*packed)
    assert [Columns(former[0]).numbers(column) for column in range(cells.SUMS, cells.LASTS + 1)] == [
        Columns(packed[0]).numbers(column) for column in range(cells.SUMS, cells.LASTS + 1)
    ]
    assert (Columns(former[0]).series_keys(), Columns(former[0]).counts()) == (
        Columns(packed[0]).series_keys(),
        Columns(packed[0]).counts(),
    )
    assert added(more, type=type, packed=former) == added([*first, *more], type=type)


def test_equal_keys_are_equal_bytes_and_others_are_not():
    keys = [Columns(added([(key, value, 0.0) for key in range(90)])[0]).raw_keys() for value in (1.0, 2.0)]
    assert keys[0] == keys[1]
    assert Columns(added([(key, 1.0, 0.0) for key in range(91)])[0]).raw_keys() != keys[0]
