"""Mann-Whitney on two log-bucket histograms: durations of one bin are ties. Bins are those of `metrics.histogram`."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import erfc, sqrt

from releases.verdicts.statistics.noise import ZERO_AT
from tradewatch.metrics.histogram import GAMMA, ZERO_BIN


@dataclass(frozen=True, slots=True)
class Ranked:
    """`p_slower` and `p_faster`: how likely so much is by chance, one-sided. `a12`: how likely a request after takes
    longer than one before, ties half (Vargha and Delaney, JEBS 25, 2000): 0.5 is no difference."""

    p_slower: float
    p_faster: float
    a12: float


def mann_whitney(before: Mapping[int, float], after: Mapping[int, float]) -> Ranked | None:
    """Compare two histograms {bin: count}; None where one is empty.

    Normal approximation with continuity correction and tie correction (Mann and Whitney, AMS 18, 1947; ties: Lehmann,
    Nonparametrics, 1975, section 1.4). Counts may be fractions of weights.
    """
    one, other = float(sum(before.values())), float(sum(after.values()))
    if one <= 0 or other <= 0:
        return None
    wins, passed, ties = 0.0, 0.0, 0.0
    for index in sorted(before.keys() | after.keys()):
        old, new = before.get(index, 0), after.get(index, 0)
        wins += new * (passed + old / 2)
        passed += old
        ties += (old + new) ** 3 - (old + new)
    return _ranked(wins, one, other, ties)


def smallest_a12(before: float, after: float, z: float) -> float:
    """Return the least A12 that samples of so many could show as significant, `z` deviations from 0.5; no ties."""
    if before <= 0 or after <= 0:
        return 1.0
    return min(1.0, 0.5 + z * sqrt((before + after + 1) / (12 * before * after)))


def shift(before: Mapping[int, float], after: Mapping[int, float]) -> float | None:
    """Return by what factor durations changed, 1.1 for a tenth longer; None where a side is empty.

    The median over all pairs of after / before: the Hodges-Lehmann estimate that belongs to Mann-Whitney (AMS 34,
    1963), on the log scale. Pairs of one distance in bins (2%) are spread evenly over it.
    """
    olds, news = _cumulated(before), _cumulated(after)
    half = olds.total * news.total / 2
    if not half:
        return None
    low, high = news.bins[0] - olds.bins[-1], news.bins[-1] - olds.bins[0]
    while low < high:
        middle = (low + high) // 2
        if _pairs_up_to(middle, olds, news) < half:
            low = middle + 1
        else:
            high = middle
    below, upto = _pairs_up_to(low - 1, olds, news), _pairs_up_to(low, olds, news)
    return float(GAMMA ** (low - 0.5 + (half - below) / (upto - below)))


@dataclass(frozen=True, slots=True)
class _Cumulated:
    bins: Sequence[int]
    counts: Sequence[float]
    passed: Sequence[float]  # passed[i]: all before bins[i]

    @property
    def total(self) -> float:
        return self.passed[-1]


def _cumulated(bins: Mapping[int, float]) -> _Cumulated:
    ordered = sorted((ZERO_AT if index == ZERO_BIN else index, count) for index, count in bins.items() if count > 0)
    counts = [float(count) for _, count in ordered]
    return _Cumulated([index for index, _ in ordered], counts, [0.0, *accumulate(counts)])


def _pairs_up_to(distance: int, olds: _Cumulated, news: _Cumulated) -> float:
    """Count pairs whose new bin lies at most `distance` above the old one."""
    return sum(
        count * news.passed[bisect_right(news.bins, index + distance)]
        for index, count in zip(olds.bins, olds.counts, strict=True)
    )


def _ranked(wins: float, one: float, other: float, ties: float) -> Ranked:
    every, middle = one + other, one * other / 2
    spread = one * other / 12 * (every + 1 - ties / (every * (every - 1))) if every > 1 else 0.0
    if spread <= 0:  # all took the same
        return Ranked(1.0, 1.0, wins / (one * other))
    deviation = sqrt(spread)
    return Ranked(
        p_slower=_above((wins - middle - 0.5) / deviation),
        p_faster=_above((middle - wins - 0.5) / deviation),
        a12=wins / (one * other),
    )


def _above(z: float) -> float:
    return erfc(z / sqrt(2)) / 2
