"""Markets for tests, with loud defaults: two days of New York in November 2026, the second a half day."""

from datetime import date
from typing import Any

from tests.calendars.oracle import utc
from tradewatch.calendars.models import MarketCalendar, MarketDay


def make_market(code: str = "XNYS", **fields: Any) -> MarketCalendar:
    calendar, _ = MarketCalendar.objects.update_or_create(
        code=code, defaults={"name": code, "zone": "America/New_York", "data_until": date(2026, 12, 31)} | fields
    )
    return calendar


def add_session(calendar: MarketCalendar, opens: str, closes: str, **fields: Any) -> MarketDay:
    opens_at = utc(opens)
    return MarketDay.objects.create(
        calendar=calendar, day=opens_at.date(), opens_at=opens_at, closes_at=utc(closes), **fields
    )


def thanksgiving_week() -> MarketCalendar:
    """Monday to Wednesday 14:30 to 21:00 UTC, Thursday closed, Friday a half day, Monday again."""
    calendar = make_market()
    for day in ("23", "24", "25", "30"):
        add_session(calendar, f"2026-11-{day}T14:30", f"2026-11-{day}T21:00")
    MarketDay.objects.create(calendar=calendar, day=date(2026, 11, 26), name="Thanksgiving")
    add_session(calendar, "2026-11-27T14:30", "2026-11-27T18:00", is_early_close=True)
    return calendar
