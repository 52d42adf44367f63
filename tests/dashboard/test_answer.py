"""The page behind the links in messages: scanners open it, people press its button."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from alerts.links import signed_url
from alerts.models import Alert
from tests.admin.builders import make_alert, make_person, make_project
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def path_of(
    alert: Alert, action: str = "acknowledge", receiver: str = "desk@example.com", person: User | None = None
) -> str:
    user_id = None if person is None else person.pk
    url = signed_url("alert", alert.pk, action, receiver, user_id=user_id, now=timezone.now())  # type: ignore[arg-type]
    return "/alerts" + url.partition("/alerts")[2]


@pytest.fixture
def alert() -> Alert:
    return make_alert(make_project())


def state(alert: Alert) -> str:
    alert.refresh_from_db()
    return alert.state


def test_whoever_opens_the_link_sees_one_button_and_changes_nothing(client: Client, alert: Alert) -> None:
    for _ in range(3):
        answer = client.get(path_of(alert))
        assert client.head(path_of(alert)).status_code == 200
    page = answer.content.decode()
    assert "New issue" in page and "Nobody has acknowledged it." in page and "As desk@example.com." in page
    assert page.count('type="submit"') == 1
    assert state(alert) == "firing"
    assert not AuditEntry.objects.filter(action__startswith="alert.").exists()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_the_button_acknowledges_for_an_address_that_is_nobodys(client: Client, alert: Alert) -> None:
    answer = client.post(path_of(alert), follow=True)
    page = answer.content.decode()
    assert "desk@example.com by a link has it." in page and "Nothing left to do here" in page
    assert state(alert) == "acknowledged"
    entry = AuditEntry.objects.get(action="alert.acknowledge")
    assert (entry.actor_kind, entry.actor_label, entry.address) == ("system", "desk@example.com by a link", "127.0.0.1")


def test_a_person_acts_as_themselves(client: Client, alert: Alert) -> None:
    ann = make_person("ann", Role.RESPONDER, alert.project)
    assert client.post(path_of(alert, "resolve", "Ann@Desk.example", ann)).status_code == 302
    assert state(alert) == "resolved"
    entry = AuditEntry.objects.get(action="alert.resolve")
    assert (entry.actor_kind, entry.actor_id, entry.actor_label) == ("user", ann.pk, "ann")
    assert "resolved by ann" in alert.ending


@pytest.mark.parametrize("address", ["val@desk.example", "other@desk.example", ""])
@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_a_person_without_the_role_is_told_so_whatever_their_address_is(
    client: Client, alert: Alert, action: str, address: str
) -> None:
    val = make_person("val", Role.VIEWER, alert.project)
    User.objects.filter(pk=val.pk).update(email=address)
    answer = client.post(path_of(alert, action, "val@desk.example", val))
    assert answer.status_code == 403
    assert "Needs the role responder" in answer.content.decode()
    assert state(alert) == "firing"


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, None])
def test_somebody_who_left_does_nothing_any_more(client: Client, alert: Alert, change: dict[str, bool] | None) -> None:
    old = make_person("old", Role.MANAGER, alert.project)
    path = path_of(alert, receiver="old@desk.example", person=old)
    if change is None:
        old.delete()
    else:
        User.objects.update(**change)
    answer = client.post(path)
    assert answer.status_code == 403 and "whose account is closed" in answer.content.decode()
    assert state(alert) == "firing"


def test_an_address_in_somebodys_account_makes_a_link_of_a_list_not_theirs(client: Client, alert: Alert) -> None:
    val = make_person("val", Role.VIEWER, alert.project)
    User.objects.filter(pk=val.pk).update(email="desk@example.com")  # neither verified nor unique
    assert client.post(path_of(alert)).status_code == 302
    assert (state(alert), alert.acknowledged_by) == ("acknowledged", "desk@example.com by a link")


def test_an_alert_that_has_ended_is_shown_as_ended(client: Client, alert: Alert) -> None:
    client.post(path_of(alert, "resolve"))
    page = client.get(path_of(alert)).content.decode()
    assert "Ended: New issue" in page and 'type="submit"' not in page
    late = client.post(path_of(alert))
    assert late.status_code == 409 and "It ended at" in late.content.decode()


@pytest.mark.parametrize(
    ("change", "status", "says"), [("x", 400, "not one of ours"), ("gone", 404, "past its retention")]
)
def test_a_bad_link_says_what_is_wrong(client: Client, alert: Alert, change: str, status: int, says: str) -> None:
    path = path_of(alert)
    if change == "gone":
        alert.delete()
    else:
        path = path[:-2]
    for answer in (client.get(path), client.post(path)):
        assert answer.status_code == status
        assert says in answer.content.decode()


def test_an_expired_link_does_nothing(client: Client, alert: Alert) -> None:
    url = signed_url("alert", alert.pk, "resolve", "desk@example.com", now=timezone.now() - timedelta(days=8))
    answer = client.post("/alerts" + url.partition("/alerts")[2])
    assert answer.status_code == 400 and "has expired" in answer.content.decode()
    assert state(alert) == "firing"


def test_a_form_of_another_site_cannot_press_the_button(alert: Alert) -> None:
    assert Client(enforce_csrf_checks=True).post(path_of(alert)).status_code == 403
    assert state(alert) == "firing"


def test_hostile_titles_are_text(client: Client, alert: Alert) -> None:
    Alert.objects.update(title="<script>alert(1)</script>")
    assert "<script>alert" not in client.get(path_of(alert)).content.decode()


def test_guessing_is_slowed_down(client: Client) -> None:
    codes = [client.get("/alerts/answer/guess").status_code for _ in range(61)]
    assert codes[0] == 400 and codes[-1] == 429
