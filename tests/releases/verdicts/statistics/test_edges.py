"""Where there is nothing to compare, and what could have been seen."""

import pytest

from releases.verdicts.statistics.multiple import benjamini_hochberg
from releases.verdicts.statistics.ranks import mann_whitney, shift, smallest_a12
from releases.verdicts.statistics.ratios import more_than_expected, risk_ratio, risk_ratio_range
from releases.verdicts.statistics.smallest import is_large, smallest_rise
from releases.verdicts.statistics.tails import binomial, fisher
from tradewatch.metrics.histogram import ZERO_BIN, bin_of

LEVEL = {"level": 0.001, "ratio": 1.5, "more": 5}


@pytest.mark.parametrize("asked", [(0, 0, 0, 0), (0, 10, 0, 10), (3, 10, 0, 0), (5, 5, 0, 10)])
def test_nothing_failed_after_is_no_evidence(asked):
    assert fisher(*asked) == 1.0


def test_no_events_are_no_evidence():
    assert binomial(0, 0, 0.5) == 1.0
    assert binomial(3, 4, 0.0) == binomial(3, 4, 1.0) == 1.0
    assert binomial(0, 10, 0.5) == pytest.approx(0.5**10)


def test_none_before_has_no_ratio_but_a_lower_bound():
    assert risk_ratio(0, 100, 7, 100) is None
    bounds = risk_ratio_range(0, 100, 7, 100)
    assert bounds is not None and 0.5 < bounds.low < 15 < bounds.high
    assert risk_ratio_range(1, 0, 1, 5) is None
    assert more_than_expected(59, 14_752, 312, 14_800) == pytest.approx(252.8, abs=0.1)
    assert more_than_expected(0, 0, 3, 10) == 3


def test_the_story_of_the_mock():
    bounds = risk_ratio_range(59, 14_752, 312, 14_800)
    assert bounds is not None and round(bounds.low, 1) == 4.0
    assert round(risk_ratio(59, 14_752, 312, 14_800) or 0, 1) == 5.3
    assert fisher(59, 14_752, 312, 14_800) < 1e-30


def test_histograms_of_one_value_and_of_none():
    assert mann_whitney({}, {5: 3}) is None and mann_whitney({5: 3}, {}) is None
    same = mann_whitney({5: 30}, {5: 3})
    assert same is not None and (same.p_slower, same.p_faster, same.a12) == (1.0, 1.0, 0.5)
    assert shift({}, {5: 1}) is None
    assert shift({5: 30}, {5: 3}) == pytest.approx(1.0)


def test_shift_of_a_tenth_and_of_zero_durations():
    before, after = {bin_of(0.2): 100}, {bin_of(0.22): 100}
    assert shift(before, after) == pytest.approx(1.1, rel=0.02)
    assert (shift({ZERO_BIN: 10}, {bin_of(1e-6): 10}) or 0) < 1.1


def test_smallest_rise_is_the_first_that_shows():
    least = smallest_rise(0, 41, 38, **LEVEL)
    assert least is not None
    assert fisher(0, 41, least, 38) <= 0.001 < fisher(0, 41, least - 1, 38)
    assert smallest_rise(0, 3, 3, **LEVEL) is None
    assert smallest_rise(0, 0, 100, **LEVEL) is None
    assert smallest_rise(90, 100, 100, **LEVEL) is None


def test_large_needs_the_ratio_and_five_more():
    assert is_large(10, 1000, 15, 1000, ratio=1.5, more=5)
    assert not is_large(10, 1000, 14, 1000, ratio=1.5, more=5)
    assert not is_large(2, 1000, 6, 1000, ratio=1.5, more=5)
    assert not is_large(1000, 100_000, 1400, 100_000, ratio=1.5, more=5)
    assert not is_large(0, 0, 9, 10, ratio=1.5, more=5)


def test_a12_needs_more_requests_for_a_smaller_difference():
    assert smallest_a12(0, 10, 3) == 1.0
    assert smallest_a12(1000, 1000, 3.09) == pytest.approx(0.54, abs=0.005)


def test_corrected_p_values_keep_their_places():
    assert benjamini_hochberg([0.04, 0.001, 0.5]) == pytest.approx([0.06, 0.003, 0.5])
    assert benjamini_hochberg([]) == []
