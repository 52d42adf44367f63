"""From how much free space on what happens: the high, the low and the critical watermark. Pure.

    free    ... low mark ... high mark ... critical mark ... 0
    ok      |  clears on, once begun  |  clears  |  refuses events

What is cleared begins at the high mark and goes on until the low one; what is refused begins at the critical mark and
ends somewhat above it: neither flutters.
"""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    HIGH = "high"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Marks:
    """Each in bytes that are free: low > high > resume > critical. `total_bytes` is the disk's, or the budget."""

    total_bytes: int
    low: int
    high: int
    resume: int
    critical: int


def marks_of(
    total_bytes: int, *, low_percent: int, high_percent: int, critical_percent: int, headroom_bytes: int
) -> Marks:
    """Return the marks of a disk of this size. The percents are of it in use.

    `headroom_bytes` bounds what a percent of a large disk would keep free: all of it at the high mark, half as much
    again at the low one, a quarter at the critical one.
    """
    low = min(_rest(total_bytes, low_percent), headroom_bytes * 3 // 2)
    high = min(_rest(total_bytes, high_percent), headroom_bytes)
    critical = min(_rest(total_bytes, critical_percent), headroom_bytes // 4)
    return Marks(total_bytes, low=low, high=high, resume=critical + (high - critical) // 4, critical=critical)


def level_of(free_bytes: int, marks: Marks) -> Level:
    if free_bytes < marks.critical:
        return Level.CRITICAL
    return Level.HIGH if free_bytes < marks.high else Level.OK


def clears(free_bytes: int, marks: Marks, *, has_begun: bool) -> bool:
    """Return whether old data is to go. `free_bytes` counts pages of the database's file that hold nothing."""
    return free_bytes < (marks.low if has_begun else marks.high)


def refuses(free_bytes: int, marks: Marks, *, has_begun: bool) -> bool:
    """Return whether events are refused. `free_bytes` are the file system's alone: a log needs new pages."""
    return free_bytes < (marks.resume if has_begun else marks.critical)


def _rest(total_bytes: int, percent: int) -> int:
    return total_bytes * (100 - percent) // 100
