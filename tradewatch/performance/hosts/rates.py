"""Points of two snapshots. Pure, and by the monotonic clock alone: the wall clock may jump as it likes.

A counter that went back has begun anew or wrapped around, and nobody can tell which: it then says nothing this once,
rather than a negative rate or a spike.
"""

import math
from collections.abc import Iterator, Mapping

from tradewatch.performance.hosts.points import UNITS, Key, Point, Reading, Snapshot, labels

SHORTEST_SECONDS = 0.2  # counters move in ticks of a hundredth: over less, a rate is noise
GREATEST_PER_SECOND = 1e12  # a terabyte a second: a counter that was replaced by another, not a rate
CPU_SECONDS = "cpu.seconds"  # by state
BUSY_SECONDS = "disk.busy_seconds"  # by device
_NOT_BUSY = frozenset({"idle", "iowait"})
_JITTER_SECONDS = 1.0  # iowait and idle may step back a little: the kernel says so itself (proc(5))


def points_between(before: Snapshot | None, after: Snapshot) -> list[Point]:
    """Return the gauges of `after`, and the rates since `before` of the parts that both have."""
    points = [point for reading in after.readings.values() for point in reading.gauges]
    for name, reading in after.readings.items():
        earlier = before.readings.get(name) if before else None
        if earlier is not None:
            points += _rates(earlier, reading)
    return [point for point in points if point.name in UNITS and math.isfinite(point.value)]


def rate(before: float, after: float, elapsed_seconds: float) -> float | None:
    """Return the growth a second; None where two readings cannot tell."""
    if elapsed_seconds < SHORTEST_SECONDS or after < before:
        return None
    per_second = (after - before) / elapsed_seconds
    return per_second if per_second <= GREATEST_PER_SECOND else None


def _rates(before: Reading, after: Reading) -> Iterator[Point]:
    elapsed = after.at - before.at
    yield from _cpu_shares(before.counters, after.counters, elapsed)
    for (name, where), value in after.counters.items():
        if name == CPU_SECONDS or (name, where) not in before.counters:
            continue
        per_second = rate(before.counters[name, where], value, elapsed)
        if per_second is not None and name == BUSY_SECONDS:
            yield Point("disk.busy", min(1.0, per_second), where)
        elif per_second is not None:
            yield Point(name, per_second, where)


def _cpu_shares(before: Mapping[Key, float], after: Mapping[Key, float], elapsed: float) -> Iterator[Point]:
    """Yield the share of each state, and of all that is work. They are shares of each other: no clock is needed."""
    keys = [key for key in after if key[0] == CPU_SECONDS and key in before]
    grown = {dict(key[1])["state"]: after[key] - before[key] for key in keys}
    if elapsed < SHORTEST_SECONDS or any(seconds < -_JITTER_SECONDS for seconds in grown.values()):
        return
    grown = {state: max(0.0, seconds) for state, seconds in grown.items()}
    total = sum(grown.values())
    if total <= 0.0:
        return
    yield Point("cpu", sum(seconds for state, seconds in grown.items() if state not in _NOT_BUSY) / total)
    for state, seconds in grown.items():
        yield Point("cpu.state", seconds / total, labels(state=state))
