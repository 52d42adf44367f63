"""CI's webhook, received by a real HTTP server: up, slow, refusing, gone, or leading elsewhere."""

import socket
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_httpserver import HTTPServer
from standardwebhooks import Webhook, WebhookVerificationError

from alerts.channels import http
from alerts.channels.outcome import Outcome
from alerts.channels.webhook import new_secret
from releases.choices import RollbackState
from releases.models import ReleaseSettings, Rollback
from releases.rollbacks import telling
from releases.rollbacks.retries import MAX_TRIES, wait_after
from releases.rollbacks.services import tell_again, withdraw_rollback
from releases.rollbacks.telling import LEASE, tell_due
from releases.rollbacks.webhook import replace_secret
from tests.releases.rollbacks.builders import deploy, listen, requested
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _local_receivers(settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.1/32"]
    settings.PUBLIC_URL = "https://watch.example.com"


@pytest.fixture
def secret() -> str:
    return new_secret()


@pytest.fixture
def rollback(httpserver: HTTPServer, secret: str) -> Rollback:
    listen(httpserver.url_for("/rollback?key=k3y"), secret)
    return requested(now=timezone.now() - timedelta(seconds=1))


def tick(rollback: Rollback, *, after: timedelta = timedelta()) -> Rollback:
    tell_due(timezone.now() + after)
    rollback.refresh_from_db()
    return rollback


def received(httpserver: HTTPServer, secret: str) -> list[Any]:
    """Return the bodies, each verified as a receiver does it."""
    return [Webhook(secret).verify(request.data, dict(request.headers)) for request, _ in httpserver.log]


def test_ci_receives_a_signed_request_once(httpserver: HTTPServer, rollback: Rollback, secret: str) -> None:
    httpserver.expect_request("/rollback", method="POST").respond_with_data("pipeline 8813", status=202)
    told = tick(rollback)
    assert (told.tries, told.answer, told.next_try_at) == (1, "202 pipeline 8813", None)
    assert told.told_at is not None
    (body,) = received(httpserver, secret)
    assert body == {
        "type": "rollback.requested",
        "timestamp": rollback.requested_at.isoformat(),
        "data": {
            "project": "default",
            "environment": "production",
            "from_version": "2.0.1",
            "to_version": "2.0.0",
            "deployment_id": rollback.deployment_id,
            "rollback_id": rollback.pk,
            "requested_by": "TradeWatch",
            "reason": "orders fail",
            "url": f"https://watch.example.com/releases/deployments/{rollback.deployment_id}",
        },
    }
    request = httpserver.log[0][0]
    assert request.headers["webhook-id"] == f"rollback-{rollback.pk}"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(request.data, dict(request.headers))
    tick(rollback, after=timedelta(hours=2))
    assert len(httpserver.log) == 1


def test_a_refusal_that_may_pass_is_tried_again_with_the_same_id(
    httpserver: HTTPServer, rollback: Rollback, secret: str
) -> None:
    httpserver.expect_ordered_request("/rollback").respond_with_data("starting", status=503)
    httpserver.expect_ordered_request("/rollback").respond_with_data("busy", 429, headers={"Retry-After": "200"})
    httpserver.expect_ordered_request("/rollback").respond_with_data("ok")
    failed = tick(rollback)
    assert (failed.told_at, failed.tries, failed.answer) == (None, 1, "503 starting")
    assert failed.next_try_at is not None
    assert timedelta(seconds=3) < failed.next_try_at - timezone.now() <= wait_after(1)  # type: ignore[operator]
    tick(rollback)
    assert len(httpserver.log) == 1  # not due yet
    asked = tick(rollback, after=timedelta(seconds=6))
    assert asked.next_try_at is not None
    assert timedelta(seconds=190) < asked.next_try_at - timezone.now() <= timedelta(seconds=200)
    told = tick(rollback, after=timedelta(seconds=201))
    assert told.told_at is not None and told.tries == 3
    bodies = received(httpserver, secret)
    assert bodies[0] == bodies[1] == bodies[2]
    assert {request.headers["webhook-id"] for request, _ in httpserver.log} == {f"rollback-{rollback.pk}"}


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_a_refusal_that_stays_is_not_repeated_until_a_person_says_so(
    httpserver: HTTPServer, rollback: Rollback, status: int
) -> None:
    httpserver.expect_request("/rollback").respond_with_data("no: key=k3y", status=status)
    refused = tick(rollback)
    assert (refused.told_at, refused.next_try_at, refused.answer) == (None, None, f"{status} no: …")
    tick(rollback, after=timedelta(hours=1))
    assert len(httpserver.log) == 1
    tell_again(SYSTEM, rollback.pk, now=timezone.now())
    tick(rollback)
    assert len(httpserver.log) == 2


def test_a_redirect_is_not_followed(httpserver: HTTPServer, rollback: Rollback) -> None:
    location = {"Location": "http://169.254.169.254/latest/meta-data/"}
    httpserver.expect_request("/rollback").respond_with_data("", status=307, headers=location)
    refused = tick(rollback)
    assert (refused.told_at, refused.next_try_at, refused.answer) == (None, None, "307")


@pytest.mark.parametrize("url", ["http://10.1.2.3/hook", "http://169.254.169.254/", "http://[::1]:8000/"])
def test_private_addresses_are_not_called(url: str, secret: str) -> None:
    listen(url, secret)
    refused = tick(requested(now=timezone.now() - timedelta(seconds=1)))
    assert refused.told_at is None and "is not a public address" in refused.answer


def test_a_receiver_that_is_down_is_tried_over_about_an_hour(secret: str) -> None:
    listen("http://127.0.0.1:9/rollback", secret)
    rollback = requested(now=timezone.now() - timedelta(seconds=1))
    waited = timedelta()
    for tries in range(1, MAX_TRIES + 1):
        rollback = tick(rollback, after=timedelta(hours=1))
        assert (rollback.tries, rollback.answer, rollback.told_at) == (tries, "cannot connect", None)
        waited += wait_after(tries) or timedelta()
    assert rollback.next_try_at is None
    assert timedelta(minutes=50) < waited < timedelta(minutes=75)
    assert rollback.state == RollbackState.REQUESTED  # a person may still do it by hand


def test_a_receiver_that_never_answers_does_not_hold_the_worker(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "STEP_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        listen(f"http://127.0.0.1:{silent.getsockname()[1]}/rollback", secret)
        before = time.monotonic()
        failed = tick(requested(now=timezone.now() - timedelta(seconds=1)))
    assert time.monotonic() - before < 5
    assert (failed.told_at, failed.answer) == (None, "no answer within 0.3 s")
    assert failed.next_try_at is not None


def test_a_lost_worker_loses_nothing(
    httpserver: HTTPServer, rollback: Rollback, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker is gone after CI took the request and before that was written."""
    httpserver.expect_request("/rollback").respond_with_data("ok")

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("releases.rollbacks.telling._settle", die)
        tick(rollback)
    assert len(tick(rollback).answer) == 0  # claimed by the one that is gone
    told = tick(rollback, after=LEASE + timedelta(seconds=1))
    assert told.told_at is not None and told.tries == 2
    assert [body["data"]["rollback_id"] for body in received(httpserver, secret)] == [rollback.pk] * 2


def test_ci_may_have_deployed_before_it_answers(rollback: Rollback, monkeypatch: pytest.MonkeyPatch) -> None:
    def deploys(*_: object, **__: object) -> Outcome:
        deploy("2.0.0", at=timezone.now())
        return Outcome(is_sent=True, answer="200 done")

    monkeypatch.setattr(telling, "post", deploys)
    told = tick(rollback)
    assert (told.state, told.next_try_at, told.answer) == (RollbackState.DEPLOYED, None, "200 done")
    assert told.told_at is not None


def test_what_was_withdrawn_is_not_told(httpserver: HTTPServer, rollback: Rollback) -> None:
    withdraw_rollback(SYSTEM, rollback.pk, now=timezone.now())
    assert tick(rollback, after=timedelta(hours=1)).tries == 0
    assert not httpserver.log


def test_while_one_worker_tells_no_other_does(
    httpserver: HTTPServer, rollback: Rollback, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/rollback").respond_with_data("ok")
    others, send = [], telling.post

    def send_slowly(*said: Any, **more: Any) -> Outcome:
        others.append(tell_due(timezone.now()))
        return send(*said, **more)

    monkeypatch.setattr(telling, "post", send_slowly)
    tick(rollback)
    assert (others, len(httpserver.log)) == ([0], 1)


def test_without_a_secret_nothing_goes_out_unsigned(httpserver: HTTPServer, rollback: Rollback) -> None:
    ReleaseSettings.objects.update(encrypted_rollback_secret="")
    refused = tick(rollback)
    assert refused.answer.startswith("not told: there is no secret") and not httpserver.log


def test_while_the_receiver_changes_over_both_secrets_sign(
    httpserver: HTTPServer, rollback: Rollback, secret: str
) -> None:
    httpserver.expect_request("/rollback").respond_with_data("ok")
    newer = replace_secret(SYSTEM, ReleaseSettings.objects.get())
    tick(rollback)
    assert received(httpserver, secret) == received(httpserver, newer)
    newest = replace_secret(SYSTEM, ReleaseSettings.objects.get())
    assert ReleaseSettings.objects.get().encrypted_rollback_secret.split() == [newest, newer]
