"""Passwords by mail."""

import re

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from tests.accounts.builders import give_password, is_in, log_in, make_verified_person
from tests.projects.builders import make_user
from tradewatch.accounts import reset
from tradewatch.accounts.models import SessionRecord
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "post", reset._send)


def ask(client: Client, email: str, **headers: str):  # type: ignore[no-untyped-def]
    return client.post("/login/reset", {"email": email}, headers=headers)


def link() -> str:
    found = re.search(r"http://\S+(/login/reset/\S+)", mail.outbox[-1].body)
    assert found is not None
    return found[1]


def set_password(client: Client, path: str, password: str = "quite new 77"):  # type: ignore[no-untyped-def]
    page = client.get(path, follow=True)
    return client.post(page.request["PATH_INFO"], {"new_password1": password, "new_password2": password})


def test_everybody_gets_the_same_answer(client: Client) -> None:
    make_user("ann", role=Role.VIEWER, email="ann@desk.example")
    make_user("old", email="old@desk.example", is_active=False)
    make_user("out", email="out@desk.example", is_staff=False)
    answers = {}
    for email in ("ann@desk.example", "old@desk.example", "out@desk.example", "nobody@desk.example"):
        answer = ask(client, email)
        answers[email] = (answer.status_code, answer["Location"], client.get(answer["Location"]).content[-300:])
    assert len(set(answers.values())) == 1
    assert [each.to for each in mail.outbox] == [["ann@desk.example"]]


def test_the_link_works_once_and_ends_every_session(client: Client) -> None:
    user = make_user("ann", role=Role.VIEWER, email="Ann@desk.example")
    here = log_in()
    ask(client, "ann@DESK.example")
    path = link()
    assert set_password(client, path).status_code == 302
    user.refresh_from_db()
    assert user.check_password("quite new 77")
    assert not is_in(here) and not is_in(client)
    assert not SessionRecord.objects.filter(ended_at=None).exists()
    assert AuditEntry.objects.filter(action="user.reset_password").exists()
    assert "does not work any more" in Client().get(path, follow=True).content.decode()


def test_a_new_password_does_not_open_past_the_second_factor(client: Client) -> None:
    make_verified_person(email="ann@desk.example")
    ask(client, "ann@desk.example")
    set_password(client, link())
    answer = client.post("/admin/login/", {"username": "ann", "password": "quite new 77"})
    assert answer["Location"] == "/login/code"


def test_the_link_is_under_our_own_address_whatever_the_host(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    make_user("ann", role=Role.VIEWER, email="ann@desk.example")
    ask(client, "ann@desk.example", Host="evil.example")
    body = mail.outbox[0].body + str(mail.outbox[0].alternatives[0][0])
    assert settings.PUBLIC_URL in body and "evil.example" not in body


def test_one_address_is_not_flooded(client: Client) -> None:
    make_user("ann", role=Role.VIEWER, email="ann@desk.example")
    for number in range(9):
        assert ask(client, "ann@desk.example", **{"X-Forwarded-For": f"10.0.0.{number}"}).status_code == 302
    assert len(mail.outbox) == 5


@pytest.mark.parametrize("path", ["/login/reset/MQ/set-password", "/login/reset/x/y", "/login/reset/MQ/abc-def"])
def test_a_made_up_link_opens_nothing(client: Client, path: str) -> None:
    make_user("ann", role=Role.VIEWER)
    answer = client.get(path)
    assert answer.status_code == 200 and "does not work any more" in answer.content.decode()
    client.post(path, {"new_password1": "quite new 77", "new_password2": "quite new 77"})
    assert User.objects.get().check_password("pass-of-ann")


def test_an_account_without_a_password_gets_in_by_its_invitation(client: Client) -> None:
    user = make_user("ann", role=Role.VIEWER, email="ann@desk.example")
    user.set_unusable_password()
    user.save()
    reset._send([reset.build_mail(user, "invite")])
    set_password(client, link(), "pass-of-ann")
    give_password(client)
    assert is_in(client)
