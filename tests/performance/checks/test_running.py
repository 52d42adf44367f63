"""Claims, answers that come too late, and what alerts are told."""

from datetime import timedelta

import pytest

from alerts.models import Alert, OccurrenceRecord
from alerts.services.judging import judge_occurrences
from tests.performance.checks.builders import MINUTE, NOW, SECOND, answered, make_check
from tradewatch.core.actors import SYSTEM
from tradewatch.metrics.models import Resolution
from tradewatch.metrics.queries import percentiles, series_points
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.checks.plans import Answer
from tradewatch.performance.checks.retention import delete_old
from tradewatch.performance.checks.running import claim_due, claim_now, record, series_of
from tradewatch.performance.checks.services import delete_check, pause_check, resume_check
from tradewatch.performance.models import Check, CheckResult, CheckSpan

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FINE = Answer(Level.OK, "200 OK", 0.02)


def test_a_due_check_is_claimed_once_and_due_again_an_interval_later() -> None:
    check = make_check()
    assert [job.check_id for job in claim_due(NOW, limit=9)] == [check.pk]
    assert claim_due(NOW + 2 * SECOND, limit=9) == []
    check.refresh_from_db()
    assert check.next_due_at == NOW + MINUTE


def test_the_longest_due_go_first_and_no_more_than_there_are_places() -> None:
    late = make_check(name="late", next_due_at=NOW - MINUTE)
    for number in range(3):
        make_check(name=f"{number}")
    assert [job.check_id for job in claim_due(NOW, limit=1)] == [late.pk]
    assert claim_due(NOW, limit=0) == []


def test_it_keeps_its_rhythm_and_does_not_catch_up() -> None:
    check = make_check()
    (job,) = claim_due(NOW + 3 * SECOND, limit=1)
    record(job, FINE, at=NOW + 4 * SECOND)
    check.refresh_from_db()
    assert check.next_due_at == NOW + MINUTE
    (job,) = claim_due(NOW + 10 * MINUTE, limit=1)
    record(job, FINE, at=NOW + 10 * MINUTE)
    check.refresh_from_db()
    assert check.next_due_at == NOW + 11 * MINUTE


def test_a_claim_that_nobody_came_back_from_runs_out() -> None:
    check = make_check(timeout_seconds=10)
    (lost,) = claim_due(NOW, limit=1)
    assert claim_due(NOW + 39 * SECOND, limit=1) == []
    assert len(claim_due(NOW + 2 * MINUTE, limit=1)) == 1
    assert record(lost, FINE, at=NOW + 2 * MINUTE) is None, "the answer of the lost claim is void"
    assert not CheckResult.objects.filter(check_row=check).exists()


def test_a_clock_that_was_set_back_does_not_keep_checks_waiting() -> None:
    check = make_check()
    answered(check, Level.OK, NOW)
    assert claim_due(NOW - HOUR, limit=1), "it ran in what is now the future, and is due"
    assert claim_due(NOW - HOUR + 5 * SECOND, limit=1) == [], "but not while it is claimed"


def test_a_claim_from_the_future_is_no_claim() -> None:
    make_check(claimed_until=NOW + DAY)
    assert len(claim_due(NOW, limit=1)) == 1


def test_an_unconfirmed_failure_asks_again_soon() -> None:
    check = answered(make_check(retries=2), Level.FAILED, NOW)
    assert check.next_due_at == NOW + 10 * SECOND
    for second in (10, 20):
        check = answered(check, Level.FAILED, NOW + second * SECOND)
    assert (check.state, check.next_due_at) == ("down", NOW + 20 * SECOND + MINUTE)


def test_an_answer_for_a_check_that_is_gone_is_dropped() -> None:
    check = make_check()
    job = claim_now(check.pk, NOW)
    check.delete()
    assert record(job, FINE, at=NOW) is None


def test_answers_are_counted_and_timed() -> None:
    check = make_check()
    for second, level in enumerate([Level.OK, Level.OK, Level.FAILED, Level.NOT_RUN]):
        answered(check, level, NOW + second * SECOND, seconds=None if level == Level.FAILED else 0.25)
    start = int(NOW.timestamp())
    ids, series = [check.project_id], series_of(check.pk)
    assert series_points(ids, series, start, start + 60, 60) == [(start, 3, 3.0)]
    assert series_points(ids, f"{series}.failed", start, start + 60, Resolution.HOUR)[0][1] == 1
    assert percentiles(ids, series, start, start + 60, [0.5]) == [pytest.approx(0.25, rel=0.01)]


# --- alerts ----------------------------------------------------------------------------------------------------------
def news() -> list[str]:
    return list(OccurrenceRecord.objects.order_by("id").values_list("kind", flat=True))


def test_down_is_told_once_and_again_while_it_lasts() -> None:
    check = make_check()
    for minute in range(31):
        answered(check, Level.FAILED, NOW + minute * MINUTE)
    assert news() == ["check.down"] * 3
    judge_occurrences(NOW + 31 * MINUTE)
    alert = Alert.objects.get()
    assert alert.count == 3 and "for 30 min" in alert.message
    assert (alert.environment, alert.tags["check"]) == ("production", "Custody API")


