from datetime import UTC, datetime, timedelta

import pytest

from alerts.choices import Comparison
from alerts.measures.readings import NOTHING, Reading
from alerts.measures.verdicts import Level, MeasureVerdict, is_over, judge_readings

ABOVE, BELOW = Comparison.ABOVE, Comparison.BELOW
END = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)


def reading(value: float | None, sample: int = 100) -> Reading:
    return Reading(value, sample, f"{value} orders", f"{sample} in 5 min")


@pytest.mark.parametrize(
    ("values", "comparison", "level", "reason"),
    [
        ([11.0], ABOVE, Level.FIRES, "11.0 orders, above 10: 100 in 5 min."),
        ([10.0], ABOVE, Level.FINE, "10.0 orders, not above 10: 100 in 5 min."),
        ([9.0], BELOW, Level.FIRES, "9.0 orders, below 10: 100 in 5 min."),
        ([10.0], BELOW, Level.FINE, "10.0 orders, not below 10: 100 in 5 min."),
        ([11.0, 12.0, 13.0], ABOVE, Level.FIRES, "13.0 orders, above 10 for 3 min: 100 in 5 min."),
        ([9.0, 12.0, 13.0], ABOVE, Level.PENDING, "13.0 orders, above 10 for 2 min; fires after 3 min."),
        ([11.0, 9.0, 13.0], ABOVE, Level.PENDING, "13.0 orders, above 10 for 1 min; fires after 3 min."),
        ([11.0, 12.0, 9.0], ABOVE, Level.FINE, "9.0 orders, not above 10: 100 in 5 min."),
    ],
)
def test_a_rule_fires_when_every_reading_is_strictly_beyond(values, comparison, level, reason) -> None:
    verdict = judge_readings(
        [reading(value) for value in values], comparison=comparison, threshold=10, limit_words="10", minimum_sample=20
    )
    assert (verdict.level, verdict.reason) == (level, reason)


def judge_above(*readings: Reading, limit: str = "10") -> MeasureVerdict:
    return judge_readings(readings, comparison=ABOVE, threshold=10, limit_words=limit, minimum_sample=20)


def test_no_value_is_unknown_and_says_why() -> None:
    assert judge_above(NOTHING) == MeasureVerdict(Level.UNKNOWN, "No data.")
    verdict = judge_above(Reading(None, 0, "What is usual is not known", "3 requests in the hour before"))
    assert verdict.reason == "What is usual is not known: 3 requests in the hour before."


def test_too_small_a_sample_is_unknown_now_and_interrupts_a_hold() -> None:
    assert judge_above(reading(99, 19)).reason == "Too little to judge: 19 in 5 min, needs 20."
    assert judge_above(reading(99, 19), reading(99)).level is Level.PENDING
    assert judge_above(NOTHING, reading(99)).level is Level.PENDING


def test_without_limit_words_the_reading_speaks_for_itself() -> None:
    silent = Reading(11, 100, "No orders in 10 min", "4,812 in the 24 h before")
    assert judge_above(silent, limit="").reason == "No orders in 10 min: 4,812 in the 24 h before."


@pytest.mark.parametrize(
    ("level", "minutes_ago", "expected"),
    [
        (Level.FINE, 5, True),
        (Level.FINE, 4, False),
        (Level.UNKNOWN, 60, False),
        (Level.PENDING, 60, False),
        (Level.FIRES, 60, False),
    ],
)
def test_an_alert_is_over_after_a_whole_window_known_to_be_fine(level, minutes_ago, expected) -> None:
    verdict = MeasureVerdict(level, "")
    last = END - timedelta(minutes=minutes_ago)
    assert is_over(verdict, last_beyond_at=last, window_end=END, window=timedelta(minutes=5)) is expected
