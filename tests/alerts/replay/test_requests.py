"""A replay as it is asked for and answered, and the admin page that asks."""

import io
import json
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from alerts import replay_page
from alerts.models import Alert, AlertRule
from alerts.replay.nights import Night
from alerts.replay.requests import Asked, answer, read_request, write_request
from alerts.services import judge_error_rates
from tests.admin.builders import make_person
from tests.alerts.builders import NOW, count_minutes
from tests.projects.builders import make_project
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
END = NOW.replace(second=0, microsecond=0)


@pytest.fixture
def project() -> Project:
    """Twice a bad stretch: five hours ago (10:12 UTC) and two hours ago."""
    project = make_project("trading-api")
    count_minutes("transactions", 100, project=project, minutes=range(1, 400))
    count_minutes("transactions.failed", 4, project=project, minutes=range(290, 300))
    count_minutes("transactions.failed", 40, project=project, minutes=range(110, 120))
    return project


def ask(project: Project, **changes) -> Asked:
    rule = AlertRule.objects.get(kind="error_rate", is_default=True)
    for name, value in changes.items():
        setattr(rule, name, value)
    night = Night("America/New_York")  # 05:12 there at the first stretch, 08:12 at the second
    return Asked(rule=rule, rule_id=rule.pk, project_ids=(project.pk,), until=END, days=1, night=night)


def test_a_stricter_rule_pages_more_and_at_night(project: Project) -> None:
    for minute in range(-130, 1):
        judge_error_rates(END + minute * timedelta(minutes=1))
    assert Alert.objects.count() == 1
    now, stricter = answer(ask(project)), answer(ask(project, threshold=0.03))
    assert (now["fired"], now["pages"], now["night_pages"]) == (1, 1, 0)
    assert now["before"] == {"fired": 1, "pages": 1, "night_pages": 0}
    assert (stricter["fired"], stricter["pages"], stricter["night_pages"]) == (2, 2, 1)
    newest, oldest = stricter["firings"]
    assert newest["title"].startswith("Error rate ")
    assert "above 3%" in oldest["reason"]
    assert Alert.objects.count() == 1


def test_a_request_survives_its_way_to_another_process(project: Project) -> None:
    asked = ask(project, threshold=0.03)
    again = read_request(json.loads(json.dumps(write_request(asked))))
    assert answer(again) == answer(asked)


def test_the_command_answers_on_standard_output(project: Project, monkeypatch) -> None:
    asked = ask(project)
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(write_request(asked))))
    monkeypatch.setattr("os.nice", lambda level: level)
    said = io.StringIO()
    call_command("replay", stdout=said)
    assert json.loads(said.getvalue()) == answer(asked)


@pytest.fixture
def page(project: Project, monkeypatch) -> str:
    monkeypatch.setattr(replay_page, "replay_apart", answer)  # the test's database is open in this process alone
    monkeypatch.setattr("django.utils.timezone.now", lambda: END)
    rule = AlertRule.objects.get(kind="error_rate", is_default=True)
    return reverse("admin:alerts_alertrule_replay_days", args=[rule.pk])


VALUES = {
    "threshold": "0.03",
    "window_seconds": "300",
    "for_seconds": "0",
    "minimum_count": "20",
    "severity": "",
    "days": "1",
    "night_from": "22:00",
    "night_to": "07:00",
    "zone": "America/New_York",
}


def visit(user: User, page: str, **values: str) -> str:
    client = Client()
    client.force_login(user)
    answered = client.get(page, {**VALUES, **values})
    assert answered.status_code == 200
    return answered.content.decode()


def test_the_page_shows_figures_beside_the_truth_and_names_each_firing(project: Project, page: str) -> None:
    text = visit(User.objects.create_superuser("chief"), page)
    assert "22:00 to 07:00 America/New_York" in text
    assert text.count("in truth 0") == 3
    assert "Mon 05:1" in text and "· night" in text
    assert not AlertRule.objects.filter(threshold=0.03).exists()


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"zone": "Mars/Olympus"}, "not a time zone, e.g. Europe/London"),
        ({"days": "31"}, "less than or equal to 30"),
        ({"window_seconds": "90"}, "whole minutes"),
        ({"threshold": "7"}, "a ratio from 0 to 1"),
        ({"night_from": "late"}, "Enter a valid time"),
    ],
)
def test_bad_values_are_refused_beside_their_fields(page: str, values: dict[str, str], says: str) -> None:
    assert says in visit(User.objects.create_superuser("chief"), page, **values)


def test_a_manager_replays_over_the_own_projects_alone(project: Project, page: str) -> None:
    other = make_project("other")
    text = visit(make_person("mara", Role.MANAGER, other), page)
    assert "It would not have fired." in text
