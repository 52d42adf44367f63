"""A percentile from merged bins, at most 1% off, and which side of its target the exact counts put it on. Pure."""

from fractions import Fraction

from tradewatch.metrics import histogram
from tradewatch.performance.traces.weighing import WeightedBins

UPPER_END = (Fraction(str(histogram.GAMMA)) + 1) / 2  # of a bin, seen from the value that stands for it
BLUR = Fraction(102, 100)
WEIGHT_UNIT = 1000  # weights have three decimals


def percentile(bins: WeightedBins, quantile: Fraction) -> Fraction | None:
    """Return the seconds that at least the share `quantile` of all durations do not exceed (nearest rank).

    That is the rank at which a count of slow requests and a percentile say the same: p95 <= 0.5 s exactly when at
    most 5% took longer. None without durations.
    """
    weights = [(index, round(weight * WEIGHT_UNIT)) for index, weight in sorted(bins.items())]
    needed = quantile * sum(weight for _, weight in weights)
    passed = 0
    for index, weight in weights:
        passed += weight
        if weight and passed >= needed:
            return Fraction(f"{histogram.value_of(index):.6g}")
    return None


def settled(measured: Fraction, target: Fraction, *, is_within: bool) -> tuple[Fraction, bool]:
    """Return (the percentile, whether it is within the target), where exact counts say that it is or is not.

    A bin is 1% wide, so its value may stand on the other side of a target that lies in the same bin. It is then
    brought to its side, which is still within 1% of every duration that it can be.
    """
    if is_within and target < measured <= target * BLUR:
        return target, True
    if not is_within and measured <= target <= measured * UPPER_END:
        return measured * UPPER_END if measured * UPPER_END > target else measured * BLUR, False
    return measured, is_within
