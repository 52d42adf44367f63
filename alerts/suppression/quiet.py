"""Quiet hours: whether they are on, until when, and why, by the clock and by a market. Values in, values out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tradewatch.calendars.sessions import Market, Phase, next_open, state_at
from tradewatch.calendars.windows import TimeWindow, is_within, next_change

BY_THE_CLOCK = "by the clock"
MOST_TURNS = 40  # stretches that follow each other without a break; further ahead nobody asks


@dataclass(frozen=True, slots=True)
class QuietPlan:
    """Quiet within any of `windows`, and outside the sessions of `market` where `calendar` names one.

    `market` None with a `calendar`: it is unknown, and nothing is held because of it.
    """

    windows: tuple[TimeWindow, ...] = ()
    calendar: str = ""
    market: Market | None = None
    in_breaks: bool = False


@dataclass(frozen=True, slots=True)
class QuietState:
    """`until` is when it ends (None: not known). `said` is why nothing is held because of a market that is unknown."""

    is_held: bool
    until: datetime | None = None
    why: str = ""
    said: str = ""
    opens_at: datetime | None = None


def quiet_state(plan: QuietPlan, now: datetime) -> QuietState:
    """Return whether messages wait at `now`. Stretches that follow each other, of clock and market, are one."""
    said = _unknown(plan, now)
    why, end = _holding(plan, now)
    if not why:
        return QuietState(False, said=said)
    first = why
    for _ in range(MOST_TURNS):
        if end is None:
            break
        why, following = _holding(plan, end)
        if not why:
            break
        end = following
    opens_at = end if end is not None and plan.market and _opens_at(plan.market, end) else None
    return QuietState(True, end, first, said, opens_at)


def digest_at(state: QuietState, before: timedelta) -> datetime | None:
    """Return when the digest of what is held is due; None: nothing is held, or nobody knows until when."""
    return state.until - before if state.is_held and state.until and before > timedelta(0) else None


def _holding(plan: QuietPlan, at: datetime) -> tuple[str, datetime | None]:
    """Return what holds at the moment, in words, and until when at least; empty: nothing does."""
    found: list[tuple[str, datetime | None]] = []
    if is_within(plan.windows, at):
        found.append(("", next_change(plan.windows, at)))
    if plan.market is not None:
        state = state_at(plan.market, at)
        if state is not None and not state.is_open and (plan.in_breaks or state.phase != Phase.BREAK):
            closed = (
                "on holiday"
                if state.phase == Phase.HOLIDAY
                else "in its break"
                if state.phase == Phase.BREAK
                else "closed"
            )
            end = state.until if state.phase == Phase.BREAK else next_open(plan.market, at)
            if end is not None:  # closed, and nobody knows until when: deliver rather than hold without end
                found.append((f"{plan.market.code} is {closed}{f' ({state.name})' if state.name else ''}", end))
    if not found:
        return "", None
    ends = [end for _, end in found]
    words = next((text for text, _ in found if text), "")
    return (words or BY_THE_CLOCK), None if None in ends else max(end for end in ends if end is not None)


def _unknown(plan: QuietPlan, now: datetime) -> str:
    if not plan.calendar:
        return ""
    if plan.market is None:
        return f"There is no calendar {plan.calendar}: delivered as if it were open."
    if state_at(plan.market, now) is None:
        return f"The calendar {plan.calendar} has no data for {now:%d %b %Y}: delivered as if it were open."
    return ""


def _opens_at(market: Market, moment: datetime) -> bool:
    return any(session.opens_at == moment for session in market.sessions)
