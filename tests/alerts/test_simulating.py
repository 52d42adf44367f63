"""Simulated news: every rule answers, alert and group are apart and end, and nothing leaves unless it was asked for."""

from datetime import timedelta
from typing import Any

import pytest

from alerts.choices import AlertSeverity, RuleKind, Simulated
from alerts.models import Alert, AlertGroup, AlertRule, EscalationStep, Inhibition, Notification, NotificationChannel
from alerts.observe import SIMULATED_EVENT, record_occurrences
from alerts.occurrence import Occurrence
from alerts.queries import open_alert_counts, open_alerts
from alerts.services import judge_occurrences
from alerts.services.handling import resolve_alert
from alerts.simulating.judging import answers_to
from alerts.simulating.planning import planned_routes
from tests.alerts.builders import NOW, count_minutes, make_alert, make_news, story
from tests.alerts.engine.builders import at, make_policy, make_silence, person, root
from tests.alerts.mailbox import Mailbox, part, subject
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db
KEY = f"{SIMULATED_EVENT}:{'a' * 32}:issue:7"


def simulated(*kinds: str, key: str = KEY, mode: str = Simulated.HELD, **fields: Any) -> list[Occurrence]:
    """Return the news of one simulated event."""
    said = {"fingerprint": key, "simulated": mode, "tags": {"simulated": "yes"}, **fields}
    came = make_news(SIMULATED_EVENT, **{**said, "message": "It joins #7: neither new nor back."})
    return [*(make_news(kind, **said) for kind in kinds), came]


def judge(*news: Occurrence) -> Alert:
    record_occurrences(news)
    judge_occurrences(NOW)
    return Alert.objects.exclude(simulated="").latest("pk")


def test_it_opens_an_alert_of_its_own_and_leaves_rules_and_the_real_one_alone() -> None:
    record_occurrences([make_news()])
    judge_occurrences(NOW)
    real = Alert.objects.get()
    before = list(AlertRule.objects.order_by("pk").values()), Alert.objects.filter(pk=real.pk).values().get()
    alert = judge(*simulated("issue.new", "issue.critical", severity=AlertSeverity.CRITICAL))
    assert (alert.simulated, alert.count, alert.tags["simulated"]) == ("held", 1, "yes")
    assert alert.expires_at == NOW + timedelta(hours=1) and alert.dedup_key == KEY
    assert all(text.startswith("Simulated. ") for text in story(alert))
    assert before == (list(AlertRule.objects.order_by("pk").values()), Alert.objects.filter(pk=real.pk).values().get())
    project = make_project()
    assert list(open_alerts([project.pk])) == [real] and open_alert_counts([project.pk]).critical_firing == 0


def test_held_everything_is_decided_and_nothing_leaves(mailbox: Mailbox) -> None:
    root(policy=make_policy(0, 600))
    alert = judge(*simulated("issue.new"))
    for seconds in (31, 700, 3700, 4100, 4500):
        at(seconds)
    assert mailbox.mails == [] and not Notification.objects.exists()
    told = "\n".join(story(alert))
    assert "Would have told ann by e-mail, held back: simulated." in told
    assert "Would have told ben by e-mail, held back: simulated." in told
    assert "Step 1 of Desk: not sent, simulated: ann" in told and "Step 2 of Desk" in told
    alert.refresh_from_db()
    assert alert.state == "resolved" and AlertGroup.objects.get().state == "ended"


def test_told_people_are_and_every_text_begins_with_the_mark(mailbox: Mailbox) -> None:
    root(policy=make_policy(0))
    person("ann")
    judge(*simulated("issue.new", mode=Simulated.TOLD))
    at(31)
    at(3700)
    assert len(mailbox.mails) >= 2
    for mail in mailbox.mails:
        assert subject(mail).startswith("[simulated] ")
        assert part(mail, "plain").startswith("[simulated] ") and "did not happen again" in part(mail, "plain")


def test_two_simulations_and_a_real_alert_share_no_group() -> None:
    root(group_by=["project"])
    record_occurrences([make_news()])
    for letter in "ab":
        record_occurrences(simulated("issue.new", key=f"{SIMULATED_EVENT}:{letter * 32}:issue:7"))
    judge_occurrences(NOW)
    at(31)
    groups = list(AlertGroup.objects.order_by("pk"))
    assert sorted(group.simulated for group in groups) == ["", "held", "held"]
    assert all(group.members.count() == 1 for group in groups)


