"""Time windows: when it is "weekdays from 22:00 to 06:00 in London". Values in, value out.

A window selects days of its zone's calendar and, on each of them, ranges of times. A range that ends at or before its
start goes on into the next day and belongs to the day it starts. Edges are clock readings, resolved as
`wall_clock.moment_of` says: in a gap the gap's end, in a repeated hour the first.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from tradewatch.calendars.spans import Span, cut, joined
from tradewatch.calendars.wall_clock import moment_of, reading_at

DAY = timedelta(days=1)
DAY_MINUTES = 24 * 60
LOOK_AHEAD = timedelta(days=3660)  # ten years: 29 February on a given weekday can be further away, and is never asked


@dataclass(frozen=True, slots=True)
class Times:
    """From `start` to `end`, minutes after midnight, up to 1440 (24:00). `end` <= `start`: into the next day."""

    start: int
    end: int

    @property
    def end_offset(self) -> int:
        """Minutes from the midnight of the day the range starts to its end."""
        return self.end if self.end > self.start else self.end + DAY_MINUTES


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """What is empty selects everything. Weekdays count from 0 (Monday); day ranges may count from the month's end (-1).

    `days_of_month`, `months` and `years` are inclusive ranges.
    """

    zone: ZoneInfo
    times: tuple[Times, ...] = ()
    weekdays: frozenset[int] = frozenset()
    days_of_month: tuple[tuple[int, int], ...] = ()
    months: tuple[tuple[int, int], ...] = ()
    years: tuple[tuple[int, int], ...] = ()

    def selects(self, day: date) -> bool:
        return (
            (not self.weekdays or day.weekday() in self.weekdays)
            and _in_ranges(self.months, day.month)
            and _in_ranges(self.years, day.year)
            and (not self.days_of_month or _day_in_ranges(self.days_of_month, day))
        )

    def ranges(self) -> tuple[Times, ...]:
        return self.times or (Times(0, DAY_MINUTES),)


def is_within(windows: Sequence[TimeWindow], at: datetime) -> bool:
    """Return whether any window holds the moment."""
    return any(span.start <= at < span.end for window in windows for span in _near(window, at, at))


def next_change(windows: Sequence[TimeWindow], at: datetime) -> datetime | None:
    """Return the first moment after `at` at which `is_within` turns; None: not within ten years."""
    reach, start = timedelta(days=2), at
    while start < at + LOOK_AHEAD:
        end = start + reach
        for span in spans_within(windows, start, end):
            edges = [edge for edge in (span.start, span.end) if start < edge < end]
            if edges:
                return edges[0]
        # The last instant before `end` may differ from the first at it: look once more across the seam.
        start, reach = end - timedelta(microseconds=1), min(reach * 4, timedelta(days=400))
    return None


def spans_within(windows: Sequence[TimeWindow], start: datetime, end: datetime) -> list[Span]:
    """Return the stretches (UTC) between the two moments that any window holds, in order, joined."""
    found = (span for window in windows for span in _near(window, start, end))
    return joined(cut(found, start.astimezone(UTC), end.astimezone(UTC)))


def _near(window: TimeWindow, start: datetime, end: datetime) -> Iterator[Span]:
    """Yield every span that may touch the stretch, whole: those that began up to two days before it too."""
    day, last = reading_at(start, window.zone).date() - 2 * DAY, reading_at(end, window.zone).date()
    while day <= last:
        if window.selects(day):
            midnight = datetime.combine(day, time())
            for part in window.ranges():
                yield Span(
                    moment_of(midnight + timedelta(minutes=part.start), window.zone),
                    moment_of(midnight + timedelta(minutes=part.end_offset), window.zone),
                )
        day += DAY


def _in_ranges(ranges: tuple[tuple[int, int], ...], number: int) -> bool:
    return not ranges or any(first <= number <= last for first, last in ranges)


def _day_in_ranges(ranges: tuple[tuple[int, int], ...], day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    return any(
        (first if first > 0 else length + 1 + first) <= day.day <= (last if last > 0 else length + 1 + last)
        for first, last in ranges
    )
