"""When a schedule's next report is due, and which period it is of. Pure.

Reports are due on the wall clock of the schedule's zone, but never before its period has been over for as long as late
events are waited for. After a market's close: as long after each close.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sla.choices import Cadence, CalendarUnit
from sla.reports.civil import GRACE, ended_before, holding
from tradewatch.calendars.sessions import Market, next_close
from tradewatch.calendars.wall_clock import moment_of, reading_at

UNITS = {
    Cadence.DAILY: CalendarUnit.DAY,
    Cadence.WEEKLY: CalendarUnit.WEEK,
    Cadence.MONTHLY: CalendarUnit.MONTH,
}
DAY = timedelta(days=1)
MOST_SKIPPED = 1000


@dataclass(frozen=True, slots=True)
class Clock:
    """The part of a schedule that says when. `market` is known where the cadence is after its close."""

    cadence: Cadence
    at: time
    zone: ZoneInfo
    market: Market | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """The newest report that is due: `skipped` earlier ones never came, `next_at` is when the following one is."""

    at: datetime
    period: str
    skipped: int
    next_at: datetime | None


def next_due(clock: Clock, after: datetime) -> datetime | None:
    """Return the first moment after `after`; None: the market's calendar knows no further close."""
    if clock.cadence == Cadence.MARKET_CLOSE:
        closes = next_close(clock.market, after - GRACE) if clock.market else None
        return None if closes is None else closes + GRACE
    day = reading_at(after, clock.zone).date()
    due = _due_in(clock, holding(UNITS[clock.cadence], day).first)
    return due if due > after else _due_in(clock, holding(UNITS[clock.cadence], day).until)


def period_at(clock: Clock, due_at: datetime) -> str:
    """Return the name of the period that a report due then is of: the last that is over."""
    if clock.cadence == Cadence.MARKET_CLOSE and clock.market is not None:
        return reading_at(due_at - GRACE, clock.market.zone).date().isoformat()
    return ended_before(UNITS[clock.cadence], reading_at(due_at, clock.zone).date()).name


def newest_due(clock: Clock, first: datetime, now: datetime) -> Due:
    """Return what is due when the first is, or was while nothing ran: only the newest is sent."""
    at, skipped, following = first, 0, next_due(clock, first)
    while following is not None and following <= now and skipped < MOST_SKIPPED:
        at, skipped, following = following, skipped + 1, next_due(clock, following)
    if following is not None and following <= now:
        following = next_due(clock, now)
    return Due(at, period_at(clock, at), skipped, following)


def _due_in(clock: Clock, first: date) -> datetime:
    midnight = moment_of(datetime.combine(first, time()), clock.zone)
    return max(moment_of(datetime.combine(first, clock.at), clock.zone), midnight + GRACE)
