"""Does a figure that was sampled over time rise? Values in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

BLOCKS = 12
CONFIDENCE = 0.95
Sample = tuple[float, float]  # seconds since the start, value


@dataclass(frozen=True)
class Trend:
    """`mean` of the values; `low` to `high`: by how much they grow from the first sample to the last, with 95 %
    confidence."""

    mean: float
    low: float
    high: float

    @property
    def growth(self) -> float:
        return (self.low + self.high) / 2

    def verdict(self, *, bound: float) -> Literal["flat", "rises", "not clear"]:
        """Say whether it grows by less than the bound, in the unit of the values; falling is flat."""
        if self.high < bound:
            return "flat"
        return "rises" if self.low > 0 and self.growth > bound else "not clear"


def trend(samples: Sequence[Sample], *, quantile: float | None = None, blocks: int = BLOCKS) -> Trend:
    """Return the trend of the samples' mean, or of a quantile of them (0 to 1), by least squares over equal blocks of
    time.

    Over blocks, because neighbouring samples depend on each other (a batch, a checkpoint): taken one by one they would
    pretend to far more confidence than there is. NaN without three blocks that hold samples.
    """
    times, values = np.array(samples, dtype=float).reshape(-1, 2).T
    edges = np.linspace(times.min(), times.max(), blocks + 1) if len(times) else np.zeros(blocks + 1)
    of_block = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, blocks - 1)
    held = [each for each in range(blocks) if (of_block == each).any()]
    if len(held) < 3:
        return Trend(float(values.mean()) if len(values) else float("nan"), float("nan"), float("nan"))
    middles = [times[of_block == each].mean() for each in held]
    inside = [values[of_block == each] for each in held]
    figures = [block.mean() if quantile is None else np.quantile(block, quantile) for block in inside]
    line = stats.linregress(middles, figures)
    span = times.max() - times.min()
    around = stats.t.ppf(0.5 + CONFIDENCE / 2, len(held) - 2) * line.stderr
    return Trend(float(np.mean(figures)), float((line.slope - around) * span), float((line.slope + around) * span))
