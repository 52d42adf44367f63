"""Named periods of a calendar as a report calls them; `sla.figures.bounds` knows their days. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from sla.choices import CalendarUnit
from sla.figures.bounds import Days, days_holding, days_named

DAY = timedelta(days=1)
GRACE = timedelta(minutes=10)  # for what is still on its way when a period ends


@dataclass(frozen=True, slots=True)
class Named:
    """`first` up to but not including `until`; `name` is that of the API: `2026-10`."""

    name: str
    unit: CalendarUnit
    first: date
    until: date

    @property
    def label(self) -> str:
        last = self.until - DAY
        match self.unit:
            case CalendarUnit.DAY:
                return f"{self.first:%A} {self.first.day} {self.first:%B %Y}"
            case CalendarUnit.WEEK:
                return f"week {self.first:%V}, {self.first.day} {self.first:%B} to {last.day} {last:%B %Y}"
            case CalendarUnit.MONTH:
                return f"{self.first:%B %Y}"
            case CalendarUnit.QUARTER:
                return f"{self.name[-2:]} {self.first.year}"
            case _:
                return self.name


def period_of(name: str) -> Named:
    """Return the days that `name` means. Raises `ValueError` that says what is expected."""
    return _named(days_named(name))


def holding(unit: CalendarUnit, day: date) -> Named:
    """Return the period of `unit` that the day lies in."""
    return _named(days_holding(unit, day))


def ended_before(unit: CalendarUnit, day: date) -> Named:
    """Return the last period of `unit` that is over at the beginning of the day."""
    return holding(unit, holding(unit, day).first - DAY)


def _named(days: Days) -> Named:
    return Named(days.label, _unit(days.label), days.first, days.until)


def _unit(label: str) -> CalendarUnit:
    if "W" in label:
        return CalendarUnit.WEEK
    if "Q" in label:
        return CalendarUnit.QUARTER
    return (CalendarUnit.YEAR, CalendarUnit.MONTH, CalendarUnit.DAY)[label.count("-")]
