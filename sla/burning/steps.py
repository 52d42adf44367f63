"""When alerts are told of a burn or of a state: values in, a step out. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from sla.choices import TargetState
from sla.figures.pairs import PAGE, TICKET
from sla.figures.values import Burning, Figures

AGAIN = timedelta(minutes=15)  # what lasts is told again: an alert that somebody resolved too early opens anew
STATE_AGAIN = timedelta(days=1)
LEAST_BAD = 3  # as for a page: two bad requests of a young project are no state of affairs
GRAVITY = {name: rank for rank, name in enumerate(("", TICKET, PAGE))}
TOLD_STATES = {TargetState.WARNING: 1, TargetState.CRITICAL: 2}


class Step(Enum):
    TELL = "tell"
    END = "end"
    WAIT = "wait"


def firing_pair(burning: Sequence[Burning]) -> Burning | None:
    """Return the pair that speaks: the fastest that fires, which holds the slower ones."""
    return next((each for each in burning if each.is_firing and not each.is_held), None)


def burn_step(told: str, told_at: datetime | None, burning: Sequence[Burning], now: datetime) -> Step:
    """Return what to do where `told` (page, ticket, or empty) was the last that alerts heard.

    Traffic that falls silent in the middle of a burn does not end it: that is unknown, not healthy. It ends when the
    long window no longer burns either.
    """
    firing = firing_pair(burning)
    if firing is not None:
        rises = GRAVITY[firing.pair.severity] > GRAVITY[told]
        return Step.TELL if rises or _is_due(told_at, AGAIN, now) else Step.WAIT
    if not told or any(_fell_silent(each) for each in burning):
        return Step.WAIT
    return Step.END


def state_step(told: str, told_at: datetime | None, figures: Figures, least_events: int, now: datetime) -> Step:
    """Return what to do about the thresholds; `told` is the gravest state that alerts heard since all was well."""
    rank = TOLD_STATES.get(figures.state, 0)
    has_enough = figures.sums.received_bad >= LEAST_BAD and figures.sums.received >= least_events
    if rank and has_enough:
        rises = rank > TOLD_STATES.get(TargetState(told), 0) if told else True
        return Step.TELL if rises or _is_due(told_at, STATE_AGAIN, now) else Step.WAIT
    return Step.END if told and not rank else Step.WAIT


def graver(told: str, now_burns: str) -> str:
    return max(told, now_burns, key=lambda name: GRAVITY[name])


def _fell_silent(each: Burning) -> bool:
    return each.short_burn is None and each.long_burn is not None and each.long_burn > each.pair.factor


def _is_due(told_at: datetime | None, again: timedelta, now: datetime) -> bool:
    """Return whether it is told again; a clock that was set back does not keep it silent."""
    return told_at is None or now - told_at >= again or told_at > now
