"""`sla_monitor`: as the seed shows it, over HTTP and inside, never raising into its caller."""

import asyncio
import json
from decimal import Decimal

import pytest
from django.test import Client
from pytest_httpserver import HTTPServer

from sla.models import Target, TargetVersion
from tests.projects.builders import bearer, make_project
from tradewatch.facade import remote, sla_monitor
from tradewatch.facade.failures import failure_counts
from tradewatch.facade.sla_monitor import SlaMonitor

SEEDS = {"target_value": 0.3, "warning_threshold": 0.5, "critical_threshold": 1.0}
NOTHING = {"overall": "no_data", "targets": []}


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch, httpserver: HTTPServer) -> SlaMonitor:
    """A monitor as the monitored application has it; its TradeWatch is `httpserver`."""
    monkeypatch.setattr(sla_monitor, "backend_of_this_process", lambda: remote)
    monkeypatch.setenv("TRADEWATCH_URL", httpserver.url_for("/"))
    monkeypatch.setenv("TRADEWATCH_TOKEN", "tw_secret")
    return SlaMonitor()


def test_the_seeds_calls_are_the_endpoints_with_the_token(outside: SlaMonitor, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/sla/status", method="GET").respond_with_json({"overall": "met", "targets": []})
    httpserver.expect_request("/sla/report", method="GET").respond_with_json({"sha256": "abc"})
    httpserver.expect_request("/sla/targets/response_time/update", method="POST").respond_with_json({"version": 2})
    assert outside.get_sla_status() == {"overall": "met", "targets": []}
    assert outside.generate_sla_report(period_days=30) == {"sha256": "abc"}
    assert outside.update_sla_target("response_time", **SEEDS) == {"version": 2}
    status, report, update = (request for request, _ in httpserver.log)
    assert {each.headers["Authorization"] for each in (status, report, update)} == {"Bearer tw_secret"}
    assert dict(report.args) == {"period_days": "30"}
    assert json.loads(update.data) == {**SEEDS, "reason": ""} and update.headers["Idempotency-Key"]


def test_projects_environments_and_periods_are_named(outside: SlaMonitor, httpserver: HTTPServer) -> None:
    for path in ("/sla/status", "/sla/report", "/sla/targets/uptime/update"):
        httpserver.expect_request(path).respond_with_json({})
    outside.get_sla_status(project="desk", environment="staging")
    outside.generate_sla_report(period="2026-10", project="desk")
    outside.update_sla_target("uptime", target_value=0.99, reason="why", project="desk")
    status, report, update = (request for request, _ in httpserver.log)
    assert dict(status.args) == {"project": "desk", "environment": "staging"}
    assert dict(report.args) == {"project": "desk", "period": "2026-10"}
    assert json.loads(update.data) == {"target_value": 0.99, "reason": "why", "project": "desk"}


@pytest.mark.usefixtures("swallowing")
def test_whatever_goes_wrong_is_counted_and_never_raised(
    outside: SlaMonitor, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/sla/status").respond_with_data("no", status=500)
    httpserver.expect_request("/sla/report").respond_with_data("not json")
    httpserver.expect_request("/sla/targets/x/update").respond_with_json({}, status=400)
    assert outside.get_sla_status() == NOTHING
    assert outside.generate_sla_report() is None
    assert outside.update_sla_target("x", target_value=2) is None
    assert outside.update_sla_target("x", target_value="fast") is None  # type: ignore[arg-type]
    assert outside.generate_sla_report("soon") is None  # type: ignore[arg-type]
    monkeypatch.setenv("TRADEWATCH_URL", "http://127.0.0.1:1")
    assert outside.get_sla_status() == NOTHING
    monkeypatch.delenv("TRADEWATCH_TOKEN")
    assert outside.get_sla_status() == NOTHING
    assert failure_counts() == {"get_sla_status": 3, "generate_sla_report": 2, "update_sla_target": 2}


# --- inside ------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_inside_the_same_calls_go_to_the_services(client: Client) -> None:
    make_project()
    monitor = SlaMonitor()
    status = monitor.get_sla_status()
    assert status == client.get("/sla/status", headers=bearer("sla:read")).json() | {
        "targets": [each | {"period": status["targets"][at]["period"]} for at, each in enumerate(status["targets"])]
    }
    said = monitor.update_sla_target("response_time", **SEEDS)
    assert said is not None and (said["version"], said["actor"]) == (2, "TradeWatch's own code")
    version = TargetVersion.objects.get(target__metric_name="response_time", number=2)
    assert version.target_value == Decimal("0.3")
    report = monitor.generate_sla_report(period_days=30)
    assert report is not None and report["sha256"] and len(report["targets"]) == 4


@pytest.mark.django_db
def test_inside_only_what_is_named_changes() -> None:
    make_project("desk")
    monitor = SlaMonitor()
    said = monitor.update_sla_target("uptime", target_value=0.9995, project="desk")
    assert said is not None and (said["target_value"], said["warning_threshold"]) == (0.9995, 0.995)
    assert {each["project"] for each in monitor.get_sla_status(project="desk")["targets"]} == {"desk"}


@pytest.mark.django_db
@pytest.mark.usefixtures("swallowing")
def test_inside_a_refusal_is_counted_and_changes_nothing() -> None:
    make_project()
    monitor = SlaMonitor()
    assert monitor.update_sla_target("response_time", target_value=9) is None
    assert monitor.update_sla_target("nothing", target_value=0.5) is None
    assert monitor.get_sla_status(project="nobody") == NOTHING
    assert failure_counts() == {"update_sla_target": 2, "get_sla_status": 1}
    assert Target.objects.get(metric_name="response_time").versions.count() == 1


@pytest.mark.django_db(transaction=True)
def test_within_an_event_loop_a_thread_asks() -> None:
    make_project()

    async def ask() -> str:
        return str(SlaMonitor().get_sla_status()["overall"])

    assert asyncio.run(ask()) == "no_data"
