"""What a market does at a moment and between two: values in, values out."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from tradewatch.calendars.spans import Span, cut, joined
from tradewatch.calendars.wall_clock import moment_of, reading_at

DAY = timedelta(days=1)


class Phase(StrEnum):
    PRE = "pre"
    OPEN = "open"
    BREAK = "break"
    CLOSED = "closed"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Session:
    """One trading day, moments in UTC."""

    day: date
    opens_at: datetime
    closes_at: datetime
    break_span: Span | None = None
    is_early_close: bool = False
    name: str = ""

    def spans(self) -> list[Span]:
        """When it trades: the whole session, or its two halves around the break."""
        if self.break_span is None:
            return [Span(self.opens_at, self.closes_at)]
        return [Span(self.opens_at, self.break_span.start), Span(self.break_span.end, self.closes_at)]


@dataclass(frozen=True, slots=True)
class Market:
    """A market as known from `known_from` to `known_until` (both whole days); `sessions` in order.

    `holidays` names closed days. `is_always_open` has no sessions and knows every day.
    """

    code: str
    zone: ZoneInfo
    sessions: tuple[Session, ...] = ()
    holidays: tuple[tuple[date, str], ...] = ()
    known_from: date | None = None
    known_until: date | None = None
    pre: timedelta = timedelta(minutes=60)
    is_always_open: bool = False

    def knows(self, at: datetime) -> bool:
        if self.is_always_open:
            return True
        day = reading_at(at, self.zone).date()
        return bool(self.known_from and self.known_until and self.known_from <= day <= self.known_until)


@dataclass(frozen=True, slots=True)
class MarketState:
    """`until` is when the phase ends, None where the data does not say. `name` is that of a holiday or special day."""

    phase: Phase
    until: datetime | None
    name: str = ""
    is_early_close: bool = False

    @property
    def is_open(self) -> bool:
        return self.phase == Phase.OPEN


def state_at(market: Market, at: datetime) -> MarketState | None:
    """Return what the market does at the moment; None: the calendar does not reach there (unknown, not closed)."""
    if not market.knows(at):
        return None
    if market.is_always_open:
        return MarketState(Phase.OPEN, None)
    place = bisect_right(market.sessions, at, key=lambda session: session.opens_at)
    current = market.sessions[place - 1] if place else None
    if current and at < current.closes_at:
        return _within(current, at)
    following = market.sessions[place] if place < len(market.sessions) else None
    return _between(market, following, at)


def next_open(market: Market, at: datetime) -> datetime | None:
    """Return when the next session opens (not the end of a break), after `at`; None: not known or never closed."""
    place = bisect_right(market.sessions, at, key=lambda session: session.opens_at)
    return market.sessions[place].opens_at if place < len(market.sessions) else None


def next_close(market: Market, at: datetime) -> datetime | None:
    """Return when the running or the next session closes, after `at`."""
    place = bisect_right(market.sessions, at, key=lambda session: session.closes_at)
    return market.sessions[place].closes_at if place < len(market.sessions) else None


def session_spans(market: Market, start: datetime, end: datetime) -> list[Span]:
    """Return when the market trades between the two moments, without its breaks."""
    if market.is_always_open:
        return [Span(start, end)] if start < end else []
    return joined(cut((span for session in market.sessions for span in session.spans()), start, end))


def known_span(market: Market, start: datetime, end: datetime) -> Span | None:
    """Return the part of `start` to `end` that the calendar covers; None: nothing."""
    if market.is_always_open:
        return Span(start, end)
    if not market.known_from or not market.known_until:
        return None
    known = Span(_midnight(market, market.known_from), _midnight(market, market.known_until + DAY))
    return next(cut([known], start, end), None)


def _within(session: Session, at: datetime) -> MarketState:
    pause = session.break_span
    if pause and pause.holds(at):
        return MarketState(Phase.BREAK, pause.end, session.name, session.is_early_close)
    until = pause.start if pause and at < pause.start else session.closes_at
    return MarketState(Phase.OPEN, until, session.name, session.is_early_close)


def _between(market: Market, following: Session | None, at: datetime) -> MarketState:
    """Return the phase outside a session: pre-open, a named holiday (to the end of its day), or closed."""
    if following and at >= following.opens_at - market.pre:
        return MarketState(Phase.PRE, following.opens_at, following.name, following.is_early_close)
    day = reading_at(at, market.zone).date()
    pre_at = following.opens_at - market.pre if following else None
    name = dict(market.holidays).get(day)
    if name is not None:
        return MarketState(Phase.HOLIDAY, _earliest(_midnight(market, day + DAY), pre_at), name)
    holiday_at = next((_midnight(market, each) for each, _ in _sorted(market.holidays) if each > day), None)
    return MarketState(Phase.CLOSED, _earliest(pre_at, holiday_at))


def _sorted(holidays: Sequence[tuple[date, str]]) -> list[tuple[date, str]]:
    return sorted(holidays)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _midnight(market: Market, day: date) -> datetime:
    return moment_of(datetime.combine(day, time()), market.zone)
