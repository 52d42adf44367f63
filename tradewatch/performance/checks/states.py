"""What an outcome makes of a check. Pure: a standing and an outcome in, a standing and what it proves out.

A change is confirmed before it counts: `retries` more failures make it down, `recoveries` good answers make it up
again. Once confirmed it counts from the first outcome that showed it, so that an outage is as long as it was. What a
retry takes back never happened: the time between counts as before.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tradewatch.performance.checks.choices import CheckState, Level

RETRY_PACE = timedelta(seconds=10)
_RANK = {CheckState.UP: 0, CheckState.SLOW: 1, CheckState.DOWN: 2}
_SHOWS = {Level.OK: CheckState.UP, Level.SLOW: CheckState.SLOW, Level.FAILED: CheckState.DOWN}


@dataclass(frozen=True, slots=True)
class Limits:
    """`retries`: failures in a row beyond the first before it is down. `hold`: how long an answer speaks for the time
    after it; a longer silence is unknown."""

    retries: int
    recoveries: int
    hold: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A confirmed state, and the outcomes in a row that speak against it: `off` of them since `off_since`, of which the
    last `failures` failed. `covered_until`: up to when the state is proven; None: not now."""

    state: CheckState = CheckState.UNKNOWN
    since: datetime | None = None
    known_at: datetime | None = None
    covered_until: datetime | None = None
    failures: int = 0
    failing_since: datetime | None = None
    off: int = 0
    off_since: datetime | None = None
    unrun: int = 0


@dataclass(frozen=True, slots=True)
class Stretch:
    """That the check was in `state` from `start` to `end`. It goes on where the one before it ended in that state."""

    state: CheckState
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """`before` is the state that changed, None when it did not. `is_rewound`: the clock was set back, and what was
    written about times after `at` is void. `is_open`: a change waits to be confirmed, ask again soon."""

    standing: Standing
    stretches: tuple[Stretch, ...] = ()
    before: CheckState | None = None
    is_rewound: bool = False
    is_open: bool = False


def on_outcome(limits: Limits, standing: Standing, level: Level, at: datetime) -> Step:
    """Return what the outcome of a run at `at` changes."""
    is_rewound = standing.known_at is not None and at < standing.known_at
    if is_rewound or (standing.known_at is not None and at - standing.known_at > limits.hold):
        standing = _without_doubt(replace(standing, covered_until=None))
    if level == Level.NOT_RUN:
        return replace(_not_run(limits, standing, at), is_rewound=is_rewound)
    standing = replace(standing, known_at=at, unrun=0)
    shown = _SHOWS[level]
    if standing.state == CheckState.UNKNOWN:
        step = _from_unknown(limits, standing, shown, at)
    elif shown == standing.state:
        step = _same(standing, at)
    else:
        step = _other(limits, standing, shown, at)
    return replace(step, is_rewound=is_rewound)


def _same(standing: Standing, at: datetime) -> Step:
    proven = Stretch(standing.state, standing.covered_until or at, at)
    return Step(replace(_without_doubt(standing), covered_until=at), (proven,))


def _from_unknown(limits: Limits, standing: Standing, shown: CheckState, at: datetime) -> Step:
    if shown != CheckState.DOWN:
        return _turned(_without_doubt(standing), shown, at, at)
    failing = _doubted(standing, shown, at)
    if failing.failures > limits.retries:
        return _turned(failing, shown, failing.failing_since or at, at)
    return Step(failing, is_open=True)


def _other(limits: Limits, standing: Standing, shown: CheckState, at: datetime) -> Step:
    was_worse, is_worse = standing.failures > 0, _RANK[shown] > _RANK[standing.state]
    if standing.state == CheckState.SLOW and was_worse != is_worse:  # slow doubts itself in both directions
        standing = _without_doubt(standing)
    doubted = _doubted(standing, shown, at)
    if is_worse and doubted.failures > limits.retries:
        return _turned(doubted, CheckState.DOWN, doubted.failing_since or at, at)
    if is_worse and doubted.off > limits.retries and standing.state == CheckState.UP:
        return _turned(doubted, CheckState.SLOW, doubted.off_since or at, at)
    if not is_worse and doubted.off >= limits.recoveries:
        return _turned(doubted, shown, doubted.off_since or at, at)
    start, until = doubted.covered_until, doubted.off_since or at
    if start is None or until <= start:
        return Step(doubted, is_open=True)
    return Step(replace(doubted, covered_until=until), (Stretch(standing.state, start, until),), is_open=True)


def _turned(standing: Standing, state: CheckState, since: datetime, at: datetime) -> Step:
    """The state has changed, and had `since`: what was before lasts until then."""
    known = standing.covered_until
    before = (Stretch(standing.state, known, since),) if known is not None and known < since else ()
    until, left = at, _without_doubt(standing)
    if state == CheckState.SLOW and standing.failing_since is not None:  # slow for certain, and perhaps down
        until = standing.failing_since
        left = replace(standing, off=standing.failures, off_since=standing.failing_since)
    turned = replace(left, state=state, since=since, covered_until=until)
    return Step(turned, (*before, Stretch(state, since, until)), before=standing.state, is_open=turned.off > 0)


def _not_run(limits: Limits, standing: Standing, at: datetime) -> Step:
    standing = replace(standing, unrun=standing.unrun + 1)
    if standing.unrun != limits.retries + 1 or standing.state == CheckState.UNKNOWN:
        return Step(standing, is_open=standing.unrun <= limits.retries)
    unknown = replace(_without_doubt(standing), state=CheckState.UNKNOWN, since=at, covered_until=None)
    return Step(unknown, before=standing.state)


def _doubted(standing: Standing, shown: CheckState, at: datetime) -> Standing:
    is_failure = shown == CheckState.DOWN
    return replace(
        standing,
        off=standing.off + 1,
        off_since=standing.off_since or at,
        failures=standing.failures + 1 if is_failure else 0,
        failing_since=(standing.failing_since or at) if is_failure else None,
    )


def _without_doubt(standing: Standing) -> Standing:
    return replace(standing, off=0, off_since=None, failures=0, failing_since=None)
