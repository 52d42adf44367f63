"""A change of a route over past alerts: what gets lost or later is named, on its page too."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from alerts.matchers import parse_matchers
from alerts.models import Route
from alerts.replay.nights import Night
from alerts.replay.trees import compare
from alerts.routing import Node, Settings
from tests.admin.builders import make_person
from tests.alerts.builders import make_alert
from tests.alerts.replay.test_messages import HOUR, MINUTE, NOON, ROOT, past
from tests.projects.builders import make_project
from tradewatch.projects.choices import Role


def compared(then: Node, *alerts):
    return compare(alerts, ROOT, then, until=NOON + 2 * HOUR, night=Night(zone="America/New_York"))


def test_the_same_tree_changes_nothing() -> None:
    found = compared(ROOT, past(1, ends=10), past(2, at=30))
    assert [(count.now, count.then) for count in found.counts] == [(3, 3), (2, 2), (0, 0)]
    assert not (found.lost or found.later or found.gained or found.moved)


def test_what_is_lost_is_named() -> None:
    quiet = Node(id=2, name="Batch", matchers=parse_matchers("environment=batch"), settings=Settings(tells_nobody=True))
    then = Node(id=1, name="Everything", settings=Settings(mails_members=True), children=(quiet,))
    found = compared(then, past(1, environment="batch"), past(2, at=20, category="system"))
    assert [change.alert.id for change in found.lost] == [1]
    assert [(count.label, count.now, count.then) for count in found.counts][1] == ("Pages", 2, 1)


def test_what_gets_later_is_named_with_by_how_much() -> None:
    then = Node(id=1, name="Everything", settings=Settings(mails_members=True, group_wait=120))
    found = compared(then, past(1), past(2, at=60, category="system", severity="critical"))
    assert [(change.alert.id, change.by) for change in found.later] == [(1, 1.5 * MINUTE)]


def test_what_another_route_tells_is_named() -> None:
    orders = Node(id=2, name="Orders", matchers=parse_matchers("source=orders"), settings=Settings(mails_members=True))
    then = Node(id=1, name="Everything", settings=Settings(mails_members=True), children=(orders,))
    found = compared(then, past(1, source="orders"), past(2, source="quotes"))
    assert [(change.now_path, change.then_path) for change in found.moved] == [("Everything", "Everything > Orders")]


@pytest.fixture
def page(db, time_machine) -> str:
    time_machine.move_to(NOON, tick=False)
    project = make_project("trading-api")
    for number in range(3):
        at = NOON - timedelta(hours=number + 1)
        make_alert(project_id=project.pk, dedup_key=str(number), title=f"Slow {number}", source="orders", at=at, now=at)
    root = Route.objects.get(parent=None)
    route = Route.objects.create(parent=root, name="Orders", matchers="source=orders", mails_members=True)
    return reverse("admin:alerts_route_replay_days", args=[route.pk])


VALUES = {
    "is_enabled": "on", "position": "100", "matchers": "source=orders", "days": "30", "night_from": "22:00",
    "night_to": "07:00", "zone": "UTC", "group_by": "null",
}  # fmt: skip


def visit(user: User, page: str, **values: str) -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(page, {**VALUES, **values})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_names_what_nobody_would_hear_of_and_saves_nothing(page: str) -> None:
    text = visit(User.objects.create_superuser("chief"), page, tells_nobody="true")
    assert "3 alerts" in text and "Not told any more: 3" in text and "Slow 2" in text
    assert Route.objects.get(name="Orders").tells_nobody is None
    same = visit(User.objects.get(username="chief"), page)
    assert "Nobody would have heard of anything otherwise." in same


def test_bad_matchers_are_refused_beside_their_field(page: str) -> None:
    text = visit(User.objects.create_superuser("chief"), page, matchers="source=~((")
    assert "text-red-700" in text and "Not told" not in text


def test_nobody_sees_another_projects_alerts_in_a_replay(page: str) -> None:
    text = visit(make_person("mara", Role.MANAGER, make_project("other")), page, tells_nobody="true")
    assert "0 alerts" in text and "Slow" not in text
