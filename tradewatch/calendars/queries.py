from datetime import datetime, timedelta

from django.db.models import Min

from tradewatch.calendars.models import MarketCalendar, MarketDay
from tradewatch.calendars.sessions import Market, MarketState, Session, next_open, state_at
from tradewatch.calendars.spans import Span
from tradewatch.calendars.wall_clock import zone_named

AROUND = timedelta(days=14)  # the longest closing in the data is nine days: the session before and after are in sight


def market(code: str, start: datetime, end: datetime) -> Market | None:
    """Return a market with its days from two weeks before `start` to two after `end`; None: no such calendar."""
    calendar = MarketCalendar.objects.filter(code=code).first()
    if calendar is None:
        return None
    days = calendar.days.filter(day__range=((start - AROUND).date(), (end + AROUND).date())).order_by("day")
    rows = [] if calendar.is_always_open else list(days)
    return Market(
        code=calendar.code,
        zone=zone_named(calendar.zone),
        sessions=tuple(_session(row, row.opens_at, row.closes_at) for row in rows if row.opens_at and row.closes_at),
        holidays=tuple((row.day, row.name) for row in rows if row.opens_at is None),
        known_from=None if calendar.is_always_open else calendar.days.aggregate(first=Min("day"))["first"],
        known_until=calendar.data_until,
        pre=timedelta(minutes=calendar.pre_minutes),
        is_always_open=calendar.is_always_open,
    )


def market_state(code: str, at: datetime) -> tuple[MarketState | None, str]:
    """Return what a market does at the moment, and for an unknown one (None) the sentence that says so."""
    found = market(code, at, at)
    if found is None:
        return None, f"There is no calendar {code}: delivered as if it were open."
    state = state_at(found, at)
    if state is None:
        return None, f"The calendar {code} has no data for {at:%d %b %Y}: delivered as if it were open."
    return state, ""


def next_market_open(code: str, at: datetime) -> datetime | None:
    """Return the market's next open after `at`; None: unknown, or it never closes."""
    found = market(code, at, at)
    return next_open(found, at) if found else None


def _session(row: MarketDay, opens_at: datetime, closes_at: datetime) -> Session:
    pause = Span(row.break_starts_at, row.break_ends_at) if row.break_starts_at and row.break_ends_at else None
    return Session(row.day, opens_at, closes_at, pause, row.is_early_close, row.name)
