from datetime import timedelta

import pytest

from tradewatch.dashboard import words


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "no data"), (0, "0"), (0.42, "0.4"), (9, "9"), (12.6, "13"), (14800, "14,800"), (-3, "−3")],
)
def test_counts_read_short(value: float | None, text: str) -> None:
    assert words.count(value) == text


@pytest.mark.parametrize(
    ("ratio", "text"), [(None, "no data"), (0, "0%"), (1, "100%"), (0.021, "2.1%"), (0.0042, "0.42%"), (0.5, "50.0%")]
)
def test_ratios_read_as_percent(ratio: float | None, text: str) -> None:
    assert words.percent(ratio) == text


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(seconds=-4), "0 s"),
        (timedelta(seconds=59), "59 s"),
        (timedelta(minutes=4, seconds=50), "4 min"),
        (timedelta(hours=1, minutes=25), "1 h 25 min"),
        (timedelta(hours=14, minutes=25), "14 h"),
        (timedelta(days=3, hours=5), "3 d"),
        (timedelta(days=75), "2 mo"),
    ],
)
def test_lengths_of_time_have_two_units_at_most(length: timedelta, text: str) -> None:
    assert words.span(length) == text


@pytest.mark.parametrize(
    ("now", "before", "text"),
    [
        (5.3, 1.0, "▲ 5.3x"),
        (1.4, 1.0, "▲ 40%"),
        (0.6, 1.0, "▼ 40%"),
        (1.02, 1.0, "unchanged"),
        (3.0, 0.0, ""),
        (3.0, None, ""),
        (None, 1.0, ""),
    ],
)
def test_a_change_needs_something_to_compare_with(now: float | None, before: float | None, text: str) -> None:
    assert words.change(now, before) == text


def test_times_under_a_second_are_milliseconds() -> None:
    assert [words.seconds(0.431), words.seconds(1.82), words.seconds(None)] == ["431 ms", "1.8 s", "no data"]
