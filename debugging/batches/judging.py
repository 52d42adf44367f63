"""Whether a try of a shrink failed in the same way as the request that is made smaller. Values in, values out.

By the issue, where the target reports to this project: the same error came back. Else by the answer's status.
"""

from dataclasses import dataclass
from enum import StrEnum

from debugging.batches.shrinking import Verdict
from debugging.choices import Reproduced

LOWEST_FAILING_STATUS = 400


class Yardstick(StrEnum):
    ISSUE = "issue"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of one try. `status` None: no answer. `reproduced` as it was when no more was waited for: then pending
    and unknown are alike."""

    status: int | None
    reproduced: Reproduced


@dataclass(frozen=True, slots=True)
class Measure:
    """What the request that is made smaller did: its status, and by what the others are compared with it."""

    by: Yardstick
    status: int


def measure_of(first: Seen) -> tuple[Measure | None, Verdict]:
    """Return by what tries are judged, and whether the first one failed at all (None: there is nothing to look for)."""
    match first.reproduced:
        case Reproduced.YES:
            return Measure(Yardstick.ISSUE, first.status or 0), Verdict.FAILS
        case Reproduced.OTHER | Reproduced.NO:
            return None, Verdict.PASSES  # the target reports, and this is not the error that somebody looks for
    if first.status is None:
        return None, Verdict.UNKNOWN
    if first.status < LOWEST_FAILING_STATUS:
        return None, Verdict.PASSES
    return Measure(Yardstick.STATUS, first.status), Verdict.FAILS


def verdict_of(seen: Seen, measure: Measure) -> Verdict:
    """An error that came back is one whether or not an answer came with it."""
    if measure.by == Yardstick.ISSUE:
        if seen.reproduced == Reproduced.YES:
            return Verdict.FAILS
        return Verdict.UNKNOWN if seen.status is None else Verdict.PASSES
    if seen.status is None:
        return Verdict.UNKNOWN
    return Verdict.FAILS if seen.status == measure.status else Verdict.PASSES
