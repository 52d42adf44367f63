"""Time windows as people write them, in JSON and in YAML; each fault names its place and what is expected.

{"zone": "Europe/London", "times": ["22:00-06:00"], "weekdays": ["monday:friday"], "days_of_month": ["1:5", "-1"],
 "months": ["april:june", "12"], "years": ["2026:2028"]}
{"zone": "America/New_York", "from": "friday 17:00", "to": "monday 09:00"}
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tradewatch.calendars.wall_clock import zone_named
from tradewatch.calendars.windows import DAY_MINUTES, Times, TimeWindow

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
FIELDS = frozenset(("zone", "times", "weekdays", "days_of_month", "months", "years", "from", "to"))
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)
MAX_WINDOWS = 50
Value = TypeVar("Value")


class WindowFault(ValueError):
    """A window that cannot be read; the text says where and what is expected."""


def parse_windows(written: object, *, zone: str = "") -> list[TimeWindow]:
    """Return the windows of a list; one without a zone takes `zone`. Raises `WindowFault`."""
    if not isinstance(written, list):
        raise WindowFault('expected a list of windows, e.g. [{"times": ["22:00-06:00"], "zone": "Europe/London"}]')
    if len(written) > MAX_WINDOWS:
        raise WindowFault(f"at most {MAX_WINDOWS} windows")
    found: list[TimeWindow] = []
    for number, one in enumerate(written, start=1):
        try:
            found.extend(parse_window(one, zone=zone))
        except WindowFault as fault:
            raise WindowFault(f"window {number}: {fault}") from None
    return found


def parse_window(written: object, *, zone: str = "") -> list[TimeWindow]:
    """Return the window, or the up to three that a stretch of the week (`from`, `to`) makes. Raises `WindowFault`."""
    if not isinstance(written, Mapping):
        raise WindowFault("expected an object with times, weekdays, days_of_month, months, years and zone")
    if unknown := sorted(set(map(str, written)) - FIELDS):
        raise WindowFault(f"unknown field {unknown[0]!r}: expected {', '.join(sorted(FIELDS))}")
    try:
        clock = zone_named(str(written.get("zone") or zone or "UTC"))
    except ValueError as error:
        raise WindowFault(f"zone: {error}") from None
    if "from" in written or "to" in written:
        return _week_stretch(written, clock)
    read = _Reader(written)
    return [
        TimeWindow(
            zone=clock,
            times=tuple(read.each("times", _times)),
            weekdays=frozenset(
                day for low, high in read.each("weekdays", _weekdays) for day in _around(low, high, len(WEEKDAYS))
            ),
            days_of_month=tuple(read.each("days_of_month", _days_of_month)),
            months=tuple(part for parts in read.each("months", _months) for part in parts),
            years=tuple(read.each("years", _years)),
        )
    ]


class _Reader:
    def __init__(self, written: Mapping[str, Any]) -> None:
        self._written = written

    def each(self, field: str, parse: Callable[[str], Value]) -> list[Value]:
        values = self._written.get(field) or []
        if isinstance(values, str | int):
            values = [values]
        if not isinstance(values, Sequence):
            raise WindowFault(f"{field}: expected a list")
        found = []
        for value in values:
            try:
                found.append(parse(str(value).strip().lower()))
            except WindowFault as fault:
                raise WindowFault(f"{field}: {value!r}: {fault}") from None
        return found


def minutes_of(text: str) -> int:
    """Return the minutes after midnight of `HH:MM`, up to 24:00. Raises `WindowFault`."""
    found = _TIME.fullmatch(text.strip())
    hours, minutes = (int(found[1]), int(found[2])) if found else (99, 99)
    if minutes > 59 or hours * 60 + minutes > DAY_MINUTES:
        raise WindowFault("expected a time from 00:00 to 24:00")
    return hours * 60 + minutes


def _times(text: str) -> Times:
    start, dash, end = text.partition("-")
    if not dash:
        raise WindowFault("expected two times, e.g. 22:00-06:00")
    times = Times(minutes_of(start), minutes_of(end))
    if times.start == times.end or times.start == DAY_MINUTES:
        raise WindowFault("is empty; a whole day is 00:00-24:00")
    return times


def _weekdays(text: str) -> tuple[int, int]:
    low, _, high = text.partition(":")
    return _name(low, WEEKDAYS), _name(high or low, WEEKDAYS)


def _months(text: str) -> tuple[tuple[int, int], ...]:
    low, _, high = text.partition(":")
    first, last = _month(low), _month(high or low)
    return ((first, last),) if first <= last else ((first, 12), (1, last))  # november:february


def _month(text: str) -> int:
    if text.isdecimal():
        return _number(text, 1, 12)
    return _name(text, MONTHS) + 1


def _years(text: str) -> tuple[int, int]:
    low, _, high = text.partition(":")
    first, last = _number(low, 1970, 9000), _number(high or low, 1970, 9000)
    if first > last:
        raise WindowFault("the first year comes after the last")
    return first, last


def _days_of_month(text: str) -> tuple[int, int]:
    low, _, high = text.partition(":")
    first, last = _number(low, -31, 31), _number(high or low, -31, 31)
    if not first or not last:
        raise WindowFault("expected 1 to 31, or -1 (the last day) to -31")
    if first > last and (first > 0) == (last > 0):
        raise WindowFault("the first day comes after the last")
    if first < 0 < last:
        raise WindowFault("a range that starts from the end must end from the end, e.g. -3:-1")
    return first, last


def _number(text: str, low: int, high: int) -> int:
    try:
        number = int(text) if text.isascii() else high + 1
    except ValueError:
        number = high + 1
    if not low <= number <= high:
        raise WindowFault(f"expected a number from {low} to {high}")
    return number


def _name(text: str, names: Sequence[str]) -> int:
    found = [at for at, name in enumerate(names) if len(text) >= 3 and name.startswith(text)]
    if not found:
        raise WindowFault(f"expected one of {', '.join(names)}")
    return found[0]


def _around(low: int, high: int, size: int) -> list[int]:
    """Return the days from `low` to `high`, over the end of the week when `high` comes first."""
    return [(low + step) % size for step in range((high - low) % size + 1)]


def _week_stretch(written: Mapping[str, Any], clock: ZoneInfo) -> list[TimeWindow]:
    """Return windows for the stretch of each week `from` a day and time `to` another."""
    if extra := sorted(set(written) - {"zone", "from", "to"}):
        raise WindowFault(f"{extra[0]}: not together with from and to")
    (first, start), (last, end) = (_day_and_time(name, written.get(name)) for name in ("from", "to"))
    if first == last and start < end:
        return [TimeWindow(clock, (Times(start, end),), frozenset((first,)))]
    if (first, start) == (last, end):
        raise WindowFault("from and to are the same moment of the week")
    return [
        *([] if start == DAY_MINUTES else [TimeWindow(clock, (Times(start, DAY_MINUTES),), frozenset((first,)))]),
        *([TimeWindow(clock, weekdays=frozenset(whole))] if (whole := _days_between(first, last)) else []),
        *([TimeWindow(clock, (Times(0, end),), frozenset((last,)))] if end else []),
    ]


def _days_between(first: int, last: int) -> list[int]:
    """Return the whole days after `first` and before `last`; the same day: six of them, over the week's end."""
    return [(first + step) % 7 for step in range(1, (last - first) % 7 or 7)]


def _day_and_time(field: str, text: object) -> tuple[int, int]:
    day, _, clock = str(text or "").strip().lower().partition(" ")
    try:
        return _name(day, WEEKDAYS), minutes_of(clock)
    except WindowFault:
        raise WindowFault(f'{field}: {text!r}: expected a weekday and a time, e.g. "friday 17:00"') from None
