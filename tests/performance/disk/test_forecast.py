import pytest

from tradewatch.performance.disk.forecast import Forecast, forecast, slope

GB, HOUR, DAY = 10**9, 3600, 86_400


def hourly(hours: int, *, a_day: float = GB, start: int = 10 * GB) -> list[tuple[float, int]]:
    return [(at * HOUR, round(start + a_day * at / 24)) for at in range(hours + 1)]


@pytest.mark.parametrize(
    ("points", "free", "words"),
    [
        (hourly(14 * 24), 41 * GB, "At this rate the disk is full in 41 days"),
        (hourly(24), 1.04 * GB, "At this rate the disk is full in 1 day"),
        (hourly(24), GB // 2, "At this rate the disk is full within a day"),
        (hourly(24, a_day=1e7), 500 * GB, "At this rate the disk lasts for more than ten years"),
        (hourly(24, a_day=0), GB, "What is stored does not grow"),
        (hourly(24, a_day=-GB), GB, "What is stored does not grow"),
        (hourly(23), GB, "Too little history for a forecast: 23 h of samples, 24 h are needed"),
        (hourly(240)[::30], GB, "Too little history for a forecast: 240 h of samples, 24 h are needed"),
        ([], GB, "Too little history for a forecast: 0 h of samples, 24 h are needed"),
    ],
)
def test_what_is_said(points, free, words):
    assert forecast(points, free).words == words


def test_the_numbers_behind_it():
    found = forecast(hourly(7 * 24), 41 * GB)
    assert found.bytes_a_day == pytest.approx(GB) and found.days_left == pytest.approx(41)
    assert forecast([], GB) == Forecast("Too little history for a forecast: 0 h of samples, 24 h are needed")


def test_one_clean_up_and_one_burst_do_not_turn_it():
    points = hourly(10 * 24)
    cleaned = [(at, size - 2 * GB if at > 5 * DAY else size) for at, size in points]
    burst = [(at, size + 20 * GB if 3 * DAY <= at < 3 * DAY + 6 * HOUR else size) for at, size in points]
    assert slope(cleaned) * DAY == pytest.approx(GB, rel=0.35)
    assert slope(burst) * DAY == pytest.approx(GB, rel=0.05)


def test_many_samples_are_thinned_and_equal_moments_are_no_fault():
    assert slope(hourly(400 * 24)) * DAY == pytest.approx(GB, rel=0.01)
    assert slope([(0.0, 1), (0.0, 2)]) == 0.0
