"""The report of a week: read from what happened, mailed once, and shown on its page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from alerts.engine.turning import turn
from alerts.models import Notification, WeeklyReport
from alerts.replay.nights import Night
from alerts.reports.figures import PersonLoad, RuleNoise
from alerts.reports.reading import read_report
from alerts.reports.weekly import send_weekly_reports, week_end
from alerts.services import acknowledge_alert, resolve_alert
from tests.admin.builders import make_person
from tests.alerts.builders import make_alert
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)


@pytest.fixture
def project(time_machine) -> Project:
    """A project whose night had two alerts: one answered and ended, one that goes on."""
    time_machine.move_to(MONDAY - timedelta(days=30), tick=False)
    project = make_project("trading-api", name="trading-api")
    Project.objects.update(created_at=MONDAY - timedelta(days=30))
    make_person("mara", Role.RESPONDER, project)
    time_machine.move_to(FRIDAY_NIGHT, tick=False)
    for source in ("Latency", "Quotes"):
        make_alert(project_id=project.pk, source=source, dedup_key=source, category="system", at=FRIDAY_NIGHT)
    turn(FRIDAY_NIGHT)
    turn(FRIDAY_NIGHT + timedelta(minutes=1))
    Notification.objects.update(state="sent", sent_at=FRIDAY_NIGHT, created_at=FRIDAY_NIGHT)
    alert = project.alerts.get(source="Latency")
    time_machine.move_to(FRIDAY_NIGHT + timedelta(minutes=4), tick=False)
    acknowledge_alert(SYSTEM, alert)
    time_machine.move_to(FRIDAY_NIGHT + timedelta(minutes=10), tick=False)
    resolve_alert(SYSTEM, alert)
    time_machine.move_to(MONDAY + timedelta(minutes=5), tick=False)
    return project


def test_a_report_is_read_from_alerts_and_messages(project: Project) -> None:
    found = read_report([project.pk], MONDAY - timedelta(days=7), MONDAY, night=Night())
    assert (found.alerts, found.open) == (2, 1)
    assert found.to_acknowledge.median == timedelta(minutes=4)
    assert found.to_resolve.median == timedelta(minutes=10)
    assert list(found.people) == [PersonLoad("mara", 1, 1)]  # by name, as whom a policy asks
    assert {noise.rule for noise in found.rules} == {"Latency", "Quotes"}
    assert RuleNoise("Latency", 1, 1, 0) in found.rules
    assert read_report([project.pk], MONDAY, MONDAY + timedelta(days=7), night=Night()).alerts == 0


def test_a_week_is_mailed_once_to_each_reader(project: Project) -> None:
    assert send_weekly_reports(MONDAY + timedelta(minutes=5)) == 1
    assert send_weekly_reports(MONDAY + timedelta(minutes=15)) == 0
    assert send_weekly_reports(MONDAY + timedelta(days=2)) == 0
    message = mail.outbox[0]
    assert len(mail.outbox) == 1
    assert message.to == ["mara@desk.example"]
    assert message.subject == "Alerts of the week: 2 alerts, 1 page · trading-api"
    assert "2 alerts and 1 page, 1 of them at night." in message.body
    assert "Time to acknowledge: 4 min (median of 1)" in message.body
    assert "/alerts/report?project=trading-api&days=7" in message.body
    html = message.alternatives[0][0]
    assert "Noisiest rules" in html and "Latency" in html


def test_a_quiet_week_and_a_young_project_are_not_mailed(project: Project) -> None:
    assert send_weekly_reports(MONDAY + timedelta(days=7, minutes=5)) == 0
    Project.objects.update(created_at=MONDAY + timedelta(days=8))
    assert send_weekly_reports(MONDAY + timedelta(days=7, minutes=5)) == 0
    assert mail.outbox == []


def test_a_failed_mail_is_tried_again_and_who_has_it_is_not_told_twice(project: Project, settings) -> None:
    make_person("tomas", Role.RESPONDER, project)
    settings.EMAIL_BACKEND = "tests.alerts.reports.refusing.SecondMailRefused"
    assert send_weekly_reports(MONDAY + timedelta(minutes=5)) == 0
    assert WeeklyReport.objects.get().told == ["mara@desk.example"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send_weekly_reports(MONDAY + timedelta(minutes=6)) == 0  # its lease still runs
    assert send_weekly_reports(MONDAY + timedelta(minutes=16)) == 1
    assert [message.to for message in mail.outbox] == [["tomas@desk.example"]]


def test_it_can_be_switched_off(project: Project, settings) -> None:
    settings.ALERT_WEEKLY_REPORT = False
    assert send_weekly_reports(MONDAY + timedelta(minutes=5)) == 0


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (MONDAY, MONDAY),
        (MONDAY + timedelta(days=6), MONDAY),
        (MONDAY - timedelta(minutes=1), MONDAY - timedelta(days=7)),
        (MONDAY + timedelta(days=7), MONDAY + timedelta(days=7)),
    ],
)
def test_a_week_ends_on_monday_at_seven(now: datetime, expected: datetime) -> None:
    assert week_end(now) == expected


def test_the_page_shows_the_same_figures_and_hides_other_projects(project: Project) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("chief"))
    text = client.get("/alerts/report?days=7").content.decode()
    assert "<b>2</b><p>1 of them still open</p>" in text
    assert "median; mean 4 min, 1 of the alerts that somebody acknowledged" in text
    assert "not a time zone" in client.get("/alerts/report?zone=Mars").content.decode()
    other = Client()
    other.force_login(make_person("eve", Role.VIEWER, make_project("other")))
    assert "<b>0</b><p>0 of them still open</p>" in other.get("/alerts/report?days=30").content.decode()
