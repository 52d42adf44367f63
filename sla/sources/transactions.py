"""Minutes of transactions: how many failed, and how many took longer than a threshold.

A minute without transactions is read from sessions, where neither a transaction nor a tag is asked for.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sla.minutes.packing import millionths
from sla.models import Measure
from sla.sources import definitions
from sla.sources.asking import milliseconds_of, tag_faults
from sla.sources.base import Described, minute_of
from sla.sources.definitions import Definition, Faults
from sla.sources.sessions import sessions_of
from sla.sources.values import Counted
from tradewatch.metrics.histogram import bin_of
from tradewatch.performance.sessions import ERRORED
from tradewatch.performance.traces.minutes import Asked, MinuteRow, rows_of
from tradewatch.performance.traces.weighing import WeightedBins, add_into, weight_above
from tradewatch.projects.models import Project


class Failures(Described):
    """Of all transactions those that failed, for availability and error rate."""

    only_grows = False  # the sessions of a minute make way for its transactions
    optional = {"transaction": definitions.text, "tag": definitions.tag}

    def faults(self, definition: Definition, project: Project) -> Faults:
        return super().faults(definition, project) or tag_faults(definition, project)

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        sums: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        for keys, row in rows_of({each.pk: asked_by(each) for each in measures}, start, end, with_durations=False):
            numbers = millionths(row.weighted), millionths(row.weighted_failed), row.count, row.failed
            for key in keys:
                sums[key, row.start] = [a + b for a, b in zip(sums[key, row.start], numbers, strict=True)]
        found = sessions_of([each for each in measures if not each.definition], start, end, bad=ERRORED)
        for (key, at), (valid, bad, received, received_bad) in sums.items():
            found.setdefault(key, Counted()).minutes[at] = minute_of(valid, bad, received, received_bad)
        return found


class Durations(Described):
    """Of all transactions with a duration those that took longer than the threshold.

    Exact where the threshold was counted when all of a bucket's transactions came, else read from its histogram.
    """

    has_bins = True
    only_grows = False
    wanted = {"threshold_seconds": definitions.threshold_seconds}
    optional = {"transaction": definitions.text, "tag": definitions.tag}

    def faults(self, definition: Definition, project: Project) -> Faults:
        return super().faults(definition, project) or tag_faults(definition, project)

    def canonical(self, definition: Definition) -> dict[str, Any]:
        """Thresholds are in whole milliseconds. The quantile says what is shown, not what is counted."""
        canonical = super().canonical(definition)
        canonical.pop("quantile", None)
        return {**canonical, "threshold_seconds": milliseconds_of(canonical) / 1000}

    def read(self, measures: Sequence[Measure], start: int, end: int, now: datetime) -> dict[int, Counted]:
        slots = {each.pk: _Slots(each.definition) for each in measures}
        for keys, row in rows_of({each.pk: asked_by(each) for each in measures}, start, end, with_durations=True):
            if row.measured:
                for key in keys:
                    slots[key].add(row)
        return {key: each.counted() for key, each in slots.items()}


class Percentiles(Durations):
    optional = {**Durations.optional, "quantile": definitions.quantile}


def asked_by(measure: Measure) -> Asked:
    tag = measure.definition.get("tag", {})
    place = measure.project_id, measure.environment, measure.definition.get("transaction", "")
    return Asked(*place, tag.get("key", ""), tag.get("value", ""))


@dataclass(slots=True)
class _Slot:
    """One minute, from the buckets of its groups."""

    valid: int = 0
    bad: int = 0
    received: int = 0
    received_bad: int = 0
    is_approximate: bool = False
    bins: WeightedBins = field(default_factory=dict)


class _Slots:
    """The minutes of one measure."""

    def __init__(self, definition: Definition) -> None:
        self._milliseconds = milliseconds_of(definition)
        self._bin = bin_of(self._milliseconds / 1000)
        self._slots: defaultdict[int, _Slot] = defaultdict(_Slot)

    def add(self, row: MinuteRow) -> None:
        slot = self._slots[row.start]
        slower, received_slower, is_exact = self._slower(row)
        slot.valid += millionths(row.weighted_measured)
        slot.bad += millionths(slower)
        slot.received += row.measured
        slot.received_bad += received_slower
        slot.is_approximate |= not is_exact
        add_into(slot.bins, row.bins)

    def counted(self) -> Counted:
        minutes = {
            at: minute_of(slot.valid, slot.bad, slot.received, slot.received_bad, is_approximate=slot.is_approximate)
            for at, slot in self._slots.items()
        }
        return Counted(minutes, {at: slot.bins for at, slot in self._slots.items()})

    def _slower(self, row: MinuteRow) -> tuple[float, int, bool]:
        """Return how many were too slow, weighted and plain, and whether that is exact."""
        within = row.within.get(self._milliseconds)
        if within is not None and within.measured == row.measured:
            return row.weighted_measured - within.weighted_passed, row.measured - within.passed, True
        slower = weight_above(row.bins, self._bin)
        return slower, round(row.measured * slower / row.weighted_measured), False
