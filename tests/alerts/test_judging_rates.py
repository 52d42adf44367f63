"""The error-rate rule over minute buckets, from the first bad minute to the mail that it ended."""

import pytest

from alerts.choices import AlertState
from alerts.models import Alert, AlertRule, Notification
from alerts.services import judge_error_rates, raise_alert
from tests.alerts.builders import MINUTE, NOW, count_minutes, make_trigger, rule, states, texts, turn_after
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.metrics.models import Counter
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_reader(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]


@pytest.fixture
def project() -> Project:
    return make_project("trading-api", name="trading-api")


def requests(
    project: Project, failed: int, *, minutes: range, environment: str = "production", total: int = 100
) -> None:
    count_minutes("transactions", total, project=project, minutes=minutes, environment=environment)
    count_minutes("transactions.failed", failed, project=project, minutes=minutes, environment=environment)


def test_too_many_failures_open_one_alert_per_environment(project: Project) -> None:
    requests(project, 12, minutes=range(1, 6))
    requests(project, 1, minutes=range(1, 6), environment="staging")
    count_minutes("tx.failed:POST /orders", 10, project=project, minutes=range(1, 6))
    count_minutes("tx.failed:GET /quotes", 2, project=project, minutes=range(1, 6))
    assert judge_error_rates(NOW) == 2
    alert = Alert.objects.get()
    assert (alert.title, alert.environment, alert.severity) == ("Error rate 12%", "production", "critical")
    assert alert.message == "Error rate 12%, above 10%: 60 failed / 500 requests in 5 min."
    assert alert.metadata["likely_cause"] == "POST /orders: 50 of the 60 failed requests."
    assert texts(alert) == [alert.message]
    assert rule("Error rate").last_reason == f"trading-api production: {alert.message}"
    turn_after()
    assert states() == ["pending"]


def test_the_running_minute_is_left_out(project: Project) -> None:
    requests(project, 100, minutes=range(1))
    requests(project, 1, minutes=range(1, 6))
    judge_error_rates(NOW)
    assert not Alert.objects.exists()
    assert "5 failed / 500 requests" in rule("Error rate").last_reason


def test_an_older_burst_is_not_in_the_window(project: Project) -> None:
    requests(project, 100, minutes=range(6, 20))
    requests(project, 0, minutes=range(1, 6))
    judge_error_rates(NOW)
    assert not Alert.objects.exists()


def test_a_burst_peaks_and_ends_by_itself(project: Project) -> None:
    """Bad from 15:07 to 15:15; at 15:20 a whole window has been below."""
    requests(project, 12, minutes=range(1, 6))
    judge_error_rates(NOW)
    turn_after()
    Notification.objects.update(state="sent", sent_at=NOW)
    for minute in range(1, 4):
        requests(project, 30, minutes=range(1 - minute, 2 - minute))
        judge_error_rates(NOW + minute * MINUTE)
        judge_error_rates(NOW + minute * MINUTE)  # a second beat in the same minute
    alert = Alert.objects.get()
    assert (alert.count, alert.title) == (4, "Error rate 12%")
    assert alert.metadata["peak"] == pytest.approx((12 * 2 + 30 * 3) / 500)

    for minute in range(4, 20):
        requests(project, 0, minutes=range(1 - minute, 2 - minute))
        judge_error_rates(NOW + minute * MINUTE)
    alert.refresh_from_db()
    assert (alert.state, alert.resolved_by) == (AlertState.RESOLVED, "TradeWatch")
    assert alert.ending == "Ended: error rate, 11 min, peak 22.8%"
    assert texts(alert)[-1].startswith("Ended: error rate, 11 min, peak 22.8%. Error rate ")
    turn_after(20 * 60)
    assert states("resolved") == ["pending"]
    assert Alert.objects.count() == 1


def test_silence_does_not_end_it_and_says_so(project: Project) -> None:
    requests(project, 50, minutes=range(1, 6))
    judge_error_rates(NOW)
    for minutes in (6, 30, 50, 300):
        judge_error_rates(NOW + minutes * MINUTE)
    assert Alert.objects.get().state == AlertState.FIRING
    assert rule("Error rate").last_reason.startswith("trading-api production: No data: no requests")


