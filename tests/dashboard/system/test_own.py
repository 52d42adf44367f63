"""The page says of each measure what Prometheus and the status say, what to do, and nothing of other projects."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from alerts.models import Alert, AlertRule, NotificationChannel
from alerts.services import judge_measures
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.dashboard.system.own import value_words
from tradewatch.metrics.own import registry
from tradewatch.metrics.own.keeping import keep_own
from tradewatch.metrics.own.measures import BYTE, COUNT, DAY, RATIO, SECOND, Measure
from tradewatch.metrics.own.registry import Group, all_groups, all_measures, read_own
from tradewatch.projects.choices import Scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make_user("ada", is_superuser=True))
    return client


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, dict[str, float]]]:
    """What the measures say, in place of the machine's own: each another number."""
    measures = tuple(all_measures().values())
    said = {each.name: {"x" if each.label else "": 3.0 + number} for number, each in enumerate(measures)}
    monkeypatch.setattr(registry, "_groups", {"test": Group("test", "Test", measures, lambda now: dict(said))})
    yield said


def rows(page: str) -> dict[str, str]:
    """Return {measure: its row in words}."""
    found = re.findall(r'<tr id="(\w+)">(.*?)</tr>', page, re.DOTALL)
    return {name: " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split()) for name, text in found}


def test_page_prometheus_and_status_say_the_same(admin: Client, values: dict[str, dict[str, float]]) -> None:
    shown = rows(admin.get("/system").content.decode())
    text = admin.get("/performance/prometheus", headers=bearer(Scope.PERFORMANCE_READ)).content.decode()
    exposed = {family.name: family.samples for family in text_string_to_metric_families(text)}
    status = admin.get("/error-tracking/status", headers=bearer(Scope.ERRORS_READ)).json()["health"]["measures"]
    assert set(shown) == set(status) == set(values)
    for name, by_label in values.items():
        (value,) = by_label.values()
        measure = all_measures()[name]
        assert value_words(measure, value) in shown[name]
        assert [sample.value for sample in exposed[measure.family]] == [value]
        assert status[name] == (by_label if measure.label else value)


def test_all_groups_of_the_real_registry_are_shown_with_their_day_and_rules(admin: Client, inbox) -> None:
    make_project("first")
    keep_own(timezone.now() - timedelta(hours=3))
    page = admin.get("/system").content.decode()
    assert set(rows(page)) == set(all_measures())
    assert all(f"<h2>{group.title}</h2>" in page for group in all_groups())
    assert page.count('class="spark"') >= 15
    assert "Inbox falls behind above 2 min for 3 min" in rows(page)["inbox_oldest_age_seconds"]
    assert "TradeWatch's clock stands after 1 min" in rows(page)["clock_age_seconds"]
    AlertRule.objects.filter(name="Inbox falls behind").update(is_enabled=False)
    assert "Inbox falls behind switched off" in rows(admin.get("/system").content.decode())["inbox_oldest_age_seconds"]


def test_what_is_bad_stands_first_and_says_what_to_do(admin: Client, values: dict[str, dict[str, float]]) -> None:
    values.clear()
    values.update(inbox_oldest_age_seconds={"": 400.0}, dead_letters={"": 2.0}, workers={"": 1.0})
    page = admin.get("/system").content.decode()
    summary = page[page.index('id="health"') : page.index("</section>", page.index('id="health"'))]
    assert "2 measures not as they should be" in summary
    assert summary.index("Oldest in the inbox") < summary.index("Dead letters")
    assert "Look whether the worker runs" in rows(page)["inbox_oldest_age_seconds"]
    assert "Start a worker" not in page and "no data" in rows(page)["spool_bytes"]
    values.update(inbox_oldest_age_seconds={"": 0.0}, dead_letters={"": 0.0})
    assert "TradeWatch is well" in admin.get("/system").content.decode()


def test_nothing_of_a_project_that_one_does_not_see(client: Client, inbox) -> None:
    """Who may see the audit trail is staff of some projects, not of all."""
    user, hidden = make_user("vera"), make_project("quokka-desk")
    user.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    NotificationChannel.objects.create(project=hidden, name="Quokka room", kind="slack")
    AlertRule.objects.create(
        project=hidden, name="Quokka rule", kind="own_health", series="dead_letters", threshold=1, minimum_count=0
    )
    client.force_login(user)
    answer = client.get("/system")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "dead_letters" in page and "uokka" not in page


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        (SECOND, 0.431, "431 ms"),
        (SECOND, 45, "45.0 s"),
        (SECOND, 0, "0 s"),
        (SECOND, 250, "4 min"),
        (BYTE, 1.5e6, "1.5 MB"),
        (RATIO, 0.5, "50.0%"),
        (DAY, 12.4, "12 d"),
        (COUNT, 14800, "14,800"),
    ],
)
def test_values_are_said_with_their_unit(unit: str, value: float, said: str) -> None:
    assert value_words(Measure("x", "x", unit, ""), value) == said


def test_a_reading_takes_few_statements_however_much_is_stored(inbox, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(28):
        read_own(timezone.now())


def test_the_page_of_its_alert_draws_what_was_kept(admin: Client, values: dict[str, dict[str, float]]) -> None:
    make_project("first")
    now = timezone.now().replace(second=30, microsecond=0)
    values["spool_ratio"] = {"": 0.75}
    AlertRule.objects.filter(name="Relay spool fills").update(for_seconds=60, window_seconds=60)
    keep_own(now - timedelta(minutes=1))
    judge_measures(now)
    alert = Alert.objects.get(rule__name="Relay spool fills")
    page = admin.get(alert.get_absolute_url()).content.decode()
    assert "Spool in use 75%" in page and "fires above 50%" in page and "/system#spool_ratio" in page
