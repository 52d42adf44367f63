from hypothesis import given
from hypothesis import strategies as st

from tradewatch.metrics import histogram
from tradewatch.metrics.points.bins import bin_at, pack
from tradewatch.metrics.points.piles import Pile
from tradewatch.metrics.points.spread import bin_of, percentiles

NEAR = st.dictionaries(st.integers(-700, 700), st.integers(1, 2**40), max_size=40)
THIN = st.dictionaries(st.integers(-700, 700).map(lambda index: index * 9), st.integers(1, 300), max_size=40)
SIGNED = st.dictionaries(st.floats(-1e9, 1e9).map(bin_of), st.integers(1, 70_000), max_size=20)
BINS = NEAR | THIN | SIGNED
QUANTILES = st.sampled_from([0.0, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0])


def pile_of(parts):
    pile = Pile()
    for part in parts:
        pile.add(pack(part))
    return pile


def exact(bins, quantile):
    found = percentiles(bins, [quantile])
    return found[0] if found else None


@given(st.lists(BINS, max_size=6), QUANTILES)
def test_a_pile_answers_as_the_histograms_merged_bin_by_bin(parts, quantile):
    assert pile_of(parts).percentile(quantile) == exact(histogram.merge(parts), quantile)


@given(BINS, QUANTILES)
def test_a_packed_histogram_is_ranked_without_being_unpacked(bins, quantile):
    ordered = [index for index, count in sorted(bins.items()) for _ in range(min(count, 1))]
    index = bin_at(pack(bins), quantile)
    assert (index is None) == (not bins)
    assert index is None or index in ordered
    assert pile_of([bins]).percentile(quantile) == exact(bins, quantile)


@given(st.lists(BINS, max_size=4), st.lists(BINS, max_size=4), QUANTILES)
def test_what_is_taken_out_was_never_there(stay, go, quantile):
    pile, gone = pile_of([*stay, *go]), pile_of(go)
    pile.take_out(gone)
    assert pile.percentile(quantile) == exact(histogram.merge(stay), quantile)
    assert gone.percentile(quantile) == exact(histogram.merge(go), quantile)


@given(st.lists(BINS, max_size=4), st.lists(BINS, max_size=4), QUANTILES)
def test_piles_merge_and_stay_as_they_are(first, second, quantile):
    whole, part = pile_of(first), pile_of(second)
    whole.merge(part)
    assert whole.percentile(quantile) == exact(histogram.merge([*first, *second]), quantile)
    part.add(pack({3: 1}))
    assert whole.percentile(quantile) == exact(histogram.merge([*first, *second]), quantile)