def test_few_requests_are_not_judged(project: Project) -> None:
    requests(project, 3, total=3, minutes=range(1, 6))
    judge_error_rates(NOW)
    assert not Alert.objects.exists()
    assert "Too few requests to judge: 15 in 5 min, needs 20." in rule("Error rate").last_reason


def test_without_transactions_events_are_compared_with_the_hour_before_and_end(project: Project) -> None:
    count_minutes("events", 2, project=project, minutes=range(6, 66))
    count_minutes("events", 12, project=project, minutes=range(1, 6))
    judge_error_rates(NOW)
    alert = Alert.objects.get()
    assert alert.title == "12 errors a minute, 6x the usual"
    for minute in range(1, 12):
        judge_error_rates(NOW + minute * MINUTE)
    alert.refresh_from_db()
    assert alert.state == AlertState.RESOLVED
    assert alert.ending.startswith("Ended: errors a minute, ")
    assert alert.ending.endswith("peak 12")


def test_the_baseline_is_the_hour_before_the_window_and_no_more(project: Project) -> None:
    count_minutes("events", 1000, project=project, minutes=range(66, 80))
    count_minutes("events", 4, project=project, minutes=range(1, 6))
    judge_error_rates(NOW)
    assert Alert.objects.get().title == "4 errors a minute, none in the hour before"


def test_the_threshold_is_the_rules_or_the_settings(project: Project, settings) -> None:
    requests(project, 5, minutes=range(1, 6))
    judge_error_rates(NOW)
    assert not Alert.objects.exists()
    settings.SENTRY_ERROR_RATE_THRESHOLD = 0.02
    AlertRule.objects.filter(is_default=True).update(threshold=0.06)
    judge_error_rates(NOW)
    assert not Alert.objects.exists()
    AlertRule.objects.filter(is_default=True).update(threshold=None)
    judge_error_rates(NOW)
    assert Alert.objects.get().title == "Error rate 5%"


def test_a_projects_own_rule_has_its_own_window_and_floor(project: Project) -> None:
    AlertRule.objects.create(
        name="Strict", kind="error_rate", project=project, threshold=0.01, window_seconds=120, minimum_count=2
    )
    requests(project, 1, total=2, minutes=range(1, 3))
    judge_error_rates(NOW)
    alert = Alert.objects.get()
    assert (alert.source, alert.severity) == ("Strict", "warning")
    assert alert.message == "Error rate 50%, above 1%: 2 failed / 4 requests in 2 min."


def test_the_setting_switches_it_off(project: Project, settings) -> None:
    settings.SENTRY_ALERT_ON_ERROR_RATE_INCREASE = False
    requests(project, 50, minutes=range(1, 6))
    judge_error_rates(NOW)
    assert not Alert.objects.exists()
    assert rule("Error rate").last_reason == "Switched off by SENTRY_ALERT_ON_ERROR_RATE_INCREASE."


def test_hour_buckets_are_not_counted_beside_the_minutes(project: Project) -> None:
    requests(project, 50, minutes=range(1, 6))
    Counter.objects.filter(resolution=60).delete()
    assert judge_error_rates(NOW) == 0


def test_an_alert_that_somebody_raised_under_our_key_is_left_alone(project: Project) -> None:
    raise_alert(
        SYSTEM, make_trigger(project_id=project.pk, dedup_key="error-rate:production", environment="production")
    )
    requests(project, 0, minutes=range(1, 6))
    judge_error_rates(NOW)
    assert Alert.objects.get().state == AlertState.FIRING


def test_sessions_are_counted_where_nothing_sends_transactions(project: Project) -> None:
    count_minutes("sessions", 100, project=project, minutes=range(1, 6))
    count_minutes("sessions.errored", 12, project=project, minutes=range(1, 6))
    judge_error_rates(NOW)
    alert = Alert.objects.get()
    assert alert.message == "Error rate 12%, above 10%: 60 failed / 500 sessions in 5 min."
    assert alert.metadata["basis"] == "sessions"


def test_sessions_say_nothing_where_transactions_are_sent(project: Project) -> None:
    requests(project, 0, minutes=range(1, 6))
    count_minutes("sessions", 100, project=project, minutes=range(1, 6))
    count_minutes("sessions.errored", 100, project=project, minutes=range(1, 6))
    judge_error_rates(NOW)
    assert not Alert.objects.exists()
