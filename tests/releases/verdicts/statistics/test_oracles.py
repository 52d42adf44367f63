"""Every probability against scipy's, over whatever Hypothesis draws."""

import time
from math import isclose

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from releases.verdicts.statistics.multiple import benjamini_hochberg
from releases.verdicts.statistics.ranks import mann_whitney, shift
from releases.verdicts.statistics.ratios import risk_ratio_range, wilson
from releases.verdicts.statistics.tails import binomial, fisher
from tradewatch.metrics.histogram import GAMMA

shares = st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
histograms = st.dictionaries(st.integers(-200, -100), st.integers(1, 30), min_size=1, max_size=25)


def is_close(found: float, expected: float) -> bool:
    return isclose(found, expected, rel_tol=1e-7, abs_tol=1e-12)


@given(shares, shares)
def test_fisher(before, after):
    (b, m), (a, n) = before, after
    expected = stats.fisher_exact([[a, n - a], [b, m - b]], alternative="greater").pvalue if n + m else 1.0
    assert is_close(fisher(b, m, a, n), expected)


@pytest.mark.parametrize(
    "before, of_before, after, of_after",
    [
        (59, 14_752, 312, 14_800),
        (4_000, 1_000_000, 4_200, 1_000_000),
        (400_000, 1_000_000, 401_500, 1_000_000),
        (0, 1_000_000, 12, 900_000),
        (3, 5_000_000, 1, 5_000_000),
    ],
)
def test_fisher_over_a_million_requests_is_exact_and_quick(before, of_before, after, of_after):
    started = time.process_time()
    found = fisher(before, of_before, after, of_after)
    assert time.process_time() - started < 0.05
    expected = stats.hypergeom.sf(after - 1, of_before + of_after, before + after, of_after)
    assert isclose(found, expected, rel_tol=1e-6)


@given(st.integers(0, 3000), st.integers(0, 3000), st.floats(0.01, 0.99))
def test_binomial(before, after, share):
    expected = stats.binom.sf(after - 1, before + after, share) if before + after else 1.0
    assert is_close(binomial(before, after, share), expected)


@given(shares)
def test_wilson(share):
    failed, requests = share
    if not requests:
        assert wilson(failed, requests) is None
        return
    expected = stats.binomtest(failed, requests).proportion_ci(method="wilson")
    found = wilson(failed, requests)
    assert found is not None
    assert isclose(found.low, expected.low, abs_tol=1e-9) and isclose(found.high, expected.high, abs_tol=1e-9)


@given(st.integers(1, 50), st.integers(51, 900), st.integers(1, 50), st.integers(51, 900))
def test_risk_ratio(before, of_before, after, of_after):
    expected = stats.contingency.relative_risk(after, of_after, before, of_before).confidence_interval()
    found = risk_ratio_range(before, of_before, after, of_after)
    assert found is not None
    assert isclose(found.low, expected.low, rel_tol=1e-9) and isclose(found.high, expected.high, rel_tol=1e-9)


@settings(deadline=None)
@given(histograms, histograms)
def test_mann_whitney_with_ties(before, after):
    old, new = _values(before), _values(after)
    found = mann_whitney(before, after)
    assert found is not None
    wins = sum((b > a) + (b == a) / 2 for a in old for b in new) / (len(old) * len(new))
    assert isclose(found.a12, wins, rel_tol=1e-9)
    if len({*old, *new}) == 1:
        assert found.p_slower == 1.0
        return
    for alternative, p in (("greater", found.p_slower), ("less", found.p_faster)):
        expected = stats.mannwhitneyu(new, old, alternative=alternative, method="asymptotic").pvalue
        assert is_close(p, float(expected))


@settings(deadline=None)
@given(histograms, histograms)
def test_shift_is_the_median_of_all_pairs(before, after):
    pairs = sorted(new - old for old in _values(before) for new in _values(after))
    found = shift(before, after)
    assert found is not None
    low, high = pairs[(len(pairs) - 1) // 2], pairs[len(pairs) // 2]
    assert GAMMA ** (low - 0.51) <= found <= GAMMA ** (high + 0.51)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_benjamini_hochberg(p_values):
    expected = stats.false_discovery_control(p_values, method="bh")
    assert np.allclose(benjamini_hochberg(p_values), expected, rtol=1e-9)


def _values(bins: dict[int, int]) -> list[int]:
    return [index for index, count in bins.items() for _ in range(count)]
