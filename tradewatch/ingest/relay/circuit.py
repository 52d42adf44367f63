"""Whether an upstream is up, waits or is down, and when the next try is due. Pure: standing and outcomes in, standing
out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tradewatch.ingest.relay.answers import Fate, Outcome
from tradewatch.ingest.relay.choices import UpstreamState
from tradewatch.ingest.relay.limits import Limits, merged, moment

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
JITTER = 0.25
MIXED_PAUSE = timedelta(seconds=1)
LOOKED_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Standing:
    """`since`: of the state; `next_at`: nothing is sent before; `failures`: in a row."""

    state: UpstreamState = UpstreamState.IDLE
    since: datetime | None = None
    next_at: datetime | None = None
    failures: int = 0
    detail: str = ""
    limits: Limits | None = None


def after(standing: Standing, outcomes: Sequence[Outcome], *, draw: float, now: datetime) -> Standing:
    """Return the standing after a window of sends. `draw`, 0 to 1, spreads the next try over a quarter around it."""
    epoch = now.timestamp()
    limits: Limits = standing.limits or {}
    for outcome in outcomes:
        limits = merged(limits, outcome.limits, now=epoch)
    failed = [each for each in outcomes if each.fate == Fate.FAILED]
    said = next((each.detail for each in reversed(outcomes) if each.detail), standing.detail)
    if len(failed) < len(outcomes):  # it answers
        next_at = now + MIXED_PAUSE if failed else None
        return _in_state(UpstreamState.UP, replace(standing, failures=0, next_at=next_at, detail=said), limits, now)
    failures = standing.failures + 1
    wished = max((each.retry_at or 0.0 for each in failed), default=0.0)
    next_at = max(now + timedelta(seconds=pause_seconds(failures, draw)), moment(wished))
    return _in_state(
        UpstreamState.DOWN, replace(standing, failures=failures, next_at=next_at, detail=said), limits, now
    )


def waiting(standing: Standing, until: datetime, *, now: datetime) -> Standing:
    """Return the standing when all that waits is under a limit, the first of them `until` then.

    The next look is earlier: what comes meanwhile may be of a category that goes.
    """
    limits = standing.limits or {}
    return _in_state(UpstreamState.WAITING, replace(standing, next_at=min(until, now + LOOKED_AGAIN)), limits, now)


def refusing(standing: Standing, why: str, *, again: timedelta, now: datetime) -> Standing:
    """Return the standing of an upstream that must not be sent to."""
    limits = standing.limits or {}
    return _in_state(UpstreamState.REFUSED, replace(standing, next_at=now + again, detail=why), limits, now)


def pause_seconds(failures: int, draw: float) -> float:
    """Return how long to wait after so many failures in a row: doubled each time, up to a minute, and spread."""
    pause = min(FIRST_PAUSE_SECONDS * 2.0 ** min(failures - 1, 16), LONGEST_PAUSE_SECONDS)
    return pause * (1.0 - JITTER + 2.0 * JITTER * draw)


def _in_state(state: UpstreamState, standing: Standing, limits: Limits, now: datetime) -> Standing:
    since = standing.since if standing.state == state else now
    return replace(standing, state=state, since=since, limits=limits)
