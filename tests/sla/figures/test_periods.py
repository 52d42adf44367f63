from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from sla.choices import CalendarUnit, WindowKind
from sla.figures.bounds import PeriodFault, days_holding, days_named
from sla.figures.periods import current_period, period_named, period_of_days, periods_between
from sla.figures.stretches import seconds_in
from sla.models import TargetVersion
from tests.calendars.oracle import utc
from tests.sla.figures.builders import make_version
from tradewatch.calendars.sessions import Market, Session
from tradewatch.calendars.spans import Span

NOW = datetime(2026, 11, 26, 4, 52, 37, 5, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def calendar(unit: CalendarUnit = CalendarUnit.MONTH, zone: str = "UTC", **fields: str) -> TargetVersion:
    return make_version(window=WindowKind.CALENDAR, window_unit=unit, zone=zone, **fields)


def hours(version: TargetVersion, name: str) -> float:
    period = period_named(version, name, utc("2030-01-01T00:00"))
    return seconds_in(period.spans) / 3600


def test_a_rolling_window_is_absolute_and_ends_with_the_last_whole_minute() -> None:
    period = current_period(make_version(window_days=30), NOW)
    assert (period.start, period.end) == (utc("2026-10-27T04:52"), utc("2026-11-26T04:52"))
    assert period.spans == (Span(period.start, period.end),) and period.label == "last 30 days"
    # New York's clock went back on 1 November: the window is still 720 hours.
    assert period_of_days(calendar(zone="America/New_York"), 30, NOW).spans == period.spans


@pytest.mark.parametrize(
    ("zone", "name", "length"),
    [
        ("America/New_York", "2026-03", 743),
        ("America/New_York", "2026-11", 721),
        ("Europe/London", "2026-03", 743),
        ("Europe/London", "2026-10", 745),
        ("UTC", "2026-03", 744),
        ("Asia/Tokyo", "2026-02", 672),
        ("UTC", "2028-02", 696),
        ("UTC", "2028-02-29", 24),
        ("America/New_York", "2026-03-08", 23),
        ("Europe/London", "2026-10-25", 25),
        ("America/New_York", "2026-W10", 167),
        ("UTC", "2026-W53", 168),
        ("Europe/London", "2026-Q4", 92 * 24 + 1),
        ("America/New_York", "2026", 365 * 24),
        ("UTC", "2028", 366 * 24),
    ],
)
def test_calendar_periods_have_their_true_length(zone: str, name: str, length: int) -> None:
    assert hours(calendar(zone=zone), name) == length


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Tokyo"])
def test_days_of_a_year_lie_between_the_zones_midnights(zone: str) -> None:
    clock, version = ZoneInfo(zone), calendar(CalendarUnit.DAY, zone)
    periods = periods_between(version, utc("2026-01-01T12:00"), utc("2026-12-31T12:00"))
    assert all(earlier.end == later.start for earlier, later in pairwise(periods))
    for period in periods:
        midnight = datetime.combine(date.fromisoformat(period.label), time(), clock)
        assert period.start == midnight.astimezone(UTC)


@pytest.mark.parametrize(
    ("unit", "label", "start", "end"),
    [
        (CalendarUnit.DAY, "2026-11-25", "2026-11-25T05:00", "2026-11-26T05:00"),
        (CalendarUnit.WEEK, "2026-W48", "2026-11-23T05:00", "2026-11-30T05:00"),
        (CalendarUnit.MONTH, "2026-11", "2026-11-01T04:00", "2026-12-01T05:00"),
        (CalendarUnit.QUARTER, "2026-Q4", "2026-10-01T04:00", "2027-01-01T05:00"),
        (CalendarUnit.YEAR, "2026", "2026-01-01T05:00", "2027-01-01T05:00"),
    ],
)
def test_the_running_period_is_the_one_of_the_zones_day(unit: CalendarUnit, label: str, start: str, end: str) -> None:
    period = current_period(calendar(unit, "America/New_York"), NOW)
    assert (period.label, period.start, period.end) == (label, utc(start), utc(end))


def test_every_day_is_in_the_period_of_its_name() -> None:
    for offset in range(3000):
        day = date(2024, 1, 1) + timedelta(days=offset)
        for unit in CalendarUnit:
            days = days_holding(unit, day)
            assert days.first <= day < days.until and days_named(days.label) == days
            assert days_holding(unit, days.until).first == days.until


@pytest.mark.parametrize("name", ["", "2026-13", "2026-W54", "2025-W53", "2026-Q5", "2026-02-29", "26-01", "x"])
def test_a_name_that_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(PeriodFault, match="expected a period"):
        days_named(name)


def test_a_period_that_has_not_begun_is_refused() -> None:
    with pytest.raises(PeriodFault, match="not begun"):
        period_named(calendar(), "2026-12", NOW)
    assert period_named(make_version(), "2026-11", NOW).end == utc("2026-12-01T00:00")


def test_rolling_periods_of_the_past_do_not_overlap() -> None:
    periods = periods_between(make_version(window_days=30), utc("2026-08-28T00:00"), utc("2026-11-26T00:00"))
    assert [period.start for period in periods] == [utc(f"2026-{day}T00:00") for day in ("08-28", "09-27", "10-27")]
    assert periods[-1].end == utc("2026-11-26T00:00")


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("", 0),
        ("09:30-09:31 America/New_York", 7),
        ("09:30-09:31 America/New_York; 22:00-06:00 UTC", 7 + 7 * 480),
        ("saturday,sunday 00:00-24:00 UTC", 2 * 1440),
        ("monday:friday 09:30-09:31,15:59-16:00 UTC", 10),
    ],
)
def test_excluded_times_leave_the_spans(text: str, minutes: int) -> None:
    version = calendar(CalendarUnit.WEEK, excluded_times=text)
    period = current_period(version, NOW)
    assert seconds_in(period.excluded) == minutes * 60
    assert seconds_in(period.spans) == 7 * 86400 - minutes * 60
    assert not any(span.holds(each.start) for span in period.spans for each in period.excluded)


