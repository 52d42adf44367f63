import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewatch.metrics.histogram import ZERO_BIN
from tradewatch.metrics.points.spread import SMALLEST, bin_of, percentiles, value_of

VALUES = st.floats(min_value=-1e300, max_value=1e300).filter(lambda value: value == 0 or abs(value) > SMALLEST)


@given(VALUES)
def test_a_bin_answers_within_one_percent_of_every_value_in_it(value):
    assert value_of(bin_of(value)) == pytest.approx(value, rel=0.0100001)


@given(VALUES, VALUES)
def test_bins_are_in_the_order_of_their_values(one, other):
    low, high = sorted([one, other])
    assert bin_of(low) <= bin_of(high)


@pytest.mark.parametrize("value", [0.0, -0.0, 1e-13, -1e-13])
def test_what_is_next_to_zero_is_zero(value):
    assert bin_of(value) == ZERO_BIN
    assert value_of(ZERO_BIN) == 0.0


@given(st.lists(VALUES, min_size=1, max_size=200), st.floats(min_value=0, max_value=1))
def test_percentiles_are_within_one_percent_of_the_exact_rank(values, quantile):
    bins: dict[int, int] = {}
    for value in values:
        bins[bin_of(value)] = bins.get(bin_of(value), 0) + 1
    exact = sorted(values)[math.floor(quantile * (len(values) - 1))]
    assert percentiles(bins, [quantile]) == [pytest.approx(exact, rel=0.0100001)]


def test_without_values_there_is_no_percentile():
    assert percentiles({}, [0.5]) is None
    assert percentiles({3: 0}, [0.5]) is None  # what is left of a difference