def test_a_person_ends_it_at_once() -> None:
    alert = judge(*simulated("issue.new"))
    resolve_alert(SYSTEM, alert)
    alert.refresh_from_db()
    assert alert.state == "resolved"


def test_it_inhibits_nothing_and_takes_no_turn() -> None:
    policy = make_policy(0)
    EscalationStep.objects.update(is_round_robin=True)
    root(policy=policy)
    Inhibition.objects.create(name="all", source="simulated=yes", target="source=cron")
    judge(*simulated("issue.new"))
    real = make_alert()
    at(31)
    assert "Inhibited" not in "\n".join(story(real)) and Notification.objects.filter(group__simulated="").exists()
    assert EscalationStep.objects.get(policy=policy).next_turn == 1  # the real one's


def test_a_silence_holds_it_as_it_would_hold_the_real_one() -> None:
    make_silence(matchers="environment=production")
    alert = judge(*simulated("issue.new", environment="production"))
    at(31)
    assert "Silenced by ann" in "\n".join(story(alert)) and "Would have told" not in "\n".join(story(alert))


def rule(kind: RuleKind, **fields: Any) -> AlertRule:
    return AlertRule.objects.create(name=f"Own {kind}", kind=kind, project=make_project(), **fields)


@pytest.mark.parametrize(
    ("kinds", "severity", "fires"),
    [
        (["issue.new"], "error", {"new_issue"}),
        (["issue.regressed"], "error", {"regression"}),
        (["issue.new", "issue.critical"], "critical", {"new_issue", "critical_error"}),
        ([], "error", set()),
    ],
)
def test_each_rule_answers_with_its_reason(kinds: list[str], severity: str, fires: set[str]) -> None:
    AlertRule.objects.all().delete()
    for kind in (RuleKind.NEW_ISSUE, RuleKind.REGRESSION, RuleKind.CRITICAL_ERROR, RuleKind.ERROR_RATE, RuleKind.CHECK):
        rule(kind)
    answers = answers_to(simulated(*kinds, severity=AlertSeverity(severity)), now=NOW)
    assert {each.rule.kind for each in answers if each.verdict.fires} == fires
    said = {each.rule.kind: each.verdict.reason for each in answers}
    assert set(said) == {"new_issue", "regression", "critical_error", "error_rate"} and all(said.values())
    assert "in none" in said["error_rate"]
    if "regression" not in fires:
        assert said["regression"] == "It joins #7: neither new nor back."


def test_a_rule_over_an_issues_events_is_asked_with_one_more() -> None:
    project = make_project()
    AlertRule.objects.all().delete()
    frequent = rule(RuleKind.ISSUE_FREQUENCY, threshold=3, window_seconds=300)
    news = simulated()
    (answer,) = answers_to(news, now=NOW)
    assert (answer.verdict.fires, answer.verdict.reason[:21]) == (False, "With this one: 1 even")
    count_minutes("issue:7", 3, project=project, minutes=range(1, 2))
    alert = judge(*news)
    assert alert.rule == frequent and alert.severity == "warning" and "4 events" in alert.message
    AlertRule.objects.update(environment="uat")
    assert "It is about uat" in answers_to(news, now=NOW)[0].verdict.reason
    AlertRule.objects.update(is_enabled=False)
    assert answers_to(news, now=NOW)[0].verdict.reason == "The rule is switched off."


def test_the_plan_says_who_would_be_told_by_what_and_when() -> None:
    channel = NotificationChannel.objects.create(
        name="#desk", kind="slack", settings={"url": "https://hooks.example/x"}
    )
    route = root(policy=make_policy(60, 600), group_wait_seconds=30)
    route.channels.add(channel)
    make_silence(matchers="simulated=yes")
    (plan,) = planned_routes(judge(*simulated("issue.new")), now=NOW)
    told = {(each.who, each.step, each.after_seconds) for each in plan.told}
    assert {("channel #desk", 0, 30), ("ann by e-mail", 1, 90), ("ben by e-mail", 2, 690)} <= told
    assert "Silenced by ann" in plan.held_by and plan.first_message_after_seconds == 30
