"""`alert_manager`: as the seed shows it, over HTTP and inside, never in the way of who calls it."""

import json
import threading
import time
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from alerts import choices
from alerts.models import Alert
from alerts.trigger import default_dedup_key as servers_key
from tests.projects.builders import make_project
from tradewatch.facade import alerting_system, background, inside, posting, remote
from tradewatch.facade.alerting_system import AlertCategory, AlertManager, AlertSeverity
from tradewatch.facade.alerts import default_dedup_key
from tradewatch.facade.failures import failure_counts

MEMORY: dict[str, Any] = {
    "title": "High Memory Usage Detected",
    "message": "Memory usage at 93%",
    "severity": AlertSeverity.WARNING,
    "category": AlertCategory.SYSTEM,
    "source": "monitoring_system",
    "tags": {"metric": "memory_usage", "threshold": "90"},
    "metadata": {"current_value": 93, "threshold": 90},
}  # the seed's own example


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer) -> AlertManager:
    """A manager as the monitored application has it; its TradeWatch is `httpserver`."""
    monkeypatch.setattr(alerting_system, "backend_of_this_process", lambda: remote)
    monkeypatch.setattr(posting, "PAUSES_SECONDS", (0.01, 0.01))
    monkeypatch.setenv("TRADEWATCH_URL", httpserver.url_for("/"))
    monkeypatch.setenv("TRADEWATCH_TOKEN", "tw_secret")
    return AlertManager()


def test_the_enumerations_are_those_that_the_server_stores() -> None:
    assert [each.value for each in AlertSeverity] == choices.AlertSeverity.values
    assert [each.value for each in AlertCategory] == choices.AlertCategory.values


@pytest.mark.parametrize("tags", [{}, {"b": "2", "a": 'quoted "é" \\ / \n'}])
def test_the_key_is_the_one_that_the_server_would_give(tags: dict[str, str]) -> None:
    assert default_dedup_key("cron", "Disk ü full", tags) == servers_key("cron", "Disk ü full", tags)


def test_the_seeds_example_is_posted_with_the_token(manager: AlertManager, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/alerts", method="POST").respond_with_json({"id": 1}, status=201)
    key = manager.create_alert(**MEMORY)
    assert manager.flush()
    request, _ = httpserver.log[0]
    body = json.loads(request.data)
    assert request.headers["Authorization"] == "Bearer tw_secret"
    assert body == {**MEMORY, "environment": "", "dedup_key": key}
    assert manager.resolve_alert(str(key)) and manager.flush()
    assert json.loads(httpserver.log[1][0].data)["state"] == "resolved"


def test_values_are_made_to_fit_instead_of_being_refused(manager: AlertManager, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/alerts").respond_with_json({}, status=201)
    manager.create_alert("x" * 999, "y" * 99_999, tags={"n": 5}, metadata={"at": object}, severity="critical")
    manager.flush()
    body = json.loads(httpserver.log[0][0].data)
    assert (len(body["title"]), len(body["message"]), body["tags"]) == (250, 10_000, {"n": "5"})


def test_a_busy_server_is_tried_again_with_the_same_key(manager: AlertManager, httpserver: HTTPServer) -> None:
    httpserver.expect_ordered_request("/alerts").respond_with_data("", status=503)
    httpserver.expect_ordered_request("/alerts").respond_with_data("", status=429, headers={"Retry-After": "0"})
    httpserver.expect_ordered_request("/alerts").respond_with_json({}, status=201)
    manager.create_alert("Disk full")
    manager.flush()
    assert len({request.headers["Idempotency-Key"] for request, _ in httpserver.log}) == 1
    assert len(httpserver.log) == 3


@pytest.mark.usefixtures("swallowing")
def test_whatever_goes_wrong_is_counted_and_never_raised(
    manager: AlertManager, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/alerts").respond_with_data("no", status=403)
    manager.create_alert("Disk full")
    manager.flush()
    assert failure_counts() == {"create_alert": 1}
    assert len(httpserver.log) == 1  # a refusal is not repeated
    assert manager.create_alert("x", severity="terrible") is None
    assert manager.create_alert(None) is None  # type: ignore[arg-type]
    monkeypatch.setenv("TRADEWATCH_URL", "http://127.0.0.1:1")
    manager.create_alert("nobody there")
    manager.flush()
    monkeypatch.delenv("TRADEWATCH_TOKEN")
    manager.create_alert("no token")
    manager.flush()
    assert failure_counts() == {"create_alert": 5}


def test_the_caller_does_not_wait_and_memory_is_bounded(
    manager: AlertManager, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, swallowing: None
) -> None:
    monkeypatch.setattr(background, "WAITING_AT_MOST", 2)
    go_on, arrived = threading.Event(), threading.Event()

    def hang(request: Request) -> Response:
        arrived.set()
        go_on.wait(5)
        return Response("{}", 201)

    httpserver.expect_request("/alerts").respond_with_handler(hang)
    first = manager.create_alert("first")
    assert arrived.wait(5)
    keys = [manager.create_alert(f"more {number}") for number in range(4)]
    assert first and keys[:2] == [key for key in keys[:2] if key] and keys[2:] == [None, None]
    assert not manager.flush(timeout_seconds=0.01)
    go_on.set()
    deadline = time.monotonic() + 5
    while not manager.flush(timeout_seconds=0.1) and time.monotonic() < deadline:
        pass
    assert failure_counts() == {"create_alert": 2}


# --- inside ------------------------------------------------------------------------------------------------------
@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> AlertManager:
    """A manager of TradeWatch itself whose jobs run in the test's own transaction."""
    manager = AlertManager()
    monkeypatch.setattr(manager._background, "add", lambda job: (job(), True)[1])
    return manager


@pytest.mark.django_db
def test_inside_the_same_call_goes_to_the_services(at_once: AlertManager) -> None:
    project = make_project("desk")
    key = at_once.create_alert(**MEMORY, project="desk")
    at_once.create_alert(**MEMORY, project="desk")
    alert = Alert.objects.get()
    assert (alert.project, alert.dedup_key, alert.count, alert.severity) == (project, key, 2, "warning")
    assert (alert.source, alert.tags["metric"]) == ("monitoring_system", "memory_usage")
    assert alert.metadata["details"] == MEMORY["metadata"]
    assert at_once.resolve_alert(str(key), project="desk")
    alert.refresh_from_db()
    assert alert.state == "resolved"


@pytest.mark.django_db(transaction=True)
def test_inside_a_thread_writes_and_leaves_no_connection() -> None:
    make_project()
    manager = AlertManager()
    assert manager.create_alert("Disk full")
    assert manager.flush(timeout_seconds=10)
    assert Alert.objects.get().title == "Disk full"


@pytest.mark.django_db
@pytest.mark.usefixtures("swallowing")
def test_inside_an_unknown_project_is_counted(at_once: AlertManager) -> None:
    assert at_once.create_alert("x", project="nowhere") is None
    assert failure_counts() == {"create_alert": 1}
    assert inside.FACADE.kind == "system"
