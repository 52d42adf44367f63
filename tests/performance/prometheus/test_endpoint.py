"""The endpoint as a Prometheus sees it, and what each figure is held against."""

import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_text

from alerts.choices import AlertCategory, AlertSeverity, AlertState
from alerts.models import Alert
from tests.performance.hosts.builders import report_host
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core import pulse
from tradewatch.core.tallies import Tallies
from tradewatch.inbox.digest import DigestStats
from tradewatch.inbox.exports import tally_batch
from tradewatch.inbox.models import DeadLetter
from tradewatch.metrics import exports
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.performance.models import Check
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
PATH = "/performance/prometheus"
OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"


def scraped(client: Client, headers: dict[str, str], path: str = PATH) -> dict[tuple[str, tuple[str, ...]], float]:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.content
    return {
        (sample.name, tuple(sample.labels.values())): sample.value
        for family in read_text(answer.content.decode())
        for sample in family.samples
    }


@pytest.fixture
def project() -> Project:
    return make_project("desk")


def make_alert(project: Project, number: int, **fields: object) -> Alert:
    now = timezone.now()
    values = {"severity": AlertSeverity.CRITICAL, "category": AlertCategory.ERROR, "title": "x", "source": "s"}
    return Alert.objects.create(project=project, dedup_key=str(number), starts_at=now, last_at=now, **values | fields)


