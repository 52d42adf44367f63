from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.oncall.rotation import RotationPlan, shift_number, shifts_between
from tests.calendars.oracle import Clock, minutes, utc
from tests.calendars.test_wall_clock import CHANGES

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def rotation(
    zone: str = "America/New_York",
    starts: str = "2026-11-23T09:00",
    shift: timedelta = DAY,
    people: tuple[int, ...] = (1, 2, 3),
) -> RotationPlan:
    return RotationPlan(ZoneInfo(zone), datetime.fromisoformat(starts), shift, people)


def handed_over(plan: RotationPlan, start: str, end: str) -> list[str]:
    """Each shift as `person from-to` in UTC."""
    return [
        f"{shift.who} {shift.span.start:%d %H:%M}-{shift.span.end:%d %H:%M}"
        for shift in shifts_between(plan, utc(start), utc(end))
    ]


@pytest.mark.parametrize(
    ("plan", "start", "end", "expected"),
    [
        # Daily at 02:30 in Chicago: on 8 March 2020 the handoff is at 03:00 (08:00 UTC), not at 03:30.
        (
            rotation("America/Chicago", "2020-03-06T02:30"),
            "2020-03-07T12:00",
            "2020-03-09T12:00",
            ["2 07 08:30-08 08:00", "3 08 08:00-09 07:30", "1 09 07:30-10 07:30"],
        ),
        # Daily at 01:30: on 1 November 2020 the first 01:30 (06:30 UTC) counts.
        (
            rotation("America/Chicago", "2020-10-30T01:30"),
            "2020-10-31T12:00",
            "2020-11-02T06:00",
            ["2 31 06:30-01 06:30", "3 01 06:30-02 07:30"],
        ),
        # Hourly over the gap: the shift that would begin at 02:00 has no time, the next begins at 03:00.
        (
            rotation("America/Chicago", "2020-03-08T00:00", HOUR, (0, 1, 2, 3, 4)),
            "2020-03-08T06:00",
            "2020-03-08T10:00",
            ["0 08 06:00-08 07:00", "1 08 07:00-08 08:00", "3 08 08:00-08 09:00", "4 08 09:00-08 10:00"],
        ),
        # Hourly over the repeated hour: who began at the first 01:00 stays for both.
        (
            rotation("America/Chicago", "2020-11-01T00:00", HOUR, (0, 1, 2, 3, 4)),
            "2020-11-01T05:00",
            "2020-11-01T09:00",
            ["0 01 05:00-01 06:00", "1 01 06:00-01 08:00", "2 01 08:00-01 09:00"],
        ),
        # Weekly, Friday 17:00, over London's spring: 167 hours; over autumn: 169.
        (
            rotation("Europe/London", "2026-03-27T17:00", 7 * DAY),
            "2026-03-27T17:00",
            "2026-04-03T16:00",
            ["1 27 17:00-03 16:00"],
        ),
        (
            rotation("Europe/London", "2026-10-23T17:00", 7 * DAY),
            "2026-10-23T16:00",
            "2026-10-30T17:00",
            ["1 23 16:00-30 17:00"],
        ),
        # Twelve hours, half an hour's change on Lord Howe: 03:00 stays 03:00.
        (
            rotation("Australia/Lord_Howe", "2026-10-03T15:00", 12 * HOUR),
            "2026-10-03T04:30",
            "2026-10-04T05:00",
            ["1 03 04:30-03 16:00", "2 03 16:00-04 04:00", "3 04 04:00-04 16:00"],
        ),
        # Handoff at midnight where the day starts at 01:00.
        (
            rotation("America/Santiago", "2026-09-05T00:00"),
            "2026-09-05T12:00",
            "2026-09-06T12:00",
            ["1 05 04:00-06 04:00", "2 06 04:00-07 03:00"],
        ),
    ],
)
def test_handoffs_keep_to_the_clock(plan: RotationPlan, start: str, end: str, expected: list[str]) -> None:
    assert handed_over(plan, start, end) == expected


def test_nobody_is_on_call_before_the_first_handoff_or_in_an_empty_rotation() -> None:
    assert handed_over(rotation(), "2026-11-20T00:00", "2026-11-23T14:00") == []
    assert handed_over(rotation(), "2026-11-20T00:00", "2026-11-23T14:01") == ["1 23 14:00-24 14:00"]
    assert handed_over(rotation(people=()), "2026-11-20T00:00", "2026-11-30T14:01") == []


def test_turns_go_round_however_long_ago_it_began() -> None:
    plan = rotation(starts="2006-01-02T09:00")
    days = (datetime(2026, 11, 23) - datetime(2006, 1, 2)).days
    assert next(shifts_between(plan, utc("2026-11-23T15:00"), utc("2026-11-23T16:00"))).who == (1, 2, 3)[days % 3]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CHANGES),
    st.integers(-30 * 60, 30 * 60),
    st.sampled_from([30, 45, 60, 90, 480, 720, 1440, 2880]),
    st.integers(1, 5),
)
def test_shifts_agree_with_looking_at_every_minute(
    change: tuple[str, str], starts_minutes: int, shift_minutes: int, people: int
) -> None:
    zone, near = change
    middle = utc(near)
    clock = Clock(ZoneInfo(zone), middle - timedelta(days=5), middle + timedelta(days=6))
    starts = clock.minutes[4 * 24 * 60][1] + timedelta(minutes=starts_minutes)
    shift = timedelta(minutes=shift_minutes)
    plan = RotationPlan(ZoneInfo(zone), starts, shift, tuple(range(people)))
    start, end = middle - timedelta(hours=40), middle + timedelta(hours=40)

    handoffs = []
    while not handoffs or handoffs[-1] < end:
        handoffs.append(clock.first_that_shows(starts + len(handoffs) * shift))
    fast = list(shifts_between(plan, start, end))
    for moment in list(minutes(start, end))[::3]:
        number = max((n for n, at in enumerate(handoffs) if at <= moment), default=None)
        on_duty = [each.who for each in fast if each.span.holds(moment)]
        assert on_duty == ([] if number is None else [number % people]), moment
        if number is not None:
            assert shift_number(plan, moment) == number


def test_moments_are_utc() -> None:
    shift = next(shifts_between(rotation(), utc("2026-11-23T15:00"), utc("2026-11-23T16:00")))
    assert shift.span.start.tzinfo is UTC
