"""Whether an upstream is up, waits or is down, and when the next try is due. Pure: standing and outcomes in, standing
out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tradewatch.ingest.relay.answers import Fate, Outcome
from tradewatch.ingest.relay.choices import UpstreamState
from tradewatch.ingest.relay.limits import Limits, limited_until, merged, moment

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 60.0
JITTER = 0.25
MIXED_PAUSE = timedelta(seconds=1)
LOOKED_AGAIN = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Standing:
    """`since`: of the state; `next_at`: nothing is sent before; `failures`: windows in a row of which nothing went."""

    state: UpstreamState = UpstreamState.IDLE
    since: datetime | None = None
    next_at: datetime | None = None
    failures: int = 0
    detail: str = ""
    limits: Limits | None = None


def after(standing: Standing, outcomes: Sequence[Outcome], *, draw: float, now: datetime) -> Standing:
    """Return the standing after a window of sends. `draw`, 0 to 1, spreads the next try over a quarter around it."""
    limits: Limits = standing.limits or {}
    for outcome in outcomes:
        limits = merged(limits, outcome.limits, now=now.timestamp())
    said = next((each.detail for each in reversed(outcomes) if each.detail), standing.detail)
    heard = replace(standing, detail=said)
    is_down = all(each.fate == Fate.FAILED for each in outcomes)
    return (_down if is_down else _up)(heard, limits, outcomes, draw=draw, now=now)


def _down(heard: Standing, limits: Limits, outcomes: Sequence[Outcome], *, draw: float, now: datetime) -> Standing:
    failures = heard.failures + 1
    wished = max((each.retry_at or 0.0 for each in outcomes), default=0.0)
    next_at = max(now + timedelta(seconds=pause_seconds(failures, draw)), moment(wished))
    return _in_state(UpstreamState.DOWN, replace(heard, failures=failures, next_at=next_at), limits, now)


def _up(heard: Standing, limits: Limits, outcomes: Sequence[Outcome], *, draw: float, now: datetime) -> Standing:
    """It answers. What it holds back without saying for how long waits, by its category; all others go on."""
    held = _held(outcomes, limits, now=now.timestamp())
    is_stuck = bool(held) and not any(each.fate in (Fate.SENT, Fate.REFUSED) for each in outcomes)
    failures = heard.failures + 1 if is_stuck else 0
    pauses = _pauses(held, pause_seconds(max(failures, 1), draw), now=now.timestamp())
    next_at = now + MIXED_PAUSE if any(each.fate == Fate.FAILED for each in outcomes) else None
    limits = merged(limits, pauses, now=now.timestamp())
    return _in_state(UpstreamState.UP, replace(heard, failures=failures, next_at=next_at), limits, now)


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


def _held(outcomes: Sequence[Outcome], limits: Limits, *, now: float) -> list[Outcome]:
    """Return those of what was answered 429 that no limit holds back: it names other categories, or a moment that is
    over (`Retry-After: 0`, a clock that is behind ours). At once they would be answered the same, again and again."""
    limited = [each for each in outcomes if each.fate == Fate.LIMITED]
    return [each for each in limited if limited_until(each.category, limits, now=now) is None]


def _pauses(held: Sequence[Outcome], seconds: float, *, now: float) -> Limits:
    """Return limits of our own. `Retry-After` may be about other categories: it counts up to a minute."""
    wished = {each.category: min(each.retry_at or 0.0, now + LONGEST_PAUSE_SECONDS) for each in held}
    return {category: max(until, now + seconds) for category, until in wished.items()}


def _in_state(state: UpstreamState, standing: Standing, limits: Limits, now: datetime) -> Standing:
    since = standing.since if standing.state == state else now
    return replace(standing, state=state, since=since, limits=limits)
