"""Rules about TradeWatch itself: on from the start, fire after a while, name the cure, end by themselves."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from alerts.measures.faults import faults_of
from alerts.measures.own_rules import OWN_RULES
from alerts.models import Alert, AlertRule
from alerts.services import judge_measures
from alerts.services.own_rules import restore_own_rules
from tests.alerts.builders import MINUTE, NOW
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.dashboard.scope import user_actor
from tradewatch.metrics.own import registry
from tradewatch.metrics.own.keeping import keep_own
from tradewatch.metrics.own.registry import Group, all_groups, all_measures
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
NAME = "Inbox falls behind"


@pytest.fixture(autouse=True)
def values(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, float]]]:
    """What the measures say, in place of the machine's own."""
    said: dict[str, dict[str, float]] = {}
    measures = tuple(measure for group in all_groups() for measure in group.measures)
    monkeypatch.setattr(registry, "_groups", {"test": Group("test", "Test", measures, lambda now: dict(said))})
    yield said


@pytest.fixture(autouse=True)
def first() -> Project:
    return make_project("first")


def pass_minutes(count: int, *, start: int = 0) -> None:
    """Keep and judge minute after minute, as the clock does."""
    for minute in range(start, start + count):
        keep_own(NOW + minute * MINUTE + timedelta(seconds=30))
        judge_measures(NOW + (minute + 1) * MINUTE + timedelta(seconds=25))


def test_every_rule_is_on_and_can_be_judged() -> None:
    stored = {rule.name: rule for rule in AlertRule.objects.filter(kind__in=["own_health", "clock"], is_default=True)}
    assert set(stored) == set(OWN_RULES)
    for name, fields in OWN_RULES.items():
        assert stored[name].is_enabled and stored[name].project is None
        assert {field: getattr(stored[name], field) for field in fields} == dict(fields)
        assert faults_of(stored[name]) == {}


def test_it_fires_after_three_minutes_names_the_cure_and_ends_by_itself(values: dict[str, dict[str, float]]) -> None:
    make_project("second")
    values["inbox_oldest_age_seconds"] = {"": 200.0}
    pass_minutes(2)
    assert not Alert.objects.exists()
    assert "fires after 3 min" in AlertRule.objects.get(name=NAME).last_reason
    pass_minutes(3, start=2)
    alert = Alert.objects.get()
    assert (alert.project.slug, alert.severity, alert.category) == ("first", "warning", "system")
    assert alert.title == f"{NAME}: Oldest in the inbox 3 min"
    assert alert.link == "/system#inbox_oldest_age_seconds"
    assert "above 2 min for 3 min" in alert.message and "Look whether the worker runs" in alert.message
    values["inbox_oldest_age_seconds"] = {"": 0.0}
    pass_minutes(2, start=5)
    alert.refresh_from_db()
    assert alert.state == "firing", "a dip ends nothing"
    pass_minutes(5, start=7)
    alert.refresh_from_db()
    assert (alert.state, Alert.objects.count()) == ("resolved", 1)


def test_one_bad_minute_tells_nobody(values: dict[str, dict[str, float]]) -> None:
    for minute in range(8):
        values["inbox_oldest_age_seconds"] = {"": 170.0 if minute == 3 else 0.0}
        pass_minutes(1, start=minute)
    assert not Alert.objects.exists()


def test_each_channel_is_judged_by_itself(values: dict[str, dict[str, float]]) -> None:
    values["deliveries_failed"] = {"email": 0.0, "slack": 2.0}
    pass_minutes(2)
    alert = Alert.objects.get()
    assert alert.title == "Messages failed for good: Messages that failed for good (slack) 2"
    assert alert.labels["channel"] == "slack"
    values["deliveries_failed"] = {"email": 1.0, "slack": 2.0}
    pass_minutes(2, start=2)
    assert Alert.objects.count() == 2


