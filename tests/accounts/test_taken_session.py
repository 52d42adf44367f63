"""What somebody gets who has a session and not its password: nothing that lasts."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from tests.accounts.builders import is_in, log_in
from tests.projects.builders import make_user
from tradewatch.accounts import reset
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
OLD, NEW = "ann@desk.example", "thief@evil.example"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reset, "post", reset._send)


@pytest.fixture
def taken() -> Client:
    make_user("ann", role=Role.VIEWER, email=OLD)
    return log_in()


def move(client: Client, email: str = NEW, **given: str) -> Any:
    return client.post("/account/profile", {"first_name": "", "last_name": "", "email": email, **given})


@pytest.mark.parametrize(
    ("given", "fault"),
    [({}, "Enter your password"), ({"password": ""}, "Enter your password"), ({"password": "no"}, "Is incorrect.")],
)
def test_the_address_does_not_change_without_the_password(
    taken: Client, given: dict[str, str], fault: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = move(taken, **given)
    assert answer.status_code == 400
    assert fault in answer.content.decode().partition('id="profile_password"')[2].partition("</div>")[0]
    assert User.objects.get().email == OLD and mail.outbox == []


@pytest.mark.parametrize(("email", "told"), [(NEW, f"to {NEW}"), ("", "there is none now")])
def test_the_old_address_is_told(taken: Client, email: str, told: str, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        assert move(taken, email, password="pass-of-ann").status_code == 302
    assert User.objects.get().email == email
    (sent,) = mail.outbox
    html = str(sent.alternatives[0][0])
    assert sent.to == [OLD] and told in sent.body and "/login/reset" not in sent.body + html
    assert "/account" in sent.body and "/account" in html
    assert is_in(taken)


def test_a_name_changes_without_the_password_and_a_first_address_tells_nobody(
    django_capture_on_commit_callbacks: Any,
) -> None:
    make_user("ann", role=Role.VIEWER)
    here = log_in()
    with django_capture_on_commit_callbacks(execute=True):
        assert here.post("/account/profile", {"first_name": "Ann", "email": ""}).status_code == 302
        assert move(here, password="pass-of-ann").status_code == 302
    assert User.objects.get().email == NEW and mail.outbox == []


def guess_by_profile(client: Client, password: str) -> Any:
    return move(client, password=password)


def guess_by_password(client: Client, password: str) -> Any:
    fields = {"old_password": password, "new_password1": "quite new 77", "new_password2": "quite new 77"}
    return client.post("/account/password", fields)


def guess_by_factor(client: Client, password: str) -> Any:
    return client.post("/login/second-factor", {"password": password})


def test_guesses_end_whichever_form_and_session_they_come_by(taken: Client) -> None:
    other = log_in()
    for guess in (guess_by_profile, guess_by_password, guess_by_factor, guess_by_profile, guess_by_password):
        assert "Is incorrect." in guess(taken, "wrong").content.decode()
    for guess in (guess_by_profile, guess_by_password, guess_by_factor):
        for client in (taken, other):
            assert "Too many were wrong" in guess(client, "pass-of-ann").content.decode()
    assert User.objects.get().check_password("pass-of-ann") and User.objects.get().email == OLD


def test_the_right_password_begins_the_count_anew(taken: Client) -> None:
    for number in range(3):
        for _ in range(4):
            guess_by_password(taken, "wrong")
        assert move(taken, f"ann{number}@desk.example", password="pass-of-ann").status_code == 302
