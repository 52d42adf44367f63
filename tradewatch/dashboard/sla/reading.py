"""Targets as the pages need them: each with its version, its figures, its burns and its minutes, in few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sla.choices import TargetState
from sla.figures import reading
from sla.figures.pairs import PAGE
from sla.figures.values import Burning, Judged
from sla.minutes.values import Minutes
from sla.models import Target, TargetVersion

_WORST_FIRST = (
    TargetState.CRITICAL,
    TargetState.WARNING,
    TargetState.MISSED,
    TargetState.MET,
    TargetState.NO_DATA,
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A target's present period. `burnings`: its pairs of burn windows, the fastest first."""

    target: Target
    version: TargetVersion
    judged: Judged
    burnings: Sequence[Burning]
    minutes: Minutes

    @property
    def firing(self) -> Burning | None:
        """Return the fastest pair that fires."""
        return next((each for each in self.burnings if each.is_firing and not each.is_held), None)

    @property
    def is_paging(self) -> bool:
        return self.firing is not None and self.firing.pair.severity == PAGE

    @property
    def is_spent(self) -> bool:
        remaining = self.judged.adjusted.remaining
        return remaining is not None and remaining <= 0


def see(targets: Sequence[Target], *, now: datetime) -> list[Seen]:
    """Return the targets that have a version, what is wrong first."""
    if not targets:
        return []
    opened, burns = reading.opened(targets, now), reading.burns(targets, now)
    found = [
        Seen(each.target, each.version, each.judged, burns.get(pk, []), each.minutes) for pk, each in opened.items()
    ]
    return sorted(found, key=_urgency)


def _urgency(seen: Seen) -> tuple[bool, int, bool, float, str]:
    remaining = seen.judged.adjusted.remaining
    return (
        not seen.is_paging,
        _WORST_FIRST.index(TargetState(seen.judged.adjusted.state)),
        seen.firing is None,
        float("inf") if remaining is None else float(remaining),
        seen.target.metric_name,
    )
