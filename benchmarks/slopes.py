"""Does a figure that was sampled over time rise? Values in, words out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats

BLOCKS = 12
CONFIDENCE = 0.95
Sample = tuple[float, float]  # seconds since the start, value
Array = np.ndarray[Any, Any]


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


def trend(
    samples: Sequence[Sample],
    *,
    quantile: float | None = None,
    blocks: int = BLOCKS,
    machine: Sequence[Sample] = (),
) -> Trend:
    """Return the trend of the samples' mean, or of a quantile of them (0 to 1), by least squares over equal blocks of
    time.

    Over blocks, because neighbouring samples depend on each other (a batch, a checkpoint): taken one by one they would
    pretend to far more confidence than there is. `machine`: what a fixed piece of work took over the same time; the
    trend is then that at an even speed of the machine, for a shared one is slow for minutes. NaN without three blocks
    that hold samples (four beside a machine).
    """
    times, values = _columns(samples)
    edges = np.linspace(times.min(), times.max(), blocks + 1) if len(times) else np.zeros(blocks + 1)
    of_block, of_machine = _blocks(times, edges), _blocks(_columns(machine)[0], edges)
    held = [each for each in range(blocks) if (of_block == each).any() and (not machine or (of_machine == each).any())]
    figures = [_figure(values[of_block == each], quantile) for each in held]
    known = [np.ones(len(held)), np.array([times[of_block == each].mean() for each in held])]
    if machine:
        work = _columns(machine)[1]
        known.append(np.array([np.median(work[of_machine == each]) for each in held]))
    freedom = len(held) - len(known)
    if freedom < 1:
        return Trend(float(values.mean()) if len(values) else float("nan"), float("nan"), float("nan"))
    slope, error = _slope(np.column_stack(known), np.array(figures), freedom)
    span = times.max() - times.min()
    around = stats.t.ppf(0.5 + CONFIDENCE / 2, freedom) * error
    return Trend(float(np.mean(figures)), float((slope - around) * span), float((slope + around) * span))


def _columns(samples: Sequence[Sample]) -> tuple[Array, Array]:
    times, values = np.array(samples, dtype=float).reshape(-1, 2).T
    return times, values


def _blocks(times: Array, edges: Array) -> Array:
    """Return the block of each time; what lies outside all goes to the first or the last."""
    found: Array = np.clip(np.searchsorted(edges, times, side="right") - 1, 0, len(edges) - 2)
    return found


def _figure(values: Array, quantile: float | None) -> float:
    return float(values.mean() if quantile is None else np.quantile(values, quantile))


def _slope(known: Array, figures: Array, freedom: int) -> tuple[float, float]:
    """Return the coefficient of the second column of `known` and its standard error (ordinary least squares)."""
    found, *_ = np.linalg.lstsq(known, figures, rcond=None)
    left = figures - known @ found
    spread = np.linalg.pinv(known.T @ known)[1, 1] * (left @ left) / freedom
    return float(found[1]), float(np.sqrt(max(0.0, spread)))
