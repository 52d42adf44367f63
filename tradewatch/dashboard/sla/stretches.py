"""Bad minutes in stretches: what was bad in a row is one line that opens to its minutes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sla.minutes.values import Sums

MINUTE = 60
LONGEST_BREAK = 2  # good minutes in between that do not end a stretch: one failure a minute flickers


@dataclass(frozen=True, slots=True)
class BadMinute:
    """`at`: its start in epoch seconds."""

    at: int
    sums: Sums


@dataclass(frozen=True, slots=True)
class Stretch:
    minutes: tuple[BadMinute, ...]

    @property
    def start(self) -> int:
        return self.minutes[0].at

    @property
    def end(self) -> int:
        return self.minutes[-1].at + MINUTE

    @property
    def sums(self) -> Sums:
        total = Sums()
        for each in self.minutes:
            total = total.plus(each.sums)
        return total

    @property
    def worst(self) -> BadMinute:
        return max(self.minutes, key=lambda each: (each.sums.bad, -each.at))


def stretches_of(minutes: Iterable[tuple[int, Sums]], *, longest: int) -> list[Stretch]:
    """Return the minutes with anything bad, joined to stretches of at most `longest` minutes, in order of time."""
    found: list[list[BadMinute]] = []
    for at, sums in minutes:
        if not sums.bad:
            continue
        minute = BadMinute(at, sums)
        if found and len(found[-1]) < longest and at - found[-1][-1].at <= (LONGEST_BREAK + 1) * MINUTE:
            found[-1].append(minute)
        else:
            found.append([minute])
    return [Stretch(tuple(each)) for each in found]


def ordered(stretches: Sequence[Stretch], *, worst_first: bool) -> list[Stretch]:
    """Return them the newest first, or the costliest."""
    if worst_first:
        return sorted(stretches, key=lambda each: (-each.sums.bad, -each.start))
    return sorted(stretches, key=lambda each: -each.start)
