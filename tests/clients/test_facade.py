"""The client that `pip install .` gives, against a server."""

import json
import os
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.backends import wait_until
from tests.clients.stored import ask, new_release, stored_events
from tests.facade.distribution import build_wheel, install, run_with
from tests.servers import Server
from tradewatch.facade import remote
from tradewatch.facade import sentry_config as module
from tradewatch.facade.sentry_config import ErrorCategory, ErrorSeverity, SentryConfig

pytestmark = pytest.mark.clients


SLOW = """
import time
from tradewatch.facade.performance_monitor import performance_monitor, track_performance

@track_performance({name!r}, threshold=0.05)
def settle(seconds):
    time.sleep(seconds)

for seconds in (0.0, 0.06, 0.2):
    settle(seconds)
performance_monitor.stop()
assert "django" not in sys.modules
"""
TOLD = """
import json
from alerts.models import OccurrenceRecord
rows = OccurrenceRecord.objects.filter(kind="performance.threshold", title__startswith={name!r}).order_by("pk")
print(json.dumps([[row.environment, row.category, row.count, row.tags] for row in rows]))
"""


@pytest.fixture
def release() -> str:
    return new_release("facade")


@pytest.fixture
def config(shared_server: Server, release: str, monkeypatch: pytest.MonkeyPatch) -> SentryConfig:
    """The facade as a monitored application has it: without Django's settings."""
    monkeypatch.setattr(module, "backend_of_this_process", lambda: remote)
    monkeypatch.setenv("TRADEWATCH_DSN", shared_server.dsn)
    monkeypatch.setenv("SENTRY_RELEASE", release)
    monkeypatch.setenv("SENTRY_ENVIRONMENT", "staging")
    return SentryConfig()


def test_an_error_keeps_the_category_and_severity_it_was_given(
    config: SentryConfig, shared_server: Server, release: str
) -> None:
    try:
        raise ValueError("margin below zero")
    except ValueError as error:
        event_id = config.capture_error(
            error=error,
            level=ErrorSeverity.CRITICAL,
            category=ErrorCategory.RISK,
            tags={"desk": "fx"},
            extra_data={"order": {"symbol": "ACME", "quantity": 5}},
        )
    config.close()
    [event] = stored_events(shared_server, release=release)
    assert event.event_id == event_id
    assert (event.severity, event.category, event.environment) == ("critical", "risk", "staging")
    assert event.thrown == [("ValueError", "margin below zero")]
    assert event.payload["tags"]["desk"] == "fx"
    assert event.payload["extra"]["order"] == {"symbol": "ACME", "quantity": 5}


def test_a_message_arrives(config: SentryConfig, shared_server: Server, release: str) -> None:
    config.capture_message("market halts", level=ErrorSeverity.WARNING, user={"id": "u7"})
    config.close()
    [event] = stored_events(shared_server, release=release)
    assert (event.message, event.severity) == ("market halts", "warning")
    assert event.payload["user"]["id"] == "u7"


def test_slow_code_under_the_installed_client_becomes_an_occurrence_and_an_alert(
    shared_server: Server, release: str, tmp_path: Path
) -> None:
    client = install(build_wheel(tmp_path), tmp_path)
    name = release.replace("@", "-")
    environment = {**os.environ, "TRADEWATCH_DSN": shared_server.dsn, "SENTRY_RELEASE": release}
    reported = run_with(client, SLOW.format(name=name), {**environment, "SENTRY_ENVIRONMENT": "staging"})
    assert reported.returncode == 0, reported.stderr
    shared_server.drain()

    told = ask(shared_server, TOLD.format(name=name))
    assert {(each[0], each[1]) for each in told} == {("staging", "performance")}
    assert sum(count for _, _, count, _ in told) == 2, "of three calls one was quick enough"
    assert all(tags == {"function": name, "release": release} for *_, tags in told)

    headers = {"Authorization": f"Bearer {shared_server.token('alerts:read')}"}
    url = f"{shared_server.url}/alerts/active?environment=staging&category=performance"

    def alerts() -> list[Any]:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
            results = json.load(answer)["results"]
        return [alert for alert in results if alert["title"].startswith(f"{name} took") and alert["count"] == 2]

    wait_until(alerts, what="the alert", seconds=60)
    [alert] = alerts()
    assert (alert["severity"], alert["state"]) == ("warning", "firing")
    assert alert["title"].endswith("(limit 50 ms)") and alert["tags"]["function"] == name