def test_the_figures_are_those_that_are_stored(client: Client, project: Project, inbox: Path) -> None:
    now = timezone.now()
    make_alert(project, 1)
    make_alert(project, 2)
    make_alert(project, 3, state=AlertState.ACKNOWLEDGED, severity=AlertSeverity.WARNING)
    make_alert(project, 4, state=AlertState.RESOLVED)
    pulse.beat(now - timedelta(seconds=30))
    DeadLetter.objects.create(project_id=project.pk, received_at=now, failed_at=now, reason="no JSON", body_bytes=1)
    minute = (int(now.timestamp()) // 60 - 1) * 60
    add_counts([CountRow(project.pk, "production", "transactions", minute, 10, 50.0)])
    found = scraped(client, bearer(Scope.PERFORMANCE_READ))
    assert found["tradewatch_alerts", ("desk", "critical", "firing")] == 2
    assert found["tradewatch_alerts", ("desk", "warning", "acknowledged")] == 1
    assert not [key for key in found if key[0] == "tradewatch_alerts" and "resolved" in key[1]]
    assert found["tradewatch_clock_age_seconds", ("clock",)] == pytest.approx(30, abs=10)
    assert found["tradewatch_dead_letters", ()] == 1
    assert found["tradewatch_inbox_pending", ()] == 0
    assert found["tradewatch_transactions_per_minute", ("production", "desk")] == 10.0
    assert {value for (name, _), value in found.items() if name == "tradewatch_export_up"} == {1.0}
    Alert.objects.filter(dedup_key="1").update(state=AlertState.RESOLVED)
    assert scraped(client, bearer(Scope.PERFORMANCE_READ))["tradewatch_alerts", ("desk", "critical", "firing")] == 1


def test_hosts_and_checks_are_counted_by_state(client: Client, project: Project) -> None:
    now = timezone.now()
    report_host("api-01", now=now, project=project)
    report_host("api-02", now=now - timedelta(minutes=9), project=project)
    Check.objects.create(project=project, name="Custody", kind="http", address="https://custody.example/")
    found = scraped(client, bearer(Scope.PERFORMANCE_READ))
    assert (found["tradewatch_hosts", ("desk", "reports")], found["tradewatch_hosts", ("desk", "silent")]) == (1, 1)
    assert found["tradewatch_checks", ("desk", "unknown")] == 1


def test_batches_of_all_workers_make_one_histogram(client: Client) -> None:
    workers = Tallies(), Tallies()
    for seconds in (0.02, 0.02, 0.7, 60.0):
        tally_batch(workers[seconds > 0.1], DigestStats(rows=3, stored=2, dead=1), seconds)
    for worker in workers:
        worker.flush()
    found = scraped(client, bearer(Scope.PERFORMANCE_READ))
    assert found["tradewatch_digest_batch_seconds_bucket", ("0.01",)] == 0
    assert found["tradewatch_digest_batch_seconds_bucket", ("0.025",)] == 2
    assert found["tradewatch_digest_batch_seconds_bucket", ("1.0",)] == 3
    assert found["tradewatch_digest_batch_seconds_bucket", ("+Inf",)] == 4
    assert found["tradewatch_digest_batch_seconds_count", ()] == 4
    assert found["tradewatch_digest_batch_seconds_sum", ()] == pytest.approx(60.74)
    assert found["tradewatch_digested_items_total", ("stored",)] == 8
    assert found["tradewatch_digested_items_total", ("dead",)] == 4


def test_requests_to_pages_are_counted_by_view(client: Client) -> None:
    def asked() -> float:
        found = scraped(client, bearer(Scope.PERFORMANCE_READ))
        name = "django_http_requests_latency_seconds_by_view_method_count"
        return next(
            value for (each, labels), value in found.items() if each == name and "performance-prometheus" in labels
        )

    client.get(PATH, headers=bearer(Scope.PERFORMANCE_READ))
    before = asked()
    assert asked() == before + 1


@pytest.mark.parametrize(
    ("accept", "read"), [(OPENMETRICS, read_openmetrics), ("*/*", read_text), ("text/html", read_text)]
)
def test_it_speaks_what_it_is_asked_for(client: Client, accept: str, read: object) -> None:
    answer = client.get(PATH, headers={**bearer(Scope.PERFORMANCE_READ), "Accept": accept})
    is_openmetrics = answer["Content-Type"].startswith("application/openmetrics-text")
    assert is_openmetrics == (read is read_openmetrics)
    assert list(read(answer.content.decode()))  # type: ignore[operator]


def test_promtool_finds_no_fault(client: Client, project: Project) -> None:
    client.get("/issues")
    make_alert(project, 1)
    pulse.beat(timezone.now())
    tally_batch(worker := Tallies(), DigestStats(rows=3, stored=2, dead=1), 0.2)
    worker.flush()
    ours = client.get(PATH, headers=bearer(Scope.PERFORMANCE_READ)).content.decode()
    assert "django_http_requests_total_by_method" in ours and "tradewatch_alerts" in ours
    checked = subprocess.run(["promtool", "check", "metrics"], input=ours, capture_output=True, text=True, timeout=60)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


# --- rights -------------------------------------------------------------------------------------------------------
def test_it_needs_a_token_with_the_scope_or_a_staff_session(client: Client) -> None:
    assert client.get(PATH).status_code == 401
    assert client.get(PATH, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert client.get(PATH, headers=bearer(Scope.ERRORS_READ)).status_code == 403
    assert client.get(PATH, headers={**bearer(Scope.ERRORS_READ), "Accept": OPENMETRICS}).json()["detail"]
    assert client.post(PATH, headers=bearer(Scope.ALL)).status_code == 405
    client.force_login(make_user("ann", role=Role.VIEWER))
    assert client.get(PATH).status_code == 200


def test_of_other_projects_it_says_nothing(client: Client, project: Project) -> None:
    other = make_project("secret-fund")
    make_alert(other, 1)
    minute = (int(timezone.now().timestamp()) // 60 - 1) * 60
    add_counts([CountRow(other.pk, "lab", "events", minute, 10, 10.0)])
    of_all = client.get(PATH, headers=bearer(Scope.PERFORMANCE_READ)).content.decode()
    of_one = client.get(PATH, headers=bearer(Scope.PERFORMANCE_READ, projects=[project])).content.decode()
    assert "secret-fund" in of_all and "secret-fund" not in of_one
    client.force_login(make_user("ann", role=Role.VIEWER, project=project))
    assert "secret-fund" not in client.get(PATH).content.decode()
    assert client.get(f"{PATH}?project=secret-fund").status_code == 404


# --- what hangs ---------------------------------------------------------------------------------------------------
@pytest.fixture
def hanging() -> Iterator[threading.Event]:
    """An export that hangs, alphabetically the first, until the event is set."""
    go_on = threading.Event()

    def hang(project_ids: object) -> list[GaugeMetricFamily]:
        go_on.wait(60)
        return [GaugeMetricFamily("tradewatch_at_last", "Late.", value=1)]

    exports.add_export("0", hang)
    yield go_on
    go_on.set()
    del exports._exports["0"]


@pytest.mark.django_db(transaction=True)
def test_an_export_that_hangs_delays_nobody_for_long(client: Client, hanging: threading.Event, settings: Any) -> None:
    settings.SCRAPE_SECONDS = 0.5
    headers = bearer(Scope.PERFORMANCE_READ)
    for seconds in (2.0, 2.0, 2.0):
        started = time.monotonic()
        found = scraped(client, headers)
        assert time.monotonic() - started < seconds
        assert found["tradewatch_export_up", ("0",)] == 0
        assert found["tradewatch_export_up", ("alerts",)] == 0
    hanging.set()
    deadline = time.monotonic() + 20
    while not (found := scraped(client, headers)).get(("tradewatch_at_last", ())) and time.monotonic() < deadline:
        pass
    assert found["tradewatch_export_up", ("alerts",)] == 1
    connection.close()


def test_an_export_that_fails_is_named_and_the_others_are_there(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(project_ids: object) -> list[GaugeMetricFamily]:
        raise ValueError("no such table")

    exports.add_export("zz", fail)
    try:
        found = scraped(client, bearer(Scope.PERFORMANCE_READ))
    finally:
        del exports._exports["zz"]
    assert (found["tradewatch_export_up", ("zz",)], found["tradewatch_export_up", ("inbox",)]) == (0, 1)
    assert "export failed export=zz" in caplog.text
