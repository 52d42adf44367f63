"""When a job is expected, across clock changes too."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.heartbeats.choices import ScheduleKind
from alerts.heartbeats.schedule import Schedule, faults_in, next_expected


def cron(text: str, zone: str = "UTC") -> Schedule:
    return Schedule(kind=ScheduleKind.CRON, cron=text, time_zone=zone)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "zone", "after", "expected"),
    [
        ("30 2 * * *", "UTC", "2026-11-23 02:30", "2026-11-24 02:30"),
        ("*/5 * * * *", "UTC", "2026-11-23 02:31", "2026-11-23 02:35"),
        ("30 2 * * 1-5", "Europe/London", "2026-11-20 03:00", "2026-11-23 02:30"),
        ("0 9 * * *", "America/New_York", "2026-07-01 00:00", "2026-07-01 13:00"),  # summer time
        ("0 9 * * *", "America/New_York", "2026-12-01 00:00", "2026-12-01 14:00"),  # winter time
        # 2026-03-08 in Chicago: 02:00 is 03:00. What falls into the gap is due when the gap ends.
        ("30 2 * * *", "America/Chicago", "2026-03-08 07:00", "2026-03-08 08:00"),
        ("30 2 * * *", "America/Chicago", "2026-03-08 08:00", "2026-03-09 07:30"),
        # 2026-03-29 in London: 01:00 is 02:00
        ("15 1 * * *", "Europe/London", "2026-03-28 12:00", "2026-03-29 01:00"),
        # 2026-11-01 in Chicago: 01:00 to 02:00 comes twice; due once, the first time.
        ("30 1 * * *", "America/Chicago", "2026-11-01 05:00", "2026-11-01 06:30"),
        ("30 1 * * *", "America/Chicago", "2026-11-01 06:30", "2026-11-02 07:30"),
        ("30 1 * * *", "America/Chicago", "2026-11-01 07:30", "2026-11-02 07:30"),
        # every half hour is due in each of the two passes
        ("*/30 * * * *", "America/Chicago", "2026-11-01 06:30", "2026-11-01 07:00"),
        ("*/30 * * * *", "America/Chicago", "2026-11-01 07:00", "2026-11-01 07:30"),
        ("0 0 29 2 *", "UTC", "2026-01-01 00:00", "2028-02-29 00:00"),
    ],
)
def test_cron_in_its_own_time_zone(text: str, zone: str, after: str, expected: str) -> None:
    assert next_expected(cron(text, zone), utc(after)) == utc(expected)


@pytest.mark.parametrize("zone", ["America/Chicago", "Europe/London", "Australia/Lord_Howe", "Asia/Tokyo"])
@pytest.mark.parametrize("text", ["30 2 * * *", "*/15 * * * *", "0 1,2,3 * * *"])
def test_time_only_moves_forward_through_a_year(text: str, zone: str) -> None:
    at, ticks = utc("2026-01-01 00:00"), 0
    while at < utc("2026-12-31 00:00") and ticks < 3_000:
        following = next_expected(cron(text, zone), at)
        assert following is not None and at < following <= at + timedelta(hours=26)
        at, ticks = following, ticks + 1


def test_an_interval_counts_from_the_last_report() -> None:
    hourly = Schedule(kind=ScheduleKind.INTERVAL, interval=timedelta(hours=1))
    assert next_expected(hourly, utc("2026-11-23 02:30")) == utc("2026-11-23 03:30")


def test_without_a_schedule_nothing_is_expected() -> None:
    assert next_expected(Schedule(kind=ScheduleKind.NONE), utc("2026-11-23 02:30")) is None


@pytest.mark.parametrize(
    ("schedule", "field", "says"),
    [
        (cron("30 2 * *"), "cron", "expected five fields"),
        (cron("61 2 * * *"), "cron", "Bad minute"),
        (cron("0 0 30 2 *"), "cron", "expected five fields"),
        (cron("* * * * * *"), "cron", "expected five fields"),
        (cron("30 2 * * *", "Mars/Base"), "time_zone", "Mars/Base is no time zone"),
        (cron("30 2 * * *", "../etc/passwd"), "time_zone", "is no time zone"),
        (Schedule(kind=ScheduleKind.INTERVAL, interval=timedelta(seconds=5)), "interval_seconds", "expected 60"),
    ],
)
def test_a_bad_schedule_is_refused_with_the_reason(schedule: Schedule, field: str, says: str) -> None:
    assert says in faults_in(schedule)[field][0]


def test_good_schedules_have_no_fault() -> None:
    assert faults_in(cron("30 2 * * 1-5", "Europe/London")) == {}
    assert faults_in(Schedule(kind=ScheduleKind.NONE)) == {}
