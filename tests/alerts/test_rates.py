from datetime import timedelta
from typing import Any

import pytest

from alerts.rates import Basis, Level, Measured, RateVerdict, ending_words, has_ended, judge_rate
from tests.alerts.builders import MINUTE, NOW

WINDOW = 5 * MINUTE


def measured(**fields: Any) -> Measured:
    values: dict[str, Any] = {
        "window": WINDOW,
        "requests": 1000,
        "failed": 21,
        "ratio": 0.021,
        "events": 0,
        "baseline_events": 0,
        "sends_requests": True,
    }
    return Measured(**{**values, **fields})


def without_requests(events: int, before: int) -> Measured:
    return measured(requests=0, failed=0, ratio=None, events=events, baseline_events=before, sends_requests=False)


@pytest.mark.parametrize(
    ("requests", "failed", "ratio", "level", "says"),
    [
        (1000, 21, 0.021, Level.ABOVE, "Error rate 2.1%, above 1%: 21 failed / 1,000 requests in 5 min."),
        (1000, 10, 0.01, Level.BELOW, "Error rate 1%, not above 1%: 10 failed / 1,000 requests in 5 min."),
        (1000, 0, 0.0, Level.BELOW, "Error rate 0%, not above 1%: 0 failed / 1,000 requests in 5 min."),
        (20, 20, 1.0, Level.ABOVE, "Error rate 100%, above 1%: 20 failed / 20 requests in 5 min."),
        (19, 19, 1.0, Level.UNKNOWN, "Too few requests to judge: 19 in 5 min, needs 20."),
        (0, 0, None, Level.UNKNOWN, "No data: no requests in 5 min."),
    ],
)
def test_the_ratio(requests: int, failed: int, ratio: float | None, level: Level, says: str) -> None:
    verdict = judge_rate(measured(requests=requests, failed=failed, ratio=ratio), threshold=0.01, minimum_count=20)
    assert (verdict.level, verdict.basis, verdict.reason) == (level, Basis.REQUESTS, says)


def test_the_ratio_is_the_weighted_one() -> None:
    """One failure kept of ten requests sampled at 10% weighs as ten: the counts are shown, the ratio decides."""
    verdict = judge_rate(measured(requests=100, failed=1, ratio=0.2), threshold=0.1, minimum_count=20)
    assert verdict.level is Level.ABOVE
    assert verdict.title == "Error rate 20%"


@pytest.mark.parametrize(
    ("events", "before", "level", "title"),
    [
        (60, 120, Level.ABOVE, "12 errors a minute, 6x the usual"),
        (30, 120, Level.BELOW, ""),  # 6 a minute is exactly 3 x 2: not above
        (31, 120, Level.ABOVE, "6.2 errors a minute, 3.1x the usual"),
        (20, 0, Level.ABOVE, "4 errors a minute, none in the hour before"),
        (19, 0, Level.BELOW, ""),
        (0, 60, Level.BELOW, ""),
        (0, 0, Level.UNKNOWN, ""),
    ],
)
def test_without_transactions_events_are_compared_with_the_hour_before(
    events: int, before: int, level: Level, title: str
) -> None:
    verdict = judge_rate(without_requests(events, before), threshold=0.01, minimum_count=20)
    assert (verdict.level, verdict.basis, verdict.title) == (level, Basis.EVENTS, title)


def test_a_service_whose_requests_stopped_is_no_data_however_many_events_come() -> None:
    silent = measured(requests=0, failed=0, ratio=None, events=500, sends_requests=True)
    assert judge_rate(silent, threshold=0.01, minimum_count=20).level is Level.UNKNOWN


@pytest.mark.parametrize(
    ("level", "basis", "minutes_ago", "ended"),
    [
        (Level.BELOW, Basis.REQUESTS, 5, True),
        (Level.BELOW, Basis.REQUESTS, 4, False),  # not a whole window yet
        (Level.ABOVE, Basis.REQUESTS, 9, False),
        (Level.UNKNOWN, Basis.REQUESTS, 90, False),  # silence ends nothing
        (Level.BELOW, Basis.EVENTS, 90, False),  # requests stopped: quiet events do not prove that it is over
    ],
)
def test_an_alert_ends_after_a_whole_window_known_to_be_below(
    level: Level, basis: Basis, minutes_ago: int, ended: bool
) -> None:
    verdict = RateVerdict(level=level, basis=basis, reason="")
    last = NOW - timedelta(minutes=minutes_ago)
    assert has_ended(verdict, opened_on=Basis.REQUESTS, last_above_at=last, window_end=NOW, window=WINDOW) is ended


def test_the_ending_names_duration_and_peak() -> None:
    lasted = timedelta(minutes=24)
    assert ending_words(Basis.REQUESTS, peak=0.0241, lasted=lasted) == "Ended: error rate, 24 min, peak 2.4%"
    assert ending_words(Basis.EVENTS, peak=12.25, lasted=lasted) == "Ended: errors a minute, 24 min, peak 12.2"


def test_sessions_are_judged_like_requests_and_called_by_their_name() -> None:
    verdict = judge_rate(measured(are_sessions=True), threshold=0.01, minimum_count=20)
    assert (verdict.basis, verdict.level) == (Basis.SESSIONS, Level.ABOVE)
    assert verdict.reason == "Error rate 2.1%, above 1%: 21 failed / 1,000 sessions in 5 min."
    few = judge_rate(measured(are_sessions=True, requests=3), threshold=0.01, minimum_count=20)
    assert few.reason == "Too few sessions to judge: 3 in 5 min, needs 20."
    assert ending_words(Basis.SESSIONS, peak=0.021, lasted=24 * MINUTE) == "Ended: error rate, 24 min, peak 2.1%"
