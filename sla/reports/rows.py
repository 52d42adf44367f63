"""A period in rows: its sessions, days, hours or months, each judged by itself, and what was left after it. Pure."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sla.figures.values import Figures, Judged, Period
from sla.reports.entries import moment
from sla.reports.numbers import exact, weighted
from tradewatch.calendars.sessions import Market
from tradewatch.calendars.spans import cut
from tradewatch.calendars.wall_clock import moment_of, reading_at

DAY = timedelta(days=1)
HOURLY_UP_TO = timedelta(hours=50)
DAILY_UP_TO = timedelta(days=100)
Judge = Callable[[Period], Judged]


def rows_of(
    judged: Judged, judge: Judge, *, objective: Decimal, zone: ZoneInfo, market: Market | None
) -> list[dict[str, Any]]:
    """Return the rows up to now. `left` is the share of the whole period's budget that remained after each."""
    allowed = (1 - objective) * judged.adjusted.sums.valid
    half_days = {session.day for session in market.sessions if session.is_early_close} if market else set()
    spent, rows = 0, []
    for part in parts_of(judged.period, min(judged.period.end, judged.now), zone):
        figures = judge(part).adjusted
        spent += figures.sums.bad
        note = "half day" if market and reading_at(part.start, zone).date() in half_days else ""
        rows.append(_row(part, figures, note, None if not allowed else 1 - Decimal(spent) / allowed))
    return rows


def parts_of(period: Period, until: datetime, zone: ZoneInfo) -> list[Period]:
    """Return the period in local hours, days or months; those in which it never counts are left out."""
    parts = []
    for start, end, label in _edges(period.start, until, zone):
        spans = tuple(cut(period.spans, start, end))
        if spans:
            parts.append(Period(start, end, label, spans))
    return parts


def _row(part: Period, figures: Figures, note: str, left: Decimal | None) -> dict[str, Any]:
    sums = figures.sums
    return {
        "label": part.label,
        "note": note,
        "start": moment(part.start),
        "end": moment(part.end),
        "state": figures.state,
        "value": exact(figures.value),
        "valid": weighted(sums.valid),
        "bad": weighted(sums.bad),
        "received": sums.received,
        "received_bad": sums.received_bad,
        "coverage": exact(figures.coverage),
        "left": exact(left),
    }


def _edges(start: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, str]]:
    length = until - start
    if length <= HOURLY_UP_TO:
        yield from _hours(start, until, zone)
        return
    step, form = (_next_day, "%a %-d %b") if length <= DAILY_UP_TO else (_next_month, "%b %Y")
    while start < until:
        day = reading_at(start, zone).date()
        end = min(moment_of(datetime.combine(step(day), time()), zone), until)
        yield start, end, day.strftime(form)
        start = end


def _hours(start: datetime, until: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime, str]]:
    while start < until:
        end = min(start.replace(minute=0) + timedelta(hours=1), until)
        yield start, end, f"{reading_at(start, zone):%a %H:%M}"
        start = end


def _next_day(day: date) -> date:
    return day + DAY


def _next_month(day: date) -> date:
    return (day.replace(day=1) + 32 * DAY).replace(day=1)
