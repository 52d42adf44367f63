from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.calendars.oracle import Clock, minutes, utc
from tests.calendars.test_wall_clock import CHANGES
from tradewatch.calendars.spans import Span, between
from tradewatch.calendars.window_text import parse_windows
from tradewatch.calendars.windows import Times, TimeWindow, is_within, next_change, spans_within

LONDON = "Europe/London"
CHICAGO = "America/Chicago"


def windows(zone: str = "UTC", **fields: object) -> list[TimeWindow]:
    return parse_windows([{"zone": zone, **{name.rstrip("_"): value for name, value in fields.items()}}])


@pytest.mark.parametrize(
    ("written", "at", "expected"),
    [
        ({"times": ["09:00-17:00"]}, "2026-11-23T09:00", True),
        ({"times": ["09:00-17:00"]}, "2026-11-23T17:00", False),
        ({"times": ["09:00-24:00"]}, "2026-11-23T23:59", True),
        ({"times": ["22:00-06:00"], "weekdays": ["fri"]}, "2026-11-28T05:59", True),  # Saturday, of Friday's night
        ({"times": ["22:00-06:00"], "weekdays": ["fri"]}, "2026-11-27T05:59", False),  # Friday, of Thursday's
        ({"weekdays": ["saturday:monday"]}, "2026-11-29T12:00", True),
        ({"weekdays": ["saturday:monday"]}, "2026-11-24T12:00", False),
        ({"days_of_month": ["-1"]}, "2028-02-29T12:00", True),
        ({"days_of_month": ["-1"]}, "2026-02-28T12:00", True),
        ({"days_of_month": ["-3:-1"]}, "2026-11-27T12:00", False),
        ({"days_of_month": ["-3:-1"]}, "2026-11-28T00:00", True),
        ({"days_of_month": ["28:-1"]}, "2026-11-30T00:00", True),
        ({"days_of_month": ["31"]}, "2026-11-30T00:00", False),
        ({"months": ["november:february"]}, "2026-01-31T00:00", True),
        ({"months": ["november:february"]}, "2026-03-01T00:00", False),
        ({"months": [12]}, "2026-12-31T00:00", True),
        ({"years": ["2026:2027"]}, "2028-01-01T00:00", False),
        ({"times": ["22:00-06:00"], "years": [2026]}, "2027-01-01T05:00", True),  # the night of 31 December 2026
        ({"from": "friday 17:00", "to": "monday 09:00"}, "2026-11-29T03:00", True),
        ({"from": "friday 17:00", "to": "monday 09:00"}, "2026-11-30T09:00", False),
        ({"from": "monday 09:00", "to": "monday 08:00"}, "2026-11-30T08:30", False),
        ({"from": "monday 09:00", "to": "monday 08:00"}, "2026-11-29T08:30", True),
        ({"from": "monday 09:00", "to": "monday 10:00"}, "2026-11-30T09:30", True),
        ({"from": "monday 09:00", "to": "monday 10:00"}, "2026-12-01T09:30", False),
        ({}, "2026-11-29T03:00", True),
    ],
)
def test_a_window_holds(written: dict[str, object], at: str, expected: bool) -> None:
    assert is_within(parse_windows([written]), utc(at)) is expected


@pytest.mark.parametrize(
    ("zone", "times", "start", "end", "expected"),
    [
        # The gap: 02:00 to 03:00 does not exist, 02:30 is 03:00.
        (CHICAGO, "02:00-03:00", "2020-03-08T00:00", "2020-03-09T00:00", []),
        (CHICAGO, "02:30-04:00", "2020-03-08T00:00", "2020-03-09T00:00", ["08:00/09:00"]),
        (CHICAGO, "22:00-02:30", "2020-03-08T00:00", "2020-03-09T00:00", ["04:00/08:00"]),
        # The repeated hour, 06:00 to 08:00 UTC: the first reading counts for both edges.
        (CHICAGO, "01:00-02:00", "2020-11-01T00:00", "2020-11-01T12:00", ["06:00/08:00"]),
        (CHICAGO, "01:15-01:45", "2020-11-01T00:00", "2020-11-01T12:00", ["06:15/06:45"]),
        (CHICAGO, "22:00-01:30", "2020-11-01T03:00", "2020-11-01T12:00", ["03:00/06:30"]),
        (LONDON, "00:00-24:00", "2026-10-25T12:00", "2026-10-25T14:00", ["12:00/14:00"]),
    ],
)
def test_clock_changes(zone: str, times: str, start: str, end: str, expected: list[str]) -> None:
    found = spans_within(windows(zone, times=[times]), utc(start), utc(end))
    assert [f"{span.start:%H:%M}/{span.end:%H:%M}" for span in found] == expected


def test_the_days_of_a_clock_change_are_23_and_25_hours_long() -> None:
    sundays = windows(LONDON, weekdays=["sunday"])
    assert spans_within(sundays, utc("2026-03-28T12:00"), utc("2026-03-31T00:00"))[0].length == timedelta(hours=23)
    assert spans_within(sundays, utc("2026-10-24T12:00"), utc("2026-10-27T00:00"))[0].length == timedelta(hours=25)


