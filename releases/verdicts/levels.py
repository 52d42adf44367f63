"""When a change counts: significant and large enough. Chosen by `python -m benchmarks.verdict_simulation`."""

from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Levels:
    """`level`: how often a look may be wrong about each of errors, latency and issues when nothing changed.

    A deployment has three looks with three such families; at 0.001 they are wrong together under 1 time in 100.
    `seen_*`: an endpoint tells something when a rise of this size would have shown on it, whichever is more.
    """

    level: float = 0.001
    risk_ratio: float = 1.5
    more_errors: float = 5.0
    a12: float = 0.56
    shift: float = 1.10
    seen_points: float = 0.05
    seen_ratio: float = 2.0
    seen_a12: float = 0.64
    judged_share: float = 0.5
    fewest_measured: int = 20
    fewest_events: int = 5

    @property
    def deviations(self) -> float:
        """How many standard deviations the level is."""
        return NormalDist().inv_cdf(1 - self.level)

    def limit(self, ratio: float) -> float:
        """Return the ratio up to which a rise from `ratio` must have shown, for the endpoint to tell something."""
        return min(1.0, max(ratio * self.seen_ratio, ratio + self.seen_points))


LEVELS = Levels()
