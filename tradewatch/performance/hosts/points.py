"""What a host can say of itself: names, units, and one moment's readings. Plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

Labels = tuple[tuple[str, str], ...]  # sorted by name
Key = tuple[str, Labels]

# Units as in https://develop.sentry.dev/sdk/telemetry/metrics/: a ratio is from 0.0 to 1.0.
UNITS: Mapping[str, str] = {
    "cpu": "ratio",  # busy: neither idle nor waiting for a disk
    "cpu.state": "ratio",  # state
    "cpu.count": "",
    "load": "",  # minutes: 1, 5, 15
    "load.ratio": "",  # load of one minute / number of CPUs
    "memory": "ratio",  # not available to programs
    "memory.used": "byte",
    "memory.available": "byte",
    "memory.total": "byte",
    "swap": "ratio",
    "swap.used": "byte",
    "swap.total": "byte",
    "disk": "ratio",  # mount; as `df` says it: of what users may fill
    "disk.used": "byte",
    "disk.free": "byte",
    "disk.total": "byte",
    "disk.read": "byte/second",  # device
    "disk.write": "byte/second",
    "disk.reads": "1/second",
    "disk.writes": "1/second",
    "disk.busy": "ratio",
    "network.received": "byte/second",  # interface
    "network.sent": "byte/second",
    "network.errors": "1/second",
    "network.drops": "1/second",
    "files": "",  # open file handles of the whole machine
    "files.limit": "",
    "processes": "",
    "uptime": "second",
}


@dataclass(frozen=True, slots=True)
class Point:
    name: str
    value: float
    labels: Labels = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What one part read at a moment of the monotonic clock. `counters` only ever grow, until they begin anew."""

    at: float
    gauges: tuple[Point, ...] = ()
    counters: Mapping[Key, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The readings of all parts that answered, by part. `late`: the parts that did not."""

    readings: Mapping[str, Reading]
    late: tuple[str, ...] = ()


def labels(**values: str) -> Labels:
    return tuple(sorted(values.items()))
