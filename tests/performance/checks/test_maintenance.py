"""Maintenance over checks and cron monitors: it pages nobody, and pages say what of an outage was planned."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.delivery import deliver_due
from alerts.engine.turning import turn
from alerts.heartbeats.choices import EntryKind
from alerts.heartbeats.services import Told, look_at_due, take_report
from alerts.heartbeats.states import Report
from alerts.models import Alert, Heartbeat, HeartbeatEntry, MaintenanceWindow
from alerts.services.judging import judge_occurrences
from tests.alerts.builders import story
from tests.alerts.engine.builders import root, said
from tests.performance.checks.builders import MINUTE, answered, make_check
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.calendars.spans import Span
from tradewatch.performance.checks.choices import CheckState, Level
from tradewatch.performance.checks.states import Stretch
from tradewatch.performance.checks.uptime import outside
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
HOUR = timedelta(hours=1)


def let_pass(minutes: float) -> None:
    """Judge, turn groups and deliver, as the clock does, so long after NOW."""
    at = NOW + timedelta(minutes=minutes)
    judge_occurrences(at)
    turn(at)
    deliver_due(at)


def plan(matchers: str, start: timedelta, end: timedelta, **fields: Any) -> None:
    MaintenanceWindow.objects.create(
        name="Venue move", matchers=matchers, starts_at=NOW + start, ends_at=NOW + end, **fields
    )


@pytest.fixture(autouse=True)
def _told_at_once(settings: Any) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]
    root(group_wait_seconds=0)


def test_a_check_that_fails_in_maintenance_pages_nobody_until_it_is_over() -> None:
    plan('check="Custody API"', -HOUR, 20 * MINUTE)
    held, other = make_check(), make_check(name="Prices", address="http://prices.example/")
    for check in (held, other):
        answered(check, Level.FAILED, NOW)
    let_pass(1)
    assert [alert.title for alert in Alert.objects.order_by("title")] == ["Custody API: down", "Prices: down"]
    assert len(said()) == 1, "Prices alone"
    assert any("Maintenance Venue move" in text for text in story(Alert.objects.get(title="Custody API: down")))
    let_pass(19)
    assert len(said()) == 1
    let_pass(21)
    assert len(said()) == 2, "it still fires when the maintenance is over"


def test_one_that_is_back_before_it_is_over_was_heard_by_nobody() -> None:
    plan("kind=http", -HOUR, 20 * MINUTE)
    check = make_check()
    answered(check, Level.FAILED, NOW)
    let_pass(1)
    answered(check, Level.OK, NOW + 5 * MINUTE)
    let_pass(30)
    assert (Alert.objects.get().state, said(), said("resolved")) == ("resolved", [], [])


def test_a_cron_monitor_that_is_missed_in_maintenance_pages_nobody() -> None:
    plan("heartbeat=settlement", -HOUR, HOUR)
    usual = {"project": make_project(), "interval_seconds": 600, "grace_seconds": 60}
    for slug in ("settlement", "margin"):
        row = Heartbeat.objects.create(name=slug.title(), slug=slug, **usual)
        take_report(row.pk, Told(Report(EntryKind.SUCCESS, NOW)), now=NOW)
    assert look_at_due(NOW + 12 * MINUTE) == 2
    let_pass(13)
    assert Alert.objects.count() == 2
    assert len(said()) == 1, "Margin alone"


def letters(line: str) -> list[Stretch]:
    states = {"o": CheckState.UP, "x": CheckState.DOWN}
    return [Stretch(states[each], NOW + at * MINUTE, NOW + (at + 1) * MINUTE) for at, each in enumerate(line)]


@pytest.mark.parametrize(
    ("line", "planned", "left"),
    [
        ("oxo", [], [("up", 0, 1), ("down", 1, 2), ("up", 2, 3)]),
        ("oxo", [(1, 2)], [("up", 0, 1), ("up", 2, 3)]),
        ("x", [(0.25, 0.5), (0.4, 0.75)], [("down", 0, 0.25), ("down", 0.75, 1)]),
        ("ox", [(-5, 9)], []),
    ],
)
def test_what_lies_outside_of_maintenance(line: str, planned: Any, left: Any) -> None:
    spans = [Span(NOW + start * MINUTE, NOW + end * MINUTE) for start, end in planned]
    found = [
        (each.state.value, (each.start - NOW) / MINUTE, (each.end - NOW) / MINUTE)
        for each in outside(letters(line), spans)
    ]
    assert found == left


def test_the_page_and_the_api_say_what_of_an_outage_was_planned(client: Client) -> None:
    client.force_login(make_user("jonas", role=Role.RESPONDER))
    check = make_check(interval_seconds=60)
    for minute in range(30, -1, -1):
        level = Level.FAILED if minute in (25, 24, 23, 5) else Level.OK
        answered(check, level, NOW - minute * MINUTE)
    page = client.get(check.get_absolute_url()).content.decode()
    assert "without maintenance" not in page and ">maintenance<" not in page
    plan("severity=critical", -HOUR, -2 * MINUTE)  # matches another severity
    plan('check="Custody API"', -26 * MINUTE, -22 * MINUTE, project=make_project("theirs"))
    assert "without maintenance" not in client.get(check.get_absolute_url()).content.decode()
    plan('check="Custody API"', -26 * MINUTE, -22 * MINUTE)
    page = client.get(check.get_absolute_url()).content.decode()
    assert "86.66%" in page, "4 of 30 minutes, whatever was planned"
    assert page.count("96.15% without maintenance") == 3, "1 of 26"
    assert page.count('title="Venue move">maintenance<') == 1
    [last, first] = client.get(f"/performance/checks/{check.pk}", headers=bearer("performance:read")).json()["outages"]
    assert (last["maintenance"], first["maintenance"]) == ("", "Venue move")


def test_recurring_maintenance_is_found_in_the_past() -> None:
    weekday = f"{NOW - HOUR:%A}".lower()
    MaintenanceWindow.objects.create(name="Weekly", windows=[{"weekdays": [weekday], "times": ["00:00-24:00"]}])
    client = Client()
    client.force_login(make_user("jonas", role=Role.RESPONDER))
    check = make_check()
    answered(check, Level.FAILED, NOW - 60 * MINUTE)
    answered(check, Level.OK, NOW - 59 * MINUTE)
    assert 'title="Weekly">maintenance<' in client.get(check.get_absolute_url()).content.decode()


def test_the_page_of_a_cron_monitor_says_what_went_wrong_in_maintenance(client: Client) -> None:
    client.force_login(make_user("jonas", role=Role.RESPONDER))
    row = Heartbeat.objects.create(project=make_project(), name="Settlement", slug="settlement")
    for minutes, kind in ((50, "success"), (40, "missed"), (30, "success"), (20, "fail")):
        HeartbeatEntry.objects.create(heartbeat=row, at=NOW - minutes * MINUTE, kind=kind)
    plan("heartbeat=settlement, category=heartbeat", -45 * MINUTE, -25 * MINUTE)
    page = client.get(row.get_absolute_url()).content.decode()
    assert page.count("2 of 4 runs went wrong, 1 in maintenance") == 3
