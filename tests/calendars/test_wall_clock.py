from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.calendars.oracle import Clock, utc
from tradewatch.calendars.wall_clock import moment_of, next_clock_change, offset_change, reading_at, zone_named

CHANGES = [  # a zone and a moment within a day of a change of its clock
    ("America/Chicago", "2020-03-08T08:00"),
    ("America/Chicago", "2020-11-01T07:00"),
    ("Europe/London", "2026-03-29T01:00"),
    ("Europe/London", "2026-10-25T01:00"),
    ("Australia/Lord_Howe", "2026-10-03T15:30"),  # half an hour
    ("Australia/Lord_Howe", "2026-04-04T15:00"),
    ("America/Santiago", "2026-09-06T04:00"),  # at midnight: the day starts at 01:00
    ("Pacific/Apia", "2011-12-30T10:00"),  # a whole day was skipped
    ("Asia/Tokyo", "2026-03-08T00:00"),
]


@pytest.mark.parametrize(
    ("zone", "reading", "moment"),
    [
        ("America/Chicago", "2020-03-08T02:30", "2020-03-08T08:00"),  # shows 03:00, not 03:30
        ("America/Chicago", "2020-03-08T02:00", "2020-03-08T08:00"),
        ("America/Chicago", "2020-03-08T03:00", "2020-03-08T08:00"),
        ("America/Chicago", "2020-03-08T01:59", "2020-03-08T07:59"),
        ("America/Chicago", "2020-11-01T01:30", "2020-11-01T06:30"),  # the first of two
        ("America/Chicago", "2020-11-01T02:00", "2020-11-01T08:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30"),
        ("America/Santiago", "2026-09-06T00:00", "2026-09-06T04:00"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00"),
        ("UTC", "2026-01-01T00:00", "2026-01-01T00:00"),
    ],
)
def test_a_reading_stands_for_the_first_moment_that_shows_it_or_later(zone: str, reading: str, moment: str) -> None:
    assert moment_of(datetime.fromisoformat(reading), ZoneInfo(zone)) == utc(moment)


@pytest.mark.parametrize(("zone", "near"), CHANGES)
def test_every_minute_around_a_change_agrees_with_looking_at_the_clock(zone: str, near: str) -> None:
    clock_zone = ZoneInfo(zone)
    start = utc(near) - timedelta(days=3)
    clock = Clock(clock_zone, start, start + timedelta(days=6))
    midnight = reading_at(utc(near), clock_zone).replace(hour=0, minute=0) - timedelta(days=1)
    for minute in range(0, 3 * 24 * 60, 5):
        reading = midnight + timedelta(minutes=minute)
        assert moment_of(reading, clock_zone) == clock.first_that_shows(reading), reading


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)),
    st.timedeltas(timedelta(0), timedelta(days=2)),
    st.sampled_from(["America/New_York", "Africa/Casablanca", "Asia/Gaza", "Antarctica/Troll", "Asia/Tehran"]),
)
def test_a_later_reading_never_stands_for_an_earlier_moment(first: datetime, more: timedelta, zone: str) -> None:
    assert moment_of(first, ZoneInfo(zone)) <= moment_of(first + more, ZoneInfo(zone))


def test_the_next_change_of_a_clock_is_found_to_the_second() -> None:
    new_york = ZoneInfo("America/New_York")
    change = next_clock_change(utc("2026-11-23T15:12"), new_york, within=timedelta(days=200))
    assert change == utc("2027-03-14T07:00") and offset_change(change, new_york) == timedelta(hours=1)
    back = next_clock_change(change, new_york, within=timedelta(days=300))
    assert back == utc("2027-11-07T06:00") and offset_change(back, new_york) == -timedelta(hours=1)
    assert next_clock_change(utc("2026-11-23T15:12"), ZoneInfo("Asia/Tokyo"), within=timedelta(days=400)) is None


def test_an_unknown_zone_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="unknown time zone 'Mars/Base'"):
        zone_named("Mars/Base")
