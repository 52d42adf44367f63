"""Histogram bins for values of either sign: slippage and profit are negative as often as not.

The mapping of `metrics.histogram` on both sides of zero, ordered by value: the bins merge and pack as those do.
"""

import math
from collections.abc import Mapping, Sequence

from tradewatch.metrics import histogram
from tradewatch.metrics.histogram import GAMMA, ZERO_BIN

SMALLEST = 1e-12  # closer to zero a value counts as zero
_LOG_GAMMA = math.log(GAMMA)


def bin_of(value: float) -> int:
    """Return the bin of a value. Negative bins mirror the positive ones on the other side of `ZERO_BIN`."""
    size = abs(value)
    if size < SMALLEST:
        return ZERO_BIN
    index = math.ceil(math.log(size) / _LOG_GAMMA)
    return index if value > 0 else 2 * ZERO_BIN - index


def value_of(index: int) -> float:
    """Return the value that stands for a bin, within 1% of every value in it."""
    if index == ZERO_BIN:
        return 0.0
    size = index if index > ZERO_BIN else 2 * ZERO_BIN - index
    value = 2.0 * math.exp(_LOG_GAMMA * size) / (GAMMA + 1.0)
    return value if index > ZERO_BIN else -value


def percentiles(bins: Mapping[int, int], quantiles: Sequence[float]) -> list[float] | None:
    """Return the value at each quantile (0.0 to 1.0): that of rank floor(q * (count - 1)). None without values."""
    return histogram.percentiles(bins, quantiles, value_of)
