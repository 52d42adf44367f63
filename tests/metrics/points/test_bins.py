import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.metrics.points.bins import pack, unpack

NEAR = st.dictionaries(st.integers(-700, 700), st.integers(1, 2**40), max_size=80)
FAR = st.dictionaries(st.integers(-100_993, 35_458), st.integers(1, 2**63 - 1), max_size=20)


@given(NEAR | FAR)
def test_bins_come_back_as_they_were(bins):
    assert unpack(pack(bins)) == bins


@given(NEAR)
def test_equal_bins_are_equal_bytes(bins):
    assert pack(bins) == pack(dict(reversed(bins.items())))


@pytest.mark.parametrize("count", [1, 255, 256, 65_535, 65_536, 2**32 - 1, 2**32, 2**63 - 1])
def test_a_count_has_room_whatever_it_is(count):
    assert unpack(pack({5: count, 6: 1})) == {5: count, 6: 1}


def test_a_usual_histogram_takes_a_byte_a_bin_and_a_thin_one_two():
    assert len(pack(dict.fromkeys(range(100, 160), 7))) == 5 + 60
    assert len(pack(dict.fromkeys(range(100, 400, 6), 7))) == 7 + 49 + 50


def test_none_are_no_bytes():
    assert (pack({}), unpack(b"")) == (b"", {})
