"""Issues that come in the same traces. Pure: counts of traces in, pairs out, the surest first."""

from collections.abc import Mapping
from dataclasses import dataclass

from releases.verdicts.statistics.tails import fisher

LEAST_TRACES, LEAST_SHARE, LEAST_LIFT, MOST_P = 5, 0.5, 5.0, 0.01


@dataclass(frozen=True, slots=True)
class Traced:
    """`both` of the `traces` with the rarer issue `one` have the other too, which is in `other_traces` of `every`."""

    one: int
    other: int
    both: int
    traces: int
    other_traces: int
    every: int
    p: float

    @property
    def lift(self) -> float:
        return (self.both / self.traces) / (self.other_traces / self.every)


def share_traces(every: int, alone: Mapping[int, int], both: Mapping[tuple[int, int], int]) -> list[Traced]:
    """`p` is Fisher's, multiplied by how many pairs of issues with enough traces there are."""
    enough = sum(count >= LEAST_TRACES for count in alone.values())
    tries = max(1, enough * (enough - 1) // 2)
    found = []
    for (a, b), count in both.items():
        one, other = sorted((a, b), key=lambda pk: (alone[pk], pk))
        if count < LEAST_TRACES or count < LEAST_SHARE * alone[one]:
            continue
        with_other = alone[other] - count
        p = min(1.0, tries * fisher(with_other, every - alone[one], count, alone[one]))
        traced = Traced(one, other, count, alone[one], alone[other], every, p)
        if p <= MOST_P and traced.lift >= LEAST_LIFT:
            found.append(traced)
    return sorted(found, key=lambda each: (each.p, each.one, each.other))
