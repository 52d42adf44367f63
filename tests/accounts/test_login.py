"""The login page, its lockout, and what a login leads to."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from tests.accounts.builders import give_password, is_in
from tests.projects.builders import make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


def fail(client: Client, times: int, **headers: str):  # type: ignore[no-untyped-def]
    for _ in range(times):
        answer = client.post("/admin/login/", {"username": "ann", "password": "wrong"}, headers=headers)
    return answer


@pytest.mark.parametrize(
    "path", ["/admin/login/", "/login/reset", "/login/reset/sent", "/login/reset/done", "/account"]
)
def test_the_policy_of_these_pages_is_strict(client: Client, path: str) -> None:
    if path == "/account":
        client.force_login(make_user("ann", role=Role.VIEWER))
    answer = client.get(path)
    assert answer.status_code == 200
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_the_lockout_says_how_long_and_what_helps(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    answer = fail(client, 5)
    page = answer.content.decode()
    assert answer.status_code == 429 and 800 < int(answer["Retry-After"]) <= 900
    assert "locked for 15 min" in page and "/login/reset" in page
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_trying_again_does_not_make_the_lock_longer(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    fail(client, 5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=10))
    assert "locked for 5 min" in fail(client, 1).content.decode()
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    give_password(client)
    assert is_in(client)


def test_the_lock_is_for_name_and_address_together(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    make_user("ann", role=Role.VIEWER)
    fail(client, 5, **{"X-Forwarded-For": "203.0.113.9"})
    answer = client.post(
        "/admin/login/", {"username": "ann", "password": "pass-of-ann"}, headers={"X-Forwarded-For": "203.0.113.10"}
    )
    assert answer.status_code == 302


def test_an_unknown_name_and_a_wrong_password_read_the_same(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    make_user("out", is_staff=False)
    pages = set()
    for name, password in (("ann", "wrong"), ("nobody", "wrong"), ("out", "pass-of-out")):
        page = client.post("/admin/login/", {"username": name, "password": password}).content.decode()
        pages.add(page.split("door-fault")[1].split("</p>")[0])
    assert len(pages) == 1


def test_who_is_in_already_goes_on(client: Client) -> None:
    client.force_login(make_user("ann", role=Role.VIEWER))
    assert client.get("/admin/login/?next=/issues")["Location"] == "/issues"
    assert client.get("/admin/login/?next=//evil.example")["Location"] == "/error-dashboard.html"
