from hypothesis import given
from hypothesis import strategies as st

from tradewatch.metrics import histogram
from tradewatch.metrics.points import cells
from tradewatch.metrics.points.bins import unpack
from tradewatch.metrics.points.cells import Bucket, Columns, unpack_list
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
    parts = [unpack(part) for part in unpack_list(bins)]
    assert histogram.merge(parts) == unpack(total_bins)
    assert [sum(part.values()) for part in parts] == columns.counts()


def test_counters_have_no_bins():
    packed, bins, total_bins = added([(1, 5.0, 0.0)], type="counter")
    assert (bins, total_bins) == (b"", b"")
    assert Columns(packed).size == 1


def test_an_empty_bucket_has_no_series():
    assert Columns(b"").series_keys() == []
    assert unpack_list(b"") == []
