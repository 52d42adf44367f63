"""How much counts and durations wander when nothing changes: tests that take requests for independent know nothing of
it, and call any short trouble of a venue, any warm cache a change.

From the steps between neighbouring blocks of a history, not from the spread around its mean (von Neumann, Annals of
Mathematical Statistics 12, 1941): slow drift, an open or a close move few steps, bursts move many. No step leads over
None, which parts what lies before it from what lies after.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import erfc, log, sqrt
from typing import NamedTuple, TypeVar

from tradewatch.metrics.histogram import GAMMA, SMALLEST_SECONDS, ZERO_BIN, bin_of

FEWEST_STEPS, FEWEST_MEASURED = 6, 10
ZERO_AT = bin_of(SMALLEST_SECONDS) - 1  # where a zero stands among logarithms: just below the smallest duration

T = TypeVar("T")
Block = tuple[int, int]  # (how many, out of how much: requests, or 1 for a stretch of time)


def dispersion(blocks: Sequence[Block | None]) -> float:
    """Return how many times as much counts vary as independent ones would, 1 at least; 1 where history is short.

    Of independent counts it is about 1, of events that come five at a time about 5 (McCullagh and Nelder, Generalized
    Linear Models, 1989, section 6.2.3). Divide counts by it and they say as much as independent ones.
    """
    known = [each for each in blocks if each is not None and each[1] > 0]
    total, size = sum(count for count, _ in known), sum(of for _, of in known)
    steps = list(_steps([each if each and each[1] else None for each in blocks]))
    if len(steps) < FEWEST_STEPS or total < FEWEST_STEPS:
        return 1.0
    rate = total / size
    squares = ((a / m - b / n) ** 2 / (rate * (1 / m + 1 / n)) for (a, m), (b, n) in steps)
    return max(1.0, sum(squares) / len(steps))


class Level(NamedTuple):
    """The mean logarithm of a block's durations, and the variance it has as a mean of so many."""

    mean: float
    variance: float


def level_of(bins: Mapping[int, float]) -> Level | None:
    """Return the level of a histogram {bin of `metrics.histogram`: how many}; None of too few to know its spread."""
    total = sum(bins.values())
    if total < FEWEST_MEASURED:
        return None
    places = [(ZERO_AT if index == ZERO_BIN else index, count) for index, count in bins.items()]
    mean = sum(place * count for place, count in places) / total
    spread = sum(count * (place - mean) ** 2 for place, count in places) / (total - 1)
    scale = log(GAMMA)
    return Level(mean * scale, spread * scale**2 / total)


def wandering(levels: Sequence[Level | None]) -> float:
    """Return the standard deviation of levels beyond what sampling explains; 0 where there is none, or little history.

    A step's square is expected to be twice that squared, and both variances (a random effect by the method of moments:
    DerSimonian and Laird, Controlled Clinical Trials 7, 1986).
    """
    steps = list(_steps(levels))
    if len(steps) < FEWEST_STEPS:
        return 0.0
    beyond = sum((b.mean - a.mean) ** 2 - a.variance - b.variance for a, b in steps)
    return sqrt(max(0.0, beyond / (2 * len(steps))))


def p_of_shift(factor: float, deviation: float, blocks: float) -> float:
    """Return how likely the means of `blocks` blocks each differ by such a factor through wandering alone; 0: none."""
    if deviation <= 0 or blocks <= 0 or factor <= 0:
        return 0.0
    return erfc(log(factor) / (deviation * sqrt(2 / blocks)) / sqrt(2)) / 2


def _steps(values: Sequence[T | None]) -> Iterator[tuple[T, T]]:
    return ((one, other) for one, other in pairwise(values) if one is not None and other is not None)
