"""Measured rules over minute buckets, from the first bad minute to the end of their alert."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.choices import AlertState
from alerts.models import Alert, AlertRule
from alerts.observe import record_occurrences
from alerts.services import judge_measures, judge_occurrences
from tests.alerts.builders import MINUTE, NOW, count_minutes, make_news, texts
from tests.projects.builders import make_project
from tradewatch.metrics.services import DurationRow, add_durations
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project("trading-api", name="trading-api")


def store_rule(kind: str, **fields: Any) -> AlertRule:
    return AlertRule.objects.create(kind=kind, **{"name": "Watch", "minimum_count": 20, **fields})


def judge(minutes: int = 0) -> None:
    """Judge every rule, those too that have seen this minute settled."""
    AlertRule.objects.update(last_judged_at=None)
    judge_measures(NOW + minutes * MINUTE)


def reason() -> str:
    return AlertRule.objects.get(name="Watch").last_reason


def test_a_count_above_its_threshold_opens_one_alert_and_ends_by_itself(project: Project) -> None:
    store_rule("metric", series="orders.rejected", threshold=50, severity="error")
    count_minutes("orders.rejected", 12, project=project, minutes=range(1, 6))
    for minute in range(3):
        judge(minute)
        judge(minute)
    alert = Alert.objects.get()
    assert (alert.title, alert.severity, alert.environment) == ("Watch: 60 orders.rejected", "error", "production")
    assert alert.message == "60 orders.rejected, above 50: in 5 min."
    assert (alert.count, alert.tags["series"]) == (1, "orders.rejected")
    assert reason() == "production: 36 orders.rejected, not above 50: in 5 min."
    judge(5)
    alert.refresh_from_db()
    assert (alert.state, alert.resolved_by) == (AlertState.RESOLVED, "TradeWatch")
    assert alert.ending == "Ended: Watch: 60 orders.rejected, 5 min"


def test_each_environment_is_judged_by_itself_unless_the_rule_names_one(project: Project) -> None:
    count_minutes("orders.rejected", 12, project=project, minutes=range(1, 6))
    count_minutes("orders.rejected", 12, project=project, minutes=range(1, 6), environment="staging")
    named = store_rule("metric", name="Named", series="orders.rejected", threshold=50, environment="staging")
    judge()
    assert list(Alert.objects.values_list("environment", "rule")) == [("staging", named.pk)]
    store_rule("metric", series="orders.rejected", threshold=50)
    judge(0)
    assert sorted(Alert.objects.values_list("environment", flat=True)) == ["production", "staging", "staging"]


def test_below_counts_a_silent_window_as_zero_where_the_series_is_known(project: Project) -> None:
    store_rule("metric", series="orders", threshold=5, comparison="below", aggregate="per_minute")
    judge()
    assert reason() == "Nothing measured: the series was not counted within a day."
    count_minutes("orders", 100, project=project, minutes=range(120, 125))
    judge(1)
    assert Alert.objects.get().message == "0 orders a minute, below 5: 0 orders in 5 min."


def test_a_share_is_weighted_and_needs_its_sample(project: Project) -> None:
    store_rule("metric", series="orders.rejected", of_series="orders", aggregate="ratio", threshold=0.1)
    count_minutes("orders", 3, project=project, minutes=range(1, 6))
    count_minutes("orders.rejected", 1, project=project, minutes=range(1, 6))
    judge()
    assert "Too little to judge: 5 orders.rejected / 15 orders in 5 min, needs 20." in reason()
    count_minutes("orders", 3, project=project, minutes=range(1, 6))
    judge()
    assert Alert.objects.get().message == "16.7%, above 10%: 5 orders.rejected / 30 orders in 5 min."


def test_a_rule_that_must_hold_waits_and_says_so(project: Project) -> None:
    store_rule("metric", series="queue", threshold=10, window_seconds=60, for_seconds=180)
    count_minutes("queue", 20, project=project, minutes=range(1, 3))
    judge()
    assert not Alert.objects.exists()
    assert reason() == "production: 20 queue, above 10 for 2 min; fires after 3 min."
    count_minutes("queue", 20, project=project, minutes=range(1))
    judge(1)
    assert Alert.objects.get().message == "20 queue, above 10 for 3 min: in 1 min."


def test_a_slow_percentile_fires_with_its_words(project: Project) -> None:
    store_rule("latency", series="transactions", threshold=0.5)
    end = NOW.replace(second=0).timestamp()
    seconds = [0.1] * 90 + [0.8] * 10
    add_durations([DurationRow(project.pk, "production", "transactions", end - 90, each) for each in seconds])
    judge()
    alert = Alert.objects.get()
    assert alert.title.startswith("Watch: p95 79") and alert.title.endswith(" ms")
    assert alert.message.endswith("ms, above 500 ms: 100 transactions in 5 min.")
    assert alert.category == "performance"


def rates(project: Project, failed: int, usual: int, requests: int = 100) -> None:
    count_minutes("transactions", requests, project=project, minutes=range(1, 66))
    count_minutes("transactions.failed", failed, project=project, minutes=range(1, 6))
    if usual:
        count_minutes("transactions.failed", usual, project=project, minutes=range(6, 66))


def test_a_rate_far_above_its_own_usual_fires(project: Project) -> None:
    store_rule("error_rate_rise", threshold=3)
    rates(project, failed=6, usual=1)
    judge()
    assert Alert.objects.get().message == (
        "Error rate 6%, 6x its usual 1%, above 3x: 30 failed / 500 requests in 5 min, 60 / 6,000 in the hour before."
    )


@pytest.mark.parametrize(("failed", "usual"), [(3, 1), (0, 0), (50, 50)])
def test_a_rate_near_its_usual_does_not(project: Project, failed: int, usual: int) -> None:
    store_rule("error_rate_rise", threshold=3)
    rates(project, failed=failed, usual=usual)
    judge()
    assert not Alert.objects.exists(), reason()


def test_four_failures_after_an_hour_without_any_are_chance(project: Project) -> None:
    store_rule("error_rate_rise", threshold=3)
    count_minutes("transactions", 100, project=project, minutes=range(1, 66))
    count_minutes("transactions.failed", 1, project=project, minutes=range(1, 5))
    judge()
    assert not Alert.objects.exists()
    count_minutes("transactions.failed", 1, project=project, minutes=range(5, 6))
    judge()
    assert Alert.objects.get().title == "Watch: Error rate 1%, 60x its usual 0%"


def test_what_is_usual_must_be_known(project: Project) -> None:
    store_rule("error_rate_rise", threshold=3)
    count_minutes("transactions", 100, project=project, minutes=range(1, 6))
    count_minutes("transactions.failed", 50, project=project, minutes=range(1, 6))
    judge()
    assert reason() == "production: What is usual is not known: 0 requests in the hour before."


def test_a_loud_issue_has_the_title_and_link_of_its_last_news(project: Project) -> None:
    store_rule("issue_frequency", threshold=100, window_seconds=3600)
    record_occurrences([make_news(project_id=project.pk, fingerprint="issue:7", tags={"issue": "7"})])
    judge_occurrences(NOW)
    count_minutes("issue:7", 30, project=project, minutes=range(1, 4))
    count_minutes("issue:7", 30, project=project, minutes=range(1, 4), environment="staging")
    count_minutes("issue:71", 33, project=project, minutes=range(1, 4))
    judge()
    alert = Alert.objects.get(source="Watch")
    assert (alert.title, alert.link) == ("Watch: 180 events of KeyError: 'GHOST'", "/issues/7")
    assert alert.message == "180 events, above 100: in 1 h."
    assert alert.tags["issue"] == "7"
    judge(62)
    judge(122)
    alert.refresh_from_db()
    assert alert.state == AlertState.RESOLVED


def test_users_that_meet_an_issue_are_counted_once_each(project: Project) -> None:
    store_rule("users_affected", threshold=10)
    count_minutes("issue.users:7", 4, project=project, minutes=range(1, 4))
    judge()
    assert Alert.objects.get().message == "12 new users, above 10: in 5 min."


def test_silence_fires_where_there_was_something_and_ends_when_it_comes_back(project: Project) -> None:
    store_rule("absence", series="transactions", window_seconds=600)
    count_minutes("transactions", 10, project=project, minutes=range(20, 60))
    count_minutes("transactions", 1, project=project, minutes=range(20, 21), environment="staging")
    judge()
    alert = Alert.objects.get()
    assert alert.message == "No transactions in 10 min: 400 in the 24 h before."
    assert alert.environment == "production"
    count_minutes("transactions", 10, project=project, minutes=range(-20, 0))
    judge(20)
    alert.refresh_from_db()
    assert alert.state == AlertState.RESOLVED


def test_a_rule_is_judged_as_its_minute_ends_and_once_more_when_it_is_settled(project: Project) -> None:
    AlertRule.objects.update(is_enabled=False)
    store_rule("metric", series="orders", threshold=5)
    end = NOW.replace(second=0)
    judged = [judge_measures(end + timedelta(seconds=seconds)) for seconds in (2, 17, 32, 47, 62)]
    assert judged == [1, 0, 1, 0, 1]


def test_a_switched_off_rule_and_another_projects_are_silent(project: Project) -> None:
    store_rule("metric", name="Off", series="orders", threshold=5, is_enabled=False)
    store_rule("metric", series="orders", threshold=5, project=make_project("other"))
    count_minutes("orders", 100, project=project, minutes=range(1, 6))
    judge()
    assert not Alert.objects.exists()
    assert AlertRule.objects.get(name="Off").last_judged_at is None


def test_the_timeline_names_the_rule(project: Project) -> None:
    store_rule("metric", series="orders", threshold=5)
    count_minutes("orders", 100, project=project, minutes=range(1, 6))
    judge()
    assert texts(Alert.objects.get())[0] == "500 orders, above 5: in 5 min. Rule: Watch."