def test_little_is_bad_where_the_rule_says_below(values: dict[str, dict[str, float]]) -> None:
    values["disk_free_bytes"] = {"": 5e9}
    pass_minutes(4)
    values["disk_free_bytes"] = {"": 9e8}
    pass_minutes(7, start=4)
    alert = Alert.objects.get()
    assert (alert.severity, alert.title) == ("critical", "Disk almost full: Free on the disk 900 MB")


def test_what_is_not_measured_any_more_is_unknown_and_ends_nothing(values: dict[str, dict[str, float]]) -> None:
    values["digest_stalled_seconds"] = {"": 900.0}
    pass_minutes(3)
    values.clear()
    pass_minutes(10, start=3)
    assert Alert.objects.get().state == "firing"


def test_switched_off_it_tells_nobody(values: dict[str, dict[str, float]]) -> None:
    AlertRule.objects.filter(kind="own_health").update(is_enabled=False)
    values["inbox_oldest_age_seconds"] = {"": 900.0}
    pass_minutes(5)
    assert not Alert.objects.exists()


def test_a_series_that_is_no_measure_is_refused_by_name() -> None:
    rule = AlertRule(kind="own_health", series="inbox_age", threshold=1)
    assert "inbox_oldest_age_seconds" in faults_of(rule)["series"]


def test_a_minute_of_all_rules_costs_a_few_reads(
    values: dict[str, dict[str, float]], django_assert_max_num_queries
) -> None:
    AlertRule.objects.exclude(kind="own_health").delete()
    values.update({rule.series: {"": 0.0} for rule in AlertRule.objects.all() if rule.comparison == "above"})
    pass_minutes(5)
    keep_own(NOW + 6 * MINUTE)
    with django_assert_max_num_queries(20 + len(OWN_RULES)):
        judge_measures(NOW + 7 * MINUTE)


def test_what_was_changed_and_deleted_is_restored_by_name() -> None:
    AlertRule.objects.filter(name=NAME).update(threshold=9999, is_enabled=False)
    AlertRule.objects.filter(name="Digest stands still").delete()
    mine = AlertRule.objects.create(name=NAME, kind="own_health", series="dead_letters", threshold=7)
    assert restore_own_rules(SYSTEM) == [NAME, "Digest stands still"]
    test_every_rule_is_on_and_can_be_judged()
    mine.refresh_from_db()
    assert mine.threshold == 7, "a rule of the same name that somebody made is theirs"
    assert restore_own_rules(SYSTEM) == []
    assert AuditEntry.objects.filter(action__startswith="rule.").count() == 2


def test_who_is_no_superuser_restores_nothing(first: Project) -> None:
    with pytest.raises(NotAllowed):
        restore_own_rules(user_actor(make_user("mia", role=Role.MANAGER, project=first)))


def test_the_page_of_documentation_names_every_measure_and_rule() -> None:
    page = (settings.BASE_DIR / "docs" / "health.md").read_text()
    prometheus = (settings.BASE_DIR / "docs" / "prometheus.md").read_text()
    for name in all_measures():
        assert f"`{name}" in page, name
        assert re.search(rf"`(tradewatch)?_{name}[`{{]", prometheus), name
    for name in OWN_RULES:
        assert name in page, name


def test_the_admin_makes_chosen_ones_as_they_came(client: Client) -> None:
    client.force_login(make_user("ada", is_superuser=True))
    AlertRule.objects.filter(kind="own_health").update(threshold=9999)
    chosen = AlertRule.objects.get(name=NAME)
    url = reverse("admin:alerts_alertrule_changelist")
    page = client.post(url, {"action": "restore", "_selected_action": [chosen.pk]}, follow=True).content.decode()
    assert f"As they came: {NAME}." in page
    assert AlertRule.objects.filter(kind="own_health", threshold=9999).count() == len(OWN_RULES) - 2
    chosen.refresh_from_db()
    assert chosen.threshold == 120
