"""The way back on the pages: offered, asked for, its timeline; kept; how we deliver."""

import pytest
from django.test import Client
from django.utils import timezone

from releases.choices import Verdict
from releases.models import Deployment, Rollback
from tests.projects.builders import make_user
from tests.releases.rollbacks.builders import DAY, MINUTE, deploy, listen, look_at, make_unhealthy, requested
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


@pytest.fixture
def bad() -> Deployment:
    deploy("2.0.0", at=timezone.now() - 5 * DAY)
    row = make_unhealthy(deploy("2.0.1", at=timezone.now() - 10 * MINUTE))
    look_at(row, Verdict.UNHEALTHY, 5)
    return row


def log_in(client: Client, role: Role = Role.RESPONDER) -> None:
    client.force_login(make_user("jonas", role=role))


def page_of(client: Client, row: Deployment) -> str:
    return client.get(f"/releases/deployments/{row.pk}").content.decode()


def act(client: Client, path: str, **said: str) -> dict[str, object]:
    answer: dict[str, object] = client.post(f"/dashboard/actions/{path}", said, headers=JSON).json()
    return answer


def test_a_responder_sees_what_going_back_means_and_asks_for_it(client: Client, bad: Deployment) -> None:
    log_in(client)
    page = page_of(client, bad)
    assert "Roll production back to 2.0.0?" in page and "No rollback webhook is set" in page
    assert "Keep, with a reason" in page
    listen("https://ci.example/rollback")
    assert "CI is told by the project" in page_of(client, bad)
    told = act(client, f"way-back/{bad.pk}/rollback", reason="orders fail")
    assert (told["text"], told["failed"]) == (
        "Rollback to 2.0.0 requested, CI is told: 2.0.1 to production", False,
    )  # fmt: skip
    page = page_of(client, bad)
    assert "jonas: orders fail" in page and "Withdraw" in page and "Roll production back" not in page
    Rollback.objects.update(tries=11, next_try_at=None, answer="cannot connect")
    page = page_of(client, bad)
    assert "CI did not take it" in page and "11 tries: cannot connect" in page and "Tell CI again" in page
    rollback = Rollback.objects.get()
    assert act(client, f"rollbacks/{rollback.pk}/tell")["failed"] is False
    assert act(client, f"rollbacks/{rollback.pk}/withdraw")["failed"] is False
    assert "Called off by jonas." in page_of(client, bad)


def test_a_refusal_says_why(client: Client, bad: Deployment) -> None:
    log_in(client)
    told = act(client, f"way-back/{bad.pk}/rollback", reason=" ")
    assert told["failed"] is True and "reason: is empty" in str(told["text"])


def test_kept_with_undo(client: Client, bad: Deployment) -> None:
    log_in(client)
    told = act(client, f"way-back/{bad.pk}/keep", reason="their outage")
    assert "their outage" in page_of(client, bad)
    assert client.post(str(told["undo"]), headers=JSON).json()["failed"] is False
    assert "their outage" not in page_of(client, bad)


def test_a_viewer_sees_the_state_and_no_button(client: Client, bad: Deployment) -> None:
    log_in(client, Role.VIEWER)
    requested(bad, now=timezone.now())
    page = page_of(client, bad)
    assert "Back to 2.0.0" in page and "Withdraw</button>" not in page
    assert act(client, f"way-back/{bad.pk}/keep", reason="x")["failed"] is True


def test_both_ends_say_how_it_went(client: Client, bad: Deployment) -> None:
    log_in(client)
    requested(bad, now=timezone.now())
    back = deploy("2.0.0", at=timezone.now())
    page = page_of(client, bad)
    assert "2.0.0 deployed" in page and "Health is tested" in page
    assert "It takes" in page_of(client, back)


def test_how_we_deliver_stands_on_the_list(client: Client, bad: Deployment) -> None:
    log_in(client)
    page = client.get("/releases").content.decode()
    assert "How we deliver" in page and "2 in 30 days" in page and "0 / 2" in page
    deploy("2.0.0", at=timezone.now() - 3 * MINUTE)
    page = client.get("/releases").content.decode()
    assert "2 in 30 days, and 1 that took another back" in page and "1 / 2" in page


def test_a_markup_in_a_reason_stays_text(client: Client, bad: Deployment) -> None:
    log_in(client)
    act(client, f"way-back/{bad.pk}/rollback", reason="<script>alert(1)</script>")
    page = page_of(client, bad)
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)" in page
