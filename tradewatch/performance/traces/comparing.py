"""What got worse: each transaction between two releases or periods, with a floor under which nothing is said. Pure.

Two things are asked of each: are more of its requests among the slowest 5% of both sides, and do more of them fail.
Both are compared as shares of two samples of what was really received (a weight makes no evidence), and corrected over
all transactions by Holm's method: of a hundred that never changed, one would otherwise differ by chance.
"""

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from tradewatch.metrics.histogram import bin_of
from tradewatch.performance.traces.figures import Figures
from tradewatch.performance.traces.weighing import weight_above

FEWEST = 100  # of each side: of fewer, the slowest 5% are not even five
SMALLEST_CHANGE = 0.10  # of p95; less is the same to whoever waits
SMALLEST_FAILURE_CHANGE = 0.001  # of the ratio: one in a thousand
CERTAINTY = 0.01  # how often a verdict may be wrong, over all transactions together
QUANTILE = 0.95

Key = TypeVar("Key", bound=Hashable)


class Verdict(StrEnum):
    """The first that fits, in this order."""

    NEW = "new"  # nothing before
    GONE = "gone"  # nothing after
    FEW = "few"  # too few on one side to say anything
    FAILING = "failing"  # more of them fail
    SLOWER = "slower"
    RECOVERED = "recovered"  # fewer of them fail
    FASTER = "faster"
    SAME = "same"  # under 10%, or not certain


@dataclass(frozen=True, slots=True)
class Change(Generic[Key]):
    """One transaction before and after. `p_value`: how likely it is by chance, the smaller of the two answers."""

    key: Key
    verdict: Verdict
    before: Figures
    after: Figures
    p95_before: float | None
    p95_after: float | None
    p_value: float

    @property
    def p95_ratio(self) -> float | None:
        """After / before: 1.5 is half as long again."""
        return self.p95_after / self.p95_before if self.p95_before and self.p95_after is not None else None

    @property
    def failure_difference(self) -> float | None:
        """After - before, of ratios from 0.0 to 1.0."""
        before, after = self.before.failure_ratio, self.after.failure_ratio
        return None if before is None or after is None else after - before

    @property
    def is_worse(self) -> bool:
        return self.verdict in (Verdict.FAILING, Verdict.SLOWER)

    @property
    def seconds_lost(self) -> float:
        """About how much longer all of them together took than they would have before; negative: less long."""
        before, after = self.before.mean_seconds, self.after.mean_seconds
        return 0.0 if before is None or after is None else (after - before) * self.after.weighted_measured


def compare(before: Mapping[Key, Figures], after: Mapping[Key, Figures]) -> list[Change[Key]]:
    """Return each transaction's change, the worst first: what fails more, then what got slower by time lost."""
    keys = sorted(before.keys() | after.keys(), key=repr)
    pairs = [(key, before.get(key, Figures()), after.get(key, Figures())) for key in keys]
    slower = _corrected([_slower(old, new) for _, old, new in pairs])
    failing = _corrected([_failing(old, new) for _, old, new in pairs])
    changes = [
        _change(key, old, new, slower_p, failing_p)
        for (key, old, new), slower_p, failing_p in zip(pairs, slower, failing, strict=True)
    ]
    return sorted(changes, key=_badness)


def worst(changes: Sequence[Change[Key]], *, limit: int = 10) -> list[Change[Key]]:
    """Return those that got worse for certain."""
    return [change for change in changes if change.is_worse][:limit]


def p_value(one_hits: float, one_total: float, other_hits: float, other_total: float) -> float:
    """Return how likely two shares differ so much by chance (two-sided, pooled z-test); 1.0 without evidence."""
    if not one_total or not other_total:
        return 1.0
    pooled = (one_hits + other_hits) / (one_total + other_total)
    deviation = math.sqrt(pooled * (1.0 - pooled) * (1.0 / one_total + 1.0 / other_total))
    if not deviation:
        return 1.0
    return math.erfc(abs(one_hits / one_total - other_hits / other_total) / deviation / math.sqrt(2.0))


def _slower(before: Figures, after: Figures) -> float:
    """Compare the shares above the p95 that both sides have together."""
    both = Figures()
    both.merge(before)
    both.merge(after)
    limit = both.percentile(QUANTILE)
    if limit is None or min(before.measured, after.measured) < FEWEST:
        return 1.0
    index = bin_of(limit)
    shares = [weight_above(each.bins, index - 1) / each.weighted_measured for each in (before, after)]
    counts = [share * each.measured for share, each in zip(shares, (before, after), strict=True)]
    return p_value(counts[0], before.measured, counts[1], after.measured)


def _failing(before: Figures, after: Figures) -> float:
    if min(before.count, after.count) < FEWEST:
        return 1.0
    return p_value(before.failed, before.count, after.failed, after.count)


def _corrected(p_values: Sequence[float]) -> list[float]:
    """Return the p-values after Holm's correction over those that say anything."""
    asked = sorted((value, at) for at, value in enumerate(p_values) if value < 1.0)
    corrected, least = [1.0] * len(p_values), 0.0
    for rank, (value, at) in enumerate(asked):
        least = max(least, min(1.0, value * (len(asked) - rank)))
        corrected[at] = least
    return corrected


def _change(key: Key, before: Figures, after: Figures, slower: float, failing: float) -> Change[Key]:
    p95_before, p95_after = before.percentile(QUANTILE), after.percentile(QUANTILE)
    verdict = _verdict(before, after, p95_before, p95_after, slower, failing)
    return Change(key, verdict, before, after, p95_before, p95_after, min(slower, failing))


def _verdict(
    before: Figures,
    after: Figures,
    p95_before: float | None,
    p95_after: float | None,
    slower: float,
    failing: float,
) -> Verdict:
    if not before.count or not after.count:
        return Verdict.GONE if before.count else Verdict.NEW
    if min(before.count, after.count) < FEWEST:
        return Verdict.FEW
    failed = (after.failure_ratio or 0.0) - (before.failure_ratio or 0.0)
    fails_otherwise = failing < CERTAINTY and abs(failed) >= SMALLEST_FAILURE_CHANGE
    if fails_otherwise and failed > 0:
        return Verdict.FAILING
    slowed = p95_after / p95_before - 1.0 if p95_before and p95_after is not None else 0.0
    takes_otherwise = slower < CERTAINTY and abs(slowed) >= SMALLEST_CHANGE
    if takes_otherwise and slowed > 0:
        return Verdict.SLOWER
    if fails_otherwise:
        return Verdict.RECOVERED
    return Verdict.FASTER if takes_otherwise else Verdict.SAME


def _badness(change: Change[Key]) -> tuple[int, float, str]:
    order = [Verdict.FAILING, Verdict.SLOWER, Verdict.NEW, Verdict.FEW, Verdict.SAME, Verdict.GONE]
    order += [Verdict.FASTER, Verdict.RECOVERED]
    difference = change.failure_difference or 0.0
    size = difference * change.after.weighted if change.verdict is Verdict.FAILING else change.seconds_lost
    return order.index(change.verdict), -size, repr(change.key)
