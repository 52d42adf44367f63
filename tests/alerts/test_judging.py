"""News in, alerts and outbox rows out, through the services."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import transaction

from alerts.choices import AlertSeverity, AlertState, RuleKind
from alerts.models import Alert, AlertRule, Notification, OccurrenceRecord, TimelineEntry
from alerts.observe import record_occurrences
from alerts.services import acknowledge_alert, judge_occurrences, judging, observe, observe_end, resolve_alert
from alerts.services.opening import lock_open_alert, open_or_update
from tests.alerts.builders import MINUTE, NOW, make_news, make_trigger, rule, states, texts, turn_after
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.core.kick import route_kicks

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_reader(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]


def test_a_new_issue_opens_an_alert_with_its_reason_and_a_mail() -> None:
    observe(make_news(tags={"release": "2.0.1"}, count=3))
    assert judge_occurrences(NOW) == 1
    alert = Alert.objects.get()
    assert (alert.dedup_key, alert.severity, alert.count) == ("issue:7", "error", 3)
    assert (alert.title, alert.link, alert.environment) == ("KeyError: 'GHOST'", "/issues/7", "production")
    assert (alert.source, alert.rule, alert.tags) == ("New issue", rule("New issue"), {"release": "2.0.1"})
    assert texts(alert) == ["New issue: KeyError: 'GHOST'. Rule: New issue."]
    turn_after()
    assert list(Notification.objects.values_list("target", "event", "state")) == [
        ("desk@example.com", "firing", "pending")
    ]


def test_each_rule_says_why_it_fired_or_not() -> None:
    observe(make_news())
    judge_occurrences(NOW)
    assert rule("New issue").last_reason == "New issue: KeyError: 'GHOST'."
    assert rule("New issue").last_fired_at == rule("New issue").last_judged_at == NOW
    assert rule("Critical error").last_reason == "Not critical: KeyError: 'GHOST' is error."
    assert rule("Critical error").last_fired_at is None
    assert rule("Regression").last_judged_at is None  # there was nothing to judge


def test_news_is_judged_once() -> None:
    observe(make_news())
    assert [judge_occurrences(NOW), judge_occurrences(NOW)] == [1, 0]
    assert Alert.objects.get().count == 1
    assert OccurrenceRecord.objects.get().judged_at == NOW


def test_two_rules_that_match_open_one_alert_with_one_mail_and_the_higher_severity() -> None:
    record_occurrences([make_news("issue.new"), make_news("issue.critical", severity=AlertSeverity.CRITICAL)])
    judge_occurrences(NOW)
    alert = Alert.objects.get()
    assert alert.severity == AlertSeverity.CRITICAL
    assert sorted(texts(alert)) == [
        "Critical error: KeyError: 'GHOST'. Rule: Critical error.",
        "New issue: KeyError: 'GHOST'. Rule: New issue.",
    ]
    turn_after()
    assert Notification.objects.count() == 1


def test_two_rules_over_the_same_news_count_it_once() -> None:
    observe(make_news("issue.new", severity=AlertSeverity.CRITICAL, count=4))
    judge_occurrences(NOW)
    assert Alert.objects.get().count == 4


def test_two_pieces_of_news_of_one_moment_speak_of_the_same_events() -> None:
    severity = AlertSeverity.CRITICAL
    record_occurrences(
        [make_news("issue.new", severity=severity, count=3), make_news("issue.critical", severity=severity, count=2)]
    )
    record_occurrences([make_news("issue.critical", severity=severity, count=5, occurred_at=NOW + MINUTE)])
    judge_occurrences(NOW)
    assert Alert.objects.get().count == 3 + 5


def test_a_second_trigger_counts_and_sends_nothing() -> None:
    observe(make_news())
    judge_occurrences(NOW)
    observe(make_news("issue.regressed", occurred_at=NOW + MINUTE, count=2))
    judge_occurrences(NOW + MINUTE)
    alert = Alert.objects.get()
    assert (alert.count, alert.starts_at, alert.last_at) == (3, NOW, NOW + MINUTE)
    assert TimelineEntry.objects.count() == 1
    for seconds in (31, 331, 631):
        turn_after(seconds)
    assert Notification.objects.count() == 1


def test_raised_to_critical_is_mailed_again_once_the_first_mail_left() -> None:
    observe(make_news())
    judge_occurrences(NOW)
    turn_after(30)
    Notification.objects.update(state="sent", sent_at=NOW)
    for seconds in (40, 50):
        observe(make_news("issue.critical", severity=AlertSeverity.CRITICAL))
        judge_occurrences(NOW)
        turn_after(seconds)
    assert list(Notification.objects.order_by("id").values_list("sequence", "state")) == [(1, "sent"), (2, "pending")]
    assert texts(Alert.objects.get())[2].startswith("Raised from error to critical. Critical error: KeyError")


def test_raised_before_the_first_mail_left_is_one_mail() -> None:
    observe(make_news())
    judge_occurrences(NOW)
    turn_after(30)
    observe(make_news("issue.critical", severity=AlertSeverity.CRITICAL))
    judge_occurrences(NOW)
    turn_after(40)
    assert states() == ["pending"]


def test_acknowledged_alerts_count_without_a_mail_even_when_raised() -> None:
    observe(make_news())
    judge_occurrences(NOW)
    turn_after()
    Notification.objects.update(state="sent")
    acknowledge_alert(SYSTEM, Alert.objects.get())
    observe(make_news("issue.critical", severity=AlertSeverity.CRITICAL))
    judge_occurrences(NOW)
    alert = Alert.objects.get()
    turn_after(400)
    assert (alert.state, alert.severity, alert.count) == (AlertState.ACKNOWLEDGED, AlertSeverity.CRITICAL, 2)
    assert states() == ["sent"]


def test_resolving_frees_the_key_and_the_next_alert_knows_the_one_before() -> None:
    observe(make_news())
    judge_occurrences(NOW)
    first = resolve_alert(SYSTEM, Alert.objects.get())
    observe(make_news("issue.regressed"))
    judge_occurrences(NOW)
    second = Alert.objects.exclude(pk=first.pk).get()
    assert second.previous == first
    assert (second.state, second.count) == (AlertState.FIRING, 1)


def test_the_same_fingerprint_in_two_projects_is_two_alerts() -> None:
    other = make_project("other")
    record_occurrences([make_news(), make_news(project_id=other.pk)])
    judge_occurrences(NOW)
    assert set(Alert.objects.values_list("project_id", flat=True)) == {make_project().pk, other.pk}


def test_more_news_than_a_batch_is_judged_in_one_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "BATCH_SIZE", 3)
    record_occurrences(
        [make_news(fingerprint=f"issue:{number % 4}", occurred_at=NOW + number * MINUTE) for number in range(10)]
    )
    assert judge_occurrences(NOW) == 10
    assert sorted(Alert.objects.values_list("dedup_key", "count")) == [
        ("issue:0", 3),
        ("issue:1", 3),
        ("issue:2", 2),
        ("issue:3", 2),
    ]


def test_a_judge_that_dies_midway_leaves_nothing_half_done() -> None:
    record_occurrences([make_news(fingerprint=f"issue:{number}") for number in range(3)])
    killed = mock.patch("alerts.services.opening.bulk.insert_objects", side_effect=RuntimeError("killed"))
    with killed, pytest.raises(RuntimeError):
        judge_occurrences(NOW)
    assert (Alert.objects.count(), TimelineEntry.objects.count()) == (0, 0)
    assert not OccurrenceRecord.objects.filter(judged_at__isnull=False).exists()
    assert rule("New issue").last_judged_at is None
    assert judge_occurrences(NOW) == 3
    assert Alert.objects.count() == 3


def test_news_of_a_transaction_that_fails_never_was() -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        observe(make_news())
        raise RuntimeError("the event was not stored")
    assert judge_occurrences(NOW) == 0


def test_two_judges_that_open_the_same_key_make_one_alert() -> None:
    """The second looks before the first has committed and inserts after it: only the unique index stands between."""
    open_or_update(make_trigger(), now=NOW)
    with mock.patch("alerts.services.opening.lock_open_alert", side_effect=_blind_once()):
        alert, is_new = open_or_update(make_trigger(count=2), now=NOW)
    assert (is_new, alert.count) == (False, 3)
    assert Alert.objects.count() == 1


def _blind_once():
    calls = iter([True])
    return lambda *args: None if next(calls, False) else lock_open_alert(*args)


def test_a_producer_ends_what_it_reported() -> None:
    observe(make_news())
    judge_occurrences(NOW)
    turn_after()
    Notification.objects.update(state="sent")
    later, project = NOW + 24 * MINUTE, make_project()
    with transaction.atomic():
        ended = observe_end(project.pk, "issue:7", why="Its issue is resolved.", by="ann", now=later)
        assert observe_end(project.pk, "issue:7", why="Again.", by="ann", now=later) is None
        assert observe_end(project.pk, "issue:8", why="Never was.", by="ann", now=later) is None
    assert ended is not None
    assert (ended.state, ended.resolved_by) == (AlertState.RESOLVED, "ann")
    assert ended.ending == "Ended: KeyError: 'GHOST', 24 min"
    assert texts(ended)[-1] == "Its issue is resolved."
    turn_after(24 * 60)
    assert states("resolved") == ["pending"]


def test_no_news_kicks_nobody(django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        record_occurrences([])
    assert callbacks == []


def test_the_same_occasion_counts_once() -> None:
    for occasion in ("15:12", "15:12", "15:13"):
        open_or_update(make_trigger(occasion=occasion), now=NOW)
    assert Alert.objects.get().count == 2


def test_what_is_committed_is_kicked(django_capture_on_commit_callbacks) -> None:
    kicks: list[str] = []
    route_kicks(kicks.append)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            observe(make_news())
        with django_capture_on_commit_callbacks(execute=True):
            judge_occurrences(NOW)
        with django_capture_on_commit_callbacks(execute=True):
            turn_after()
    finally:
        route_kicks(lambda work: None)
    assert kicks == ["alerts", "alerts", "deliver"]


# --- switches --------------------------------------------------------------------------------------------------
def test_the_setting_switches_the_default_rule_and_the_rule_says_so(settings) -> None:
    settings.SENTRY_ALERT_ON_CRITICAL_ERRORS = False
    observe(make_news("issue.critical", severity=AlertSeverity.CRITICAL))
    judge_occurrences(NOW)
    assert not Alert.objects.exists()
    assert rule("Critical error").last_reason == "Switched off by SENTRY_ALERT_ON_CRITICAL_ERRORS."


def test_the_setting_leaves_a_rule_that_people_made(settings) -> None:
    settings.SENTRY_ALERT_ON_CRITICAL_ERRORS = False
    AlertRule.objects.create(name="Ours", kind=RuleKind.CRITICAL_ERROR)
    observe(make_news("issue.critical", severity=AlertSeverity.CRITICAL))
    judge_occurrences(NOW)
    assert Alert.objects.get().source == "Ours"


def test_a_disabled_rule_is_silent() -> None:
    AlertRule.objects.filter(kind=RuleKind.NEW_ISSUE).update(is_enabled=False)
    observe(make_news())
    judge_occurrences(NOW)
    assert not Alert.objects.exists()


def test_a_projects_own_switched_off_rule_silences_the_general_one_there_only() -> None:
    quiet, loud = make_project("quiet"), make_project("loud")
    AlertRule.objects.create(name="Off here", kind=RuleKind.NEW_ISSUE, project=quiet, is_enabled=False)
    record_occurrences([make_news(project_id=quiet.pk), make_news(project_id=loud.pk)])
    judge_occurrences(NOW)
    assert Alert.objects.get().project == loud


def test_a_rules_severity_raises_the_alerts() -> None:
    AlertRule.objects.filter(kind=RuleKind.REGRESSION).update(severity="critical")
    observe(make_news("issue.regressed", severity=AlertSeverity.WARNING))
    judge_occurrences(NOW + timedelta(seconds=1))
    assert Alert.objects.get().severity == AlertSeverity.CRITICAL
