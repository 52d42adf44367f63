from datetime import UTC, datetime, time

import pytest

from alerts.replay.nights import Night


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [(21, 59, False), (22, 0, True), (23, 59, True), (0, 0, True), (6, 59, True), (7, 0, False), (12, 0, False)],
)
def test_a_night_goes_over_midnight(hour: int, minute: int, expected: bool) -> None:
    assert Night().holds(datetime(2026, 11, 23, hour, minute, tzinfo=UTC)) is expected


def test_it_is_the_clock_of_its_zone_that_counts() -> None:
    at = datetime(2026, 7, 1, 2, 30, tzinfo=UTC)  # 22:30 in New York in summer, 21:30 in winter
    night = Night(zone="America/New_York")
    assert night.holds(at)
    assert not night.holds(at.replace(month=1))
    assert night.words == "22:00 to 07:00 America/New_York"


def test_a_night_may_lie_within_one_day() -> None:
    early = Night(starts=time(0), ends=time(5))
    assert early.holds(datetime(2026, 1, 1, 4, 59, tzinfo=UTC))
    assert not early.holds(datetime(2026, 1, 1, 23, 0, tzinfo=UTC))