@pytest.mark.parametrize(
    ("written", "at", "expected"),
    [
        ({"times": ["22:00-06:00"]}, "2026-11-23T15:12", "2026-11-23T22:00"),
        ({"times": ["22:00-06:00"]}, "2026-11-23T22:00", "2026-11-24T06:00"),
        ({"days_of_month": ["29"], "months": ["february"]}, "2026-11-23T15:12", "2028-02-29T00:00"),
        ({"days_of_month": ["29"], "months": ["february"]}, "2028-02-29T15:12", "2028-03-01T00:00"),
        ({}, "2026-11-23T15:12", None),
        ({"years": [2020]}, "2026-11-23T15:12", None),
        ({"from": "friday 17:00", "to": "monday 09:00"}, "2026-11-28T00:00", "2026-11-30T09:00"),
    ],
)
def test_next_change(written: dict[str, object], at: str, expected: str | None) -> None:
    found = next_change(parse_windows([written]), utc(at))
    assert found == (utc(expected) if expected else None)


def test_windows_that_meet_do_not_change_where_they_meet() -> None:
    both = parse_windows([{"times": ["20:00-22:00"]}, {"times": ["22:00-23:00"]}])
    assert next_change(both, utc("2026-11-23T21:00")) == utc("2026-11-23T23:00")
    assert spans_within([], utc("2026-11-23T21:00"), utc("2026-11-24T21:00")) == []
    assert not is_within([], utc("2026-11-23T21:00")) and next_change([], utc("2026-11-23T21:00")) is None


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"times": ["22:00"]}, "window 1: times: '22:00': expected two times, e.g. 22:00-06:00"),
        ({"times": ["22:00-25:00"]}, "window 1: times: '22:00-25:00': expected a time from 00:00 to 24:00"),
        ({"times": ["06:00-06:00"]}, "is empty; a whole day is 00:00-24:00"),
        ({"weekdays": ["fryday"]}, "weekdays: 'fryday': expected one of monday, tuesday"),
        ({"days_of_month": ["0"]}, "expected 1 to 31, or -1"),
        ({"days_of_month": ["5:3"]}, "the first day comes after the last"),
        ({"days_of_month": ["-3:2"]}, "must end from the end"),
        ({"months": ["13"]}, "months: '13': expected a number from 1 to 12"),
        ({"years": ["x"]}, "years: 'x': expected a number"),
        ({"zone": "Mars/Base"}, "zone: unknown time zone 'Mars/Base'"),
        ({"hours": []}, "unknown field 'hours'"),
        ({"from": "friday"}, "from: 'friday': expected a weekday and a time, e.g. \"friday 17:00\""),
        ({"from": "friday 17:00", "to": "friday 17:00"}, "the same moment of the week"),
        ({"from": "friday 17:00", "to": "monday 09:00", "times": []}, "times: not together with from and to"),
        ("x", "window 1: expected an object"),
    ],
)
def test_a_fault_names_its_place(written: object, message: str) -> None:
    with pytest.raises(ValueError) as fault:
        parse_windows([written])
    assert message in str(fault.value)


def test_not_a_list_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a list of windows"):
        parse_windows({"times": []})


@st.composite
def drawn_windows(draw: st.DrawFn, zone: str) -> TimeWindow:
    edge = st.integers(0, 24 * 4).map(lambda quarter: quarter * 15)
    times = draw(st.lists(st.tuples(edge, edge).filter(lambda e: e[0] != e[1] and e[0] < 1440), max_size=2))
    days = draw(st.frozensets(st.integers(0, 6), max_size=3))
    of_month = draw(st.sampled_from([(), ((-2, -1),), ((1, 8),), ((25, -1),)]))
    return TimeWindow(ZoneInfo(zone), tuple(Times(*one) for one in times), days, of_month)


def slow_spans(window: TimeWindow, clock: Clock, first: date, days: int) -> list[Span]:
    found = []
    for day in (first + timedelta(days=number) for number in range(days)):
        length = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        numbers = {day.day, day.day - length.day - 1}
        in_month = not window.days_of_month or any(
            any((low <= n <= high) if (low > 0) == (high > 0) else (day.day >= low) for n in numbers)
            for low, high in window.days_of_month
        )
        if in_month and (not window.weekdays or day.weekday() in window.weekdays):
            for part in window.times or (Times(0, 1440),):
                start = datetime.combine(day, time()) + timedelta(minutes=part.start)
                end = datetime.combine(day, time()) + timedelta(minutes=part.end)
                if end <= start:
                    end += timedelta(days=1)
                found.append(Span(clock.first_that_shows(start), clock.first_that_shows(end)))
    return found


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(CHANGES))
def test_windows_agree_with_looking_at_every_minute(data: st.DataObject, change: tuple[str, str]) -> None:
    zone, near = change
    drawn = [data.draw(drawn_windows(zone)) for _ in range(data.draw(st.integers(1, 2)))]
    start, end = utc(near) - timedelta(hours=30), utc(near) + timedelta(hours=30)
    clock = Clock(ZoneInfo(zone), start - timedelta(days=5), end + timedelta(days=5))
    first = clock.minutes[0][1].date() + timedelta(days=1)
    slow = [span for window in drawn for span in slow_spans(window, clock, first, 9)]
    held = {moment: any(span.holds(moment) for span in slow) for moment in minutes(start, end)}

    spans = spans_within(drawn, start, end)
    assert all(held[moment] == any(span.holds(moment) for span in spans) for moment in held)
    assert between(spans, start, end) == between([span for span in slow if span.start < span.end], start, end)
    for moment in list(held)[::37]:
        assert is_within(drawn, moment) == held[moment]
        turn = next((later for later in minutes(moment, end) if held[later] != held[moment]), None)
        if turn:
            assert next_change(drawn, moment) == turn
