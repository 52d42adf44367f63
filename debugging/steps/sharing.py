"""What do failing requests share that passing ones do not? Pure: two samples of features in, what stands out.

Each value that failing ones carry is tested by Fisher's exact test, its p multiplied by how many values were tested
(Bonferroni). Only what both samples can say is compared: a field that no passing request carries, such as a tag that is
set where the error is caught, tells nothing.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

from debugging.steps.features import Features
from debugging.steps.statistics import fisher_tail, lift

LEAST_FAILING, LEAST_PASSING = 5, 10  # the floor: fewer say nothing, however alike they are
LEAST_SHARE = 0.5  # of the failing ones; what fewer share does not explain the error
LEAST_LIFT = 3.0
MOST_P = 0.01  # after the correction
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """`failing` of `failing_of` carry the value, `passing` of `passing_of`. `p`: corrected for all tests."""

    key: str
    value: str
    failing: int
    failing_of: int
    passing: int
    passing_of: int
    p: float

    @property
    def lift(self) -> float:
        return lift(self.failing, self.failing_of, self.passing, self.passing_of)

    @property
    def stands_out(self) -> bool:
        return self.failing / self.failing_of >= LEAST_SHARE and self.lift >= LEAST_LIFT and self.p <= MOST_P

    def as_json(self) -> dict[str, Any]:
        """`lift` null: no passing request carries it."""
        return {
            "key": self.key,
            "value": self.value,
            "failing": self.failing,
            "failing_of": self.failing_of,
            "passing": self.passing,
            "passing_of": self.passing_of,
            "lift": None if isinf(self.lift) else round(self.lift, 2),
            "p": self.p,
        }


@dataclass(frozen=True, slots=True)
class Compared:
    """`shared` is what stands out, the surest first. `tested`: how many values were compared."""

    shared: Sequence[Shared]
    tested: int


def is_enough(failing: int, passing: int) -> bool:
    return failing >= LEAST_FAILING and passing >= LEAST_PASSING


def compare(failing: Sequence[Features], passing: Sequence[Features]) -> Compared:
    """Return what stands out among the failing ones."""
    known = _counts(passing)
    sayable = {key for key, _ in known}
    candidates = {each: count for each, count in _counts(failing).items() if each[0] in sayable and count > 1}
    found = [
        Shared(
            key,
            value,
            count,
            len(failing),
            known[key, value],
            len(passing),
            min(1.0, len(candidates) * fisher_tail(count, len(failing), known[key, value], len(passing))),
        )
        for (key, value), count in candidates.items()
    ]
    outstanding = [each for each in found if each.stands_out]
    return Compared(sorted(outstanding, key=lambda each: (each.p, each.key))[:SHOWN], len(candidates))


def _counts(sample: Sequence[Mapping[str, str]]) -> Counter[tuple[str, str]]:
    return Counter(pair for features in sample for pair in features.items())