def test_an_alert_that_somebody_resolved_too_early_opens_again() -> None:
    check = make_check()
    answered(check, Level.FAILED, NOW)
    judge_occurrences(NOW)
    Alert.objects.update(state="resolved", resolved_at=NOW)
    for minute in range(1, 17):
        answered(check, Level.FAILED, NOW + minute * MINUTE)
    judge_occurrences(NOW + 17 * MINUTE)
    assert Alert.objects.filter(state="firing").count() == 1


def test_a_recovery_before_the_rules_have_judged_opens_nothing() -> None:
    check = make_check()
    answered(check, Level.FAILED, NOW)
    answered(check, Level.OK, NOW + MINUTE)
    judge_occurrences(NOW + MINUTE)
    assert not Alert.objects.exists()


def test_what_cannot_be_asked_is_told_as_that() -> None:
    check = make_check(retries=1)
    for second in range(3):
        answered(check, Level.NOT_RUN, NOW + 10 * second * SECOND, detail="not asked: 10.0.0.1 is not public")
    assert news() == ["check.unknown"]
    assert not CheckSpan.objects.exists()
    answered(check, Level.OK, NOW + MINUTE)
    judge_occurrences(NOW + MINUTE)
    assert not Alert.objects.exists()


def test_a_certificate_that_ends_soon_is_told_each_day_until_it_is_renewed() -> None:
    check = make_check(tls_days=14)
    answered(check, Level.OK, NOW, tls_expires_at=NOW + 20 * DAY)
    assert news() == []
    for hour in range(30):
        answered(check, Level.OK, NOW + 7 * DAY + hour * HOUR, tls_expires_at=NOW + 20 * DAY)
    assert news() == ["check.tls_expiring"] * 2
    judge_occurrences(NOW + 9 * DAY)
    alert = Alert.objects.get()
    assert (alert.title, alert.severity) == ("Custody API: certificate ends in 13 d", "warning")
    answered(check, Level.OK, NOW + 18 * DAY, tls_expires_at=NOW + 20 * DAY)
    judge_occurrences(NOW + 18 * DAY)
    alert.refresh_from_db()
    assert alert.severity == "error", "it gets worse when three days are left"
    answered(check, Level.OK, NOW + 19 * DAY, tls_expires_at=NOW + 90 * DAY)
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_a_certificate_may_be_left_alone() -> None:
    answered(make_check(tls_days=None), Level.OK, NOW, tls_expires_at=NOW - DAY)
    assert news() == []


def test_pausing_ends_the_alert_and_nothing_is_asked() -> None:
    check = make_check()
    answered(check, Level.FAILED, NOW)
    judge_occurrences(NOW)
    pause_check(SYSTEM, check, reason="holiday", now=NOW + SECOND)
    assert Alert.objects.get().state == "resolved"
    assert claim_due(NOW + HOUR, limit=9) == []
    told = answered(check, Level.OK, NOW + HOUR)
    assert told.state == "paused" and CheckResult.objects.count() == 1
    resume_check(SYSTEM, check, now=NOW + 2 * HOUR)
    assert len(claim_due(NOW + 2 * HOUR, limit=9)) == 1


def test_a_run_that_was_under_way_when_it_was_paused_is_void() -> None:
    check = make_check()
    (job,) = claim_due(NOW, limit=1)
    pause_check(SYSTEM, check, now=NOW)
    assert record(job, FINE, at=NOW + SECOND) is None


def test_deleting_ends_the_alert() -> None:
    check = answered(make_check(), Level.FAILED, NOW)
    judge_occurrences(NOW)
    delete_check(SYSTEM, check, now=NOW)
    assert Alert.objects.get().state == "resolved" and not Check.objects.exists()


# --- retention -------------------------------------------------------------------------------------------------------
def test_good_answers_go_first_failures_later_spans_last(settings) -> None:
    settings.CHECK_RESULT_RETENTION, settings.EVENT_RETENTION = 7 * DAY, 90 * DAY
    settings.METRIC_RETENTION = 400 * DAY
    check = make_check()
    for days, level in [(500, Level.OK), (500, Level.FAILED), (95, Level.FAILED), (30, Level.OK), (30, Level.FAILED)]:
        CheckResult.objects.create(check_row=check, at=NOW - days * DAY, level=level)
    CheckResult.objects.create(check_row=check, at=NOW - DAY, level=Level.OK)
    for days in (401, 399):
        at = NOW - days * DAY
        CheckSpan.objects.create(check_row=check, state="up", started_at=at - HOUR, ended_at=at)
    assert delete_old(NOW) == 5
    left = CheckResult.objects.order_by("at").values_list("at", "level")
    assert [((NOW - at).days, level) for at, level in left] == [(30, "failed"), (1, "ok")]
    assert [(NOW - at).days for at in CheckSpan.objects.values_list("ended_at", flat=True)] == [399]
