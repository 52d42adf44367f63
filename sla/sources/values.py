"""What sources hand over."""

from dataclasses import dataclass, field

from sla.minutes.packing import Minute
from tradewatch.performance.traces.weighing import WeightedBins


@dataclass(slots=True)
class Counted:
    """{start of the minute, epoch seconds: its counts}, and its histogram of seconds where durations are measured."""

    minutes: dict[int, Minute] = field(default_factory=dict)
    bins: dict[int, WeightedBins] = field(default_factory=dict)
