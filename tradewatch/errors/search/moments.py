"""When something was seen: an age before now (`<24h`, `>7d`) or a day or minute of the calendar (UTC)."""

import re
from datetime import UTC, datetime, timedelta

from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime

from tradewatch.errors.search.faults import BadQuery
from tradewatch.errors.search.values import Value

_AGE = re.compile(r"(\d{1,5})(s|min|m|h|d|w)")
_UNITS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
EXPECTED = "an age with < or > before it, such as <24h, or a date such as >2026-11-20"


def moment_condition(column: str, value: Value, *, now: datetime) -> Q:
    """Return the condition on a column of moments. `<24h`: younger than a day; a bare date: that day."""
    if not value.is_exact:
        raise BadQuery(value.at, EXPECTED, found="a wildcard")
    if age := _AGE.fullmatch(value.text):
        return _by_age(column, value, now - int(age[1]) * _UNITS[age[2]])
    start, end = _stretch(value)
    match value.operator:
        case ">":
            return Q(**{f"{column}__gte": end})
        case ">=":
            return Q(**{f"{column}__gte": start})
        case "<":
            return Q(**{f"{column}__lt": start})
        case "<=":
            return Q(**{f"{column}__lt": end})
        case _:
            return Q(**{f"{column}__gte": start, f"{column}__lt": end})


def _by_age(column: str, value: Value, moment: datetime) -> Q:
    if not value.operator:
        raise BadQuery(value.at, f"< or > before an age, such as <{value.text}")
    lookup = {"<": "gt", "<=": "gte", ">": "lt", ">=": "lte"}[value.operator]  # a smaller age is a later moment
    return Q(**{f"{column}__{lookup}": moment})


def _stretch(value: Value) -> tuple[datetime, datetime]:
    """Return the day, minute or second that the value names, as [start, end)."""
    text = value.text
    try:
        if len(text) == len("2026-11-20") and (day := parse_date(text)):
            start = datetime(day.year, day.month, day.day, tzinfo=UTC)
            return _within_reach(value, start, timedelta(days=1))
        moment = parse_datetime(text)
    except ValueError:  # looks like a date, but there is no such day
        moment = None
    if moment is None:
        raise BadQuery(value.at, EXPECTED, found=text)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _within_reach(value, moment, timedelta(seconds=1) if moment.second else timedelta(minutes=1))


def _within_reach(value: Value, start: datetime, length: timedelta) -> tuple[datetime, datetime]:
    if not 2000 <= start.year < 3000:
        raise BadQuery(value.at, "a year from 2000 to 2999", found=value.text)
    return start, start + length
