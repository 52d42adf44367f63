"""The whole way: a server goes away and comes back, the check says so, and an alert opens and ends."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.models import Alert
from alerts.services.judging import judge_occurrences
from tests.backends import free_port, running_postgres, running_redis
from tests.performance.checks.builders import http_server, make_check
from tests.performance.checks.servers import certificate, forwarding, socket_of
from tradewatch.core.actors import SYSTEM
from tradewatch.performance.checks.choices import CheckKind
from tradewatch.performance.checks.services import run_now
from tradewatch.performance.models import Check, CheckResult

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Service:
    """A real server that is there while `running` is entered, and the fields of the check that asks it."""

    fields: dict[str, Any]
    running: Callable[[], contextlib.AbstractContextManager[Any]]
    good: str
    gone: str


def an_http_server() -> Service:
    port = free_port()
    fields = {"kind": CheckKind.HTTP, "address": f"http://127.0.0.1:{port}/health"}
    return Service(fields, lambda: http_server(port=port), "200 OK", "connection refused")


def a_redis() -> Service:
    port = free_port()
    fields = {"kind": CheckKind.REDIS, "connection": f"redis://127.0.0.1:{port}"}
    return Service(fields, lambda: running_redis(port), "PONG", "connection refused")


def a_postgres() -> Service:
    port = free_port()

    @contextlib.contextmanager
    def running() -> Iterator[None]:
        with running_postgres() as url, forwarding(socket_of(url), port=port):
            yield

    fields = {"kind": CheckKind.POSTGRES, "connection": f"postgresql://postgres@127.0.0.1:{port}/postgres"}
    return Service(fields, running, "SELECT 1 on PostgreSQL", "connection refused")


@pytest.mark.parametrize("service", [an_http_server, a_redis, a_postgres], ids=lambda make: make.__name__)
def test_a_server_goes_down_and_comes_back(service: Callable[[], Service], settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    asked = service()
    check = make_check(retries=1, recoveries=1, **asked.fields)
    with asked.running():
        assert run_now(SYSTEM, check).detail.startswith(asked.good)
        assert state_of(check) == "up"
    assert [run_now(SYSTEM, check).detail for _ in range(2)] == [asked.gone] * 2
    assert state_of(check) == "down"
    judge_occurrences(datetime.now(UTC))
    alert = Alert.objects.get()
    assert (alert.title, alert.state, alert.dedup_key) == ("Custody API: down", "firing", f"check:{check.pk}")
    assert asked.gone in alert.message and alert.link == f"/checks/{check.pk}"
    with asked.running():
        run_now(SYSTEM, check)
    assert state_of(check) == "up"
    alert.refresh_from_db()
    assert (alert.state, alert.ending.partition(",")[0]) == ("resolved", "Ended: Custody API: down")
    assert list(CheckResult.objects.order_by("id").values_list("level", flat=True)) == ["ok", "failed", "failed", "ok"]


def test_a_certificate_about_to_end_opens_an_alert_and_a_new_one_ends_it(tmp_path: Path, settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    port = free_port()
    check = make_check(address=f"https://127.0.0.1:{port}/", verifies_tls=False, tls_days=14)
    with http_server(port=port, tls=certificate(tmp_path, days=5)):
        run_now(SYSTEM, check)
    judge_occurrences(datetime.now(UTC))
    alert = Alert.objects.get()
    assert (alert.title, alert.severity) == ("Custody API: certificate ends in 4 d 23 h", "warning")
    assert state_of(check) == "up", "it works, and will not for long"
    with http_server(port=port, tls=certificate(tmp_path, days=90)):
        run_now(SYSTEM, check)
    alert.refresh_from_db()
    assert alert.state == "resolved"
    check.refresh_from_db()
    assert check.tls_expires_at > datetime.now(UTC) + timedelta(days=80)


def state_of(check: Check) -> str:
    check.refresh_from_db()
    return check.state
