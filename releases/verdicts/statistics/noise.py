"""How much counts and durations wander when nothing changes: tests that take requests for independent know nothing of
it, and call any short trouble of a venue, any warm cache a change.

From the steps between blocks of a history that lie as far apart as what is compared, not from the spread around its
mean (von Neumann, Annals of Mathematical Statistics 12, 1941; as a structure function, Kolmogorov 1941): slow drift, an
open or a close move few steps, bursts move many. A history comes in runs: no step leads from one to the next.
"""

from collections.abc import Mapping, Sequence
from math import erfc, log, sqrt
from typing import NamedTuple, TypeVar

from tradewatch.metrics.histogram import GAMMA, SMALLEST_SECONDS, ZERO_BIN, bin_of

FEWEST_STEPS, FEWEST_MEASURED = 6, 10
ZERO_AT = bin_of(SMALLEST_SECONDS) - 1  # where a zero stands among logarithms: just below the smallest duration

T = TypeVar("T")
Block = tuple[int, int]  # (how many, out of how much: requests, or 1 for a stretch of time)


def dispersion(runs: Sequence[Sequence[Block]], lag: int = 1) -> float:
    """Return how many times as much counts vary as independent ones would, 1 at least; 1 where history is short.

    Of independent counts it is about 1, of events that come five at a time about 5 (McCullagh and Nelder, Generalized
    Linear Models, 1989, section 6.2.3). Divide counts by it and they say as much as independent ones.
    """
    known = [[each if each[1] > 0 else None for each in run] for run in runs]
    total, size = (sum(each[at] for run in runs for each in run if each[1] > 0) for at in (0, 1))
    if total < FEWEST_STEPS:
        return 1.0
    rate = total / size

    def varies(steps: Sequence[tuple[Block, Block]]) -> float:
        return sum((a / m - b / n) ** 2 / (rate * (1 / m + 1 / n)) for (a, m), (b, n) in steps) / len(steps)

    return max([1.0, *map(varies, _steps(known, lag))])


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


def wandering(runs: Sequence[Sequence[Level | None]], lag: int = 1) -> float:
    """Return the standard deviation of levels beyond what sampling explains; 0 where there is none, or little history.

    A step's square is expected to be twice that squared, and both variances (a random effect by the method of moments:
    DerSimonian and Laird, Controlled Clinical Trials 7, 1986).
    """

    def moves(steps: Sequence[tuple[Level, Level]]) -> float:
        return sum((b.mean - a.mean) ** 2 - a.variance - b.variance for a, b in steps) / (2 * len(steps))

    return sqrt(max([0.0, *map(moves, _steps(runs, lag))]))


def p_of_shift(factor: float, deviation: float) -> float:
    """Return how likely two levels differ by such a factor through wandering alone; 0 where there is none.

    That is of two blocks. Longer stretches are taken to wander as far as blocks that lie as far apart.
    """
    if deviation <= 0 or factor <= 0:
        return 0.0
    return erfc(log(factor) / (2 * deviation)) / 2


def _steps(runs: Sequence[Sequence[T | None]], lag: int) -> list[list[tuple[T, T]]]:
    """Return the pairs of blocks so far apart, nearer ones where runs are too short for enough of them; and those of
    neighbours: what comes every ten minutes shows no step over ten."""
    by_distance = ((distance, _pairs(runs, distance)) for distance in range(lag, 0, -1))
    enough = [(distance, pairs) for distance, pairs in by_distance if len(pairs) >= FEWEST_STEPS]
    return [pairs for distance, pairs in enough if distance in (enough[0][0], 1)]


def _pairs(runs: Sequence[Sequence[T | None]], distance: int) -> list[tuple[T, T]]:
    pairs = (pair for run in runs for pair in zip(run, run[distance:], strict=False))
    return [(one, other) for one, other in pairs if one is not None and other is not None]