def tokyo(code: str, start: datetime, end: datetime) -> Market | None:
    """Two days with a lunch break, known from 24 to 27 November."""
    if code != "XTKS":
        return None
    sessions = tuple(
        Session(
            date(2026, 11, day),
            utc(f"2026-11-{day}T00:00"),
            utc(f"2026-11-{day}T06:30"),
            Span(utc(f"2026-11-{day}T02:30"), utc(f"2026-11-{day}T03:30")),
        )
        for day in (26, 27)
    )
    return Market("XTKS", TOKYO, sessions, known_from=date(2026, 11, 24), known_until=date(2026, 11, 27))


def test_market_windows_count_sessions_of_the_markets_own_days_and_say_what_is_unknown() -> None:
    version = make_version(window=WindowKind.MARKET, window_unit=CalendarUnit.WEEK, market="XTKS")
    period = current_period(version, NOW, markets=tokyo)
    assert (period.start, period.end) == (utc("2026-11-22T15:00"), utc("2026-11-29T15:00"))
    assert [(each.start.hour, each.start.minute, each.length) for each in period.spans] == [
        (0, 0, timedelta(minutes=150)),
        (3, 30, timedelta(minutes=180)),
    ] * 2
    assert period.unknown == (
        Span(utc("2026-11-22T15:00"), utc("2026-11-23T15:00")),
        Span(utc("2026-11-27T15:00"), utc("2026-11-29T15:00")),
    )


def test_of_a_market_only_session_time_is_excluded() -> None:
    version = make_version(
        window=WindowKind.MARKET, window_unit=CalendarUnit.DAY, market="XTKS", excluded_times="08:00-09:05 Asia/Tokyo"
    )
    period = current_period(version, NOW, markets=tokyo)
    assert period.excluded == (Span(utc("2026-11-26T00:00"), utc("2026-11-26T00:05")),)
    assert seconds_in(period.spans) == (330 - 5) * 60


def test_a_market_without_a_calendar_is_unknown_all_along() -> None:
    version = make_version(window=WindowKind.MARKET, market="XXXX")
    period = current_period(version, NOW, markets=tokyo)
    assert period.spans == () and period.unknown == (Span(period.start, period.end),)
