"""What is known of a measure's minutes. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from tradewatch.performance.traces.weighing import WeightedBins

UNIT = 1_000_000  # counts are integers in millionths, so that weighted ones add up exactly in any order


@dataclass(frozen=True, slots=True)
class Sums:
    """Counts over some time. `valid` and `bad` are weighted, in millionths (`UNIT`); `received` and `received_bad` are
    what really came in, plain. `minutes` is how many minutes had anything; of those `approximate_minutes` were read
    from histograms (±1%)."""

    valid: int = 0
    bad: int = 0
    received: int = 0
    received_bad: int = 0
    minutes: int = 0
    approximate_minutes: int = 0

    def plus(self, other: "Sums") -> "Sums":
        return Sums(
            self.valid + other.valid,
            self.bad + other.bad,
            self.received + other.received,
            self.received_bad + other.received_bad,
            self.minutes + other.minutes,
            self.approximate_minutes + other.approximate_minutes,
        )


# (number of the slice since the epoch, valid, bad, minutes, approximate minutes): a tuple, there are very many.
SliceCounts = tuple[int, int, int, int, int]


class SliceTally(NamedTuple):
    """Slices with valid events, those of them that are bad, and the minutes that had anything."""

    judged: int = 0
    failed: int = 0
    minutes: int = 0
    approximate_minutes: int = 0


class Minutes(Protocol):
    """A measure's minutes within the time that was loaded. Edges are epoch seconds on whole minutes, half open."""

    def sums(self, start: int, end: int) -> Sums: ...

    def bins(self, start: int, end: int) -> WeightedBins:
        """Return the merged histogram of seconds (`metrics.histogram`); empty for measures without durations."""
        ...

    def bins_within(self, stretches: Iterable[tuple[int, int]]) -> WeightedBins:
        """Return the same of several [start, end), read together."""
        ...

    def each(self, start: int, end: int) -> Iterator[tuple[int, Sums]]:
        """Yield (start of the minute, its counts) of minutes that had anything, in time order."""
        ...

    def slices(self, start: int, end: int, seconds: int) -> Iterator[SliceCounts]:
        """Yield the counts within [start, end) by slice, of slices that had anything, in time order.

        Slices are aligned to the epoch, whole minutes that divide a day.
        """
        ...

    def day_of_slices(self, start: int, seconds: int, low: int, high: int) -> SliceTally:
        """Return the slices of the UTC day that begins at `start`; bad is a ratio under low / high."""
        ...
