"""The days of a calendar period and its name: 2026-11-26, 2026-W48, 2026-11, 2026-Q4, 2026. Pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sla.choices import CalendarUnit
from tradewatch.calendars.spans import Span
from tradewatch.calendars.wall_clock import moment_of

DAY = timedelta(days=1)
MONTHS = 12
EXPECTED = "expected a period such as 2026-11-26, 2026-W48, 2026-11, 2026-Q4 or 2026"
_NAME = re.compile(
    r"(19[789]\d|2\d{3})"
    r"(?:-(?:W(?P<week>\d\d)|Q(?P<quarter>[1-4])|(?P<month>\d\d)(?:-(?P<day>\d\d))?))?",
    re.ASCII,
)


class PeriodFault(ValueError):
    """A period that cannot be read, or is not there yet; the text says what is expected."""


@dataclass(frozen=True, slots=True)
class Days:
    """Days of some zone's calendar from `first` up to, not including, `until`."""

    first: date
    until: date
    label: str

    def span(self, zone: ZoneInfo) -> Span:
        """Return the time between the zone's two midnights: a month with a clock change has its true length."""
        return Span(_midnight(self.first, zone), _midnight(self.until, zone))


def days_holding(unit: str, day: date) -> Days:
    """Return the day, week (from Monday), month, quarter or year that holds the day."""
    match unit:
        case CalendarUnit.DAY:
            return Days(day, day + DAY, day.isoformat())
        case CalendarUnit.WEEK:
            monday, iso = day - timedelta(days=day.weekday()), day.isocalendar()
            return Days(monday, monday + timedelta(days=7), f"{iso.year}-W{iso.week:02}")
        case CalendarUnit.MONTH:
            return _months(day.year, day.month, 1, f"{day.year}-{day.month:02}")
        case CalendarUnit.QUARTER:
            quarter = (day.month + 2) // 3
            return _months(day.year, 3 * quarter - 2, 3, f"{day.year}-Q{quarter}")
        case _:
            return _months(day.year, 1, MONTHS, str(day.year))


def days_named(name: str) -> Days:
    """Return the days that a name stands for, any of `days_holding`'s labels. Raises `PeriodFault`."""
    found = _NAME.fullmatch(name.strip().upper())
    if found is None:
        raise PeriodFault(EXPECTED)
    try:
        return _read(int(found[1]), found)
    except ValueError:
        raise PeriodFault(EXPECTED) from None


def _read(year: int, found: re.Match[str]) -> Days:
    if week := found["week"]:
        return days_holding(CalendarUnit.WEEK, date.fromisocalendar(year, int(week), 1))
    if quarter := found["quarter"]:
        return days_holding(CalendarUnit.QUARTER, date(year, 3 * int(quarter), 1))
    if day := found["day"]:
        return days_holding(CalendarUnit.DAY, date(year, int(found["month"]), int(day)))
    if month := found["month"]:
        return days_holding(CalendarUnit.MONTH, date(year, int(month), 1))
    return days_holding(CalendarUnit.YEAR, date(year, 1, 1))


def _months(year: int, first: int, count: int, label: str) -> Days:
    after = year * MONTHS + first - 1 + count
    return Days(date(year, first, 1), date(after // MONTHS, after % MONTHS + 1, 1), label)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return moment_of(datetime.combine(day, time()), zone)
