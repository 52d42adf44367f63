import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewatch.metrics import histogram

durations = st.lists(st.floats(min_value=0, max_value=1e5, allow_nan=False), max_size=60)


@pytest.mark.parametrize(
    "draw",
    [
        lambda source: source.lognormvariate(-2, 1.5),
        lambda source: source.uniform(0.001, 30),
        lambda source: source.paretovariate(1.2) / 100,
        lambda source: source.choice([0.01, 0.5, 12.0]),
    ],
)
@pytest.mark.parametrize("count", [1, 2, 99, 5000])
def test_percentiles_are_within_one_percent_of_the_exact_ones(draw, count):
    source = random.Random(count)
    values = sorted(draw(source) for _ in range(count))
    quantiles = [0.0, 0.5, 0.9, 0.95, 0.99, 1.0]
    exact = [values[math.floor(quantile * (count - 1))] for quantile in quantiles]
    assert histogram.percentiles(histogram.bins_of(values), quantiles) == pytest.approx(exact, rel=0.01)


@pytest.mark.parametrize("seconds", [1e-6, 1e-3, 0.99, 1.0, 1.01, 59.999, 86400.0, 1e9])
def test_a_bin_stands_for_its_values(seconds):
    assert histogram.value_of(histogram.bin_of(seconds)) == pytest.approx(seconds, rel=0.0100001)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 1e-9])
def test_nothing_and_less_is_zero(seconds):
    bins = histogram.bins_of([seconds])
    assert bins == {histogram.ZERO_BIN: 1}
    assert histogram.percentiles(bins, [0.5]) == [0.0]


def test_zeroes_rank_below_everything():
    bins = histogram.bins_of([0.0] * 9 + [2e-6])
    assert histogram.percentiles(bins, [0.5, 1.0]) == pytest.approx([0.0, 2e-6], rel=0.01)


def test_nothing_measured_has_no_percentiles():
    assert histogram.percentiles({}, [0.5]) is None
    assert histogram.unpack(b"") == {}


@given(durations, durations, durations)
@settings(max_examples=60)
def test_merging_is_associative_and_equals_measuring_together(one, two, three):
    a, b, c = (histogram.bins_of(part) for part in (one, two, three))
    left = histogram.merge([histogram.merge([a, b]), c])
    assert left == histogram.merge([a, histogram.merge([b, c])]) == histogram.bins_of(one + two + three)


@given(durations)
@settings(max_examples=60)
def test_packed_bins_come_back(values):
    bins = histogram.bins_of(values)
    assert histogram.unpack(histogram.pack(bins)) == bins
