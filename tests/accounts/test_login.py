"""The login page, its lockout, and what a login leads to."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.test import Client
from django.utils import timezone

from tests.accounts.builders import give_password, is_in
from tests.projects.builders import make_user
from tradewatch.accounts.lockouts import NAME_FAILURES, open_at
from tradewatch.accounts.services import reset_password
from tradewatch.accounts.views.login import LOGINS_A_MINUTE
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


def test_an_ipv6_network_is_one_address(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    make_user("ann", role=Role.VIEWER)
    statuses = [guess(client, address=f"2001:db8:0:1::{number}") for number in range(6)]
    assert statuses == [200, 200, 200, 200, 429, 429]
    assert guess(client, address="2001:db8:0:2::1") == 200


@pytest.mark.parametrize("name", ["ann", "nobody"])
def test_a_name_takes_only_so_many_failures_from_everywhere(client: Client, settings, name: str) -> None:  # type: ignore[no-untyped-def]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    make_user("ann", role=Role.VIEWER)
    statuses = [guess(client, name, address=f"203.0.113.{number // 2}") for number in range(NAME_FAILURES)]
    assert set(statuses) == {200}
    answer = client.post("/admin/login/", right(name), headers={"X-Forwarded-For": "198.51.100.1"})
    assert answer.status_code == 429 and 800 < int(answer["Retry-After"]) <= 900
    assert "from several addresses" in answer.content.decode()
    AccessAttempt.objects.filter(ip_address="203.0.113.0").update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert guess(client, name, address="198.51.100.1") == 200, "it ends by itself, as the failures lapse"


def test_nobody_keeps_a_person_out_of_where_they_were_in_before(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    make_user("ann", role=Role.VIEWER)
    home, elsewhere = {"X-Forwarded-For": "2001:db8::7"}, {"X-Forwarded-For": "2001:db8:7::7"}
    client.post("/admin/login/", right("ann"), headers=home)
    client.post("/admin/logout/")
    for number in range(NAME_FAILURES):
        guess(client, address=f"203.0.113.{number}")
    assert client.post("/admin/login/", right("ann"), headers=elsewhere).status_code == 429
    assert client.post("/admin/login/", right("ann"), headers={"X-Forwarded-For": "2001:db8::8"}).status_code == 302


def test_a_password_set_by_mail_opens_where_it_was_set(client: Client, settings) -> None:  # type: ignore[no-untyped-def]
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    user = make_user("ann", role=Role.VIEWER)
    for number in range(NAME_FAILURES):
        guess(client, address=f"203.0.113.{number}")
    reset_password(user, "quite new 77", address="198.51.100.1", now=timezone.now())
    form = {"username": "ann", "password": "quite new 77"}
    assert client.post("/admin/login/", form, headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 429
    assert client.post("/admin/login/", form, headers={"X-Forwarded-For": "198.51.100.1"}).status_code == 302


MORNING = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("counts", "minute"),
    [([], None), ([19], None), ([20], 0), ([1, 19], 0), ([1, 20], 1), ([10, 1, 10], 0), ([1, 1, 1, 18], 1), ([40], 0)],
)
def test_a_name_is_open_again_once_enough_has_lapsed(counts: list[int], minute: int | None) -> None:
    rows = [(MORNING + timedelta(minutes=number), count) for number, count in enumerate(counts)]
    expected = None if minute is None else MORNING + timedelta(minutes=minute)
    assert open_at(rows, limit=20) == expected


def test_one_address_logs_in_only_so_often_whatever_the_names(client: Client) -> None:
    make_user("ann", role=Role.VIEWER)
    with time_machine.travel(MORNING, tick=False):
        statuses = [guess(client, f"name{number}") for number in range(LOGINS_A_MINUTE)]
        answer = client.post("/admin/login/", right("ann"))
    assert set(statuses) == {200}
    assert (answer.status_code, answer["Retry-After"]) == (429, "60")
    assert f"more than {LOGINS_A_MINUTE} within a minute" in answer.content.decode()
    with time_machine.travel(MORNING + timedelta(minutes=1), tick=False):
        assert client.post("/admin/login/", right("ann")).status_code == 302


def right(name: str) -> dict[str, str]:
    return {"username": name, "password": f"pass-of-{name}"}


def guess(client: Client, name: str = "ann", *, address: str = "") -> int:
    form = {"username": name, "password": "wrong"}
    return int(client.post("/admin/login/", form, headers={"X-Forwarded-For": address}).status_code)


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
