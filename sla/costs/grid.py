"""Slots laid over the buckets of a width: which slot a bucket belongs to. Pure."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sla.costs.splitting import Key, Slot, widened
from tradewatch.metrics.models import Resolution


@dataclass(frozen=True, slots=True)
class Grid:
    """`slots` in order of time, apart from each other; none is narrower than `resolution`."""

    slots: Sequence[Slot]
    resolution: Resolution

    @property
    def start(self) -> int:
        return self.slots[0].start

    @property
    def end(self) -> int:
        return self.slots[-1].end

    def gather(self, counted: Iterable[tuple[Key, int, int]]) -> dict[int, dict[Key, int]]:
        """Return {start of a slot: {key: sum}} of (key, start of a bucket, number) within slots."""
        starts = [slot.start for slot in self.slots]
        found: defaultdict[int, dict[Key, int]] = defaultdict(dict)
        for key, at, number in counted:
            place = bisect_right(starts, at) - 1
            if place >= 0 and at < self.slots[place].end:
                here = found[starts[place]]
                here[key] = here.get(key, 0) + number
        return dict(found)


def grids_of(slots: Sequence[Slot], *, minutes_from: int, most_minutes: int | None = None) -> list[Grid]:
    """Lay slots with anything bad over minutes, and over hours what is older than `minutes_from` (epoch seconds).

    More than `most_minutes` slots go over hours altogether: what happened in each minute would be too much to read.
    """
    bad = sorted((slot for slot in slots if slot.bad), key=lambda slot: slot.start)
    if most_minutes is not None and len(bad) > most_minutes:
        minutes_from = bad[-1].end
    edge = -(-minutes_from // Resolution.HOUR) * Resolution.HOUR
    old = [slot for slot in bad if slot.start < edge]
    young = [slot for slot in bad if slot.start >= edge]
    grids = [Grid(_hourly(old), Resolution.HOUR)] if old else []
    return [*grids, Grid(young, Resolution.MINUTE)] if young else grids


def _hourly(slots: Sequence[Slot]) -> list[Slot]:
    """Slots of an hour and more stay as they are: hours lie within them."""
    return list(slots) if slots[0].end - slots[0].start >= Resolution.HOUR else widened(slots, Resolution.HOUR)
