from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.choices import AlertSeverity
from alerts.models import Alert
from releases.choices import DeploymentState, RollbackState, Verdict, WindowRule
from releases.models import GateAnswer, Rollback
from sla.choices import CorrectionKind
from sla.minutes.values import UNIT, Sums
from sla.services.corrections import add_correction
from tests.alerts.builders import make_alert
from tests.calendars.builders import thanksgiving_week
from tests.projects.builders import bearer, make_project, make_user
from tests.releases.builders import MINUTE, make_deployment, see
from tests.releases.gate.builders import HOUR, make_freeze, make_override, make_window
from tests.sla.figures.stored import make_target, measure_of, store
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
GATE = "/release/gate"
ASKED = {"environment": "production", "version": "2.0.1"}


def ask(client: Client, **query: Any) -> Any:
    answer = client.get(GATE, {**ASKED, **query}, headers=bearer("releases:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def codes(told: Any) -> dict[str, str]:
    return {each["code"]: each["decision"] for each in told["reasons"]}


def count(*, bad: int, valid: int, ago: timedelta, environment: str = "", metric_name: str = "orders") -> None:
    """Let so many requests have come in one minute, under a target of 99%."""
    target = make_target(metric_name, environment=environment)
    minute = int((timezone.now() - ago).timestamp()) // 60 * 60
    store(measure_of(target), {minute: Sums(valid * UNIT, bad * UNIT, valid, bad, 1)})


def critical(**fields: Any) -> Alert:
    title = fields.setdefault("title", "Error rate 2.1% on POST /orders")
    return make_alert(severity=AlertSeverity.CRITICAL, dedup_key=title, **{"environment": "production", **fields})


def test_nothing_speaks_against_it(client: Client) -> None:
    see("2.0.0", at=timezone.now())
    told = ask(client)
    assert (told["decision"], told["retry_after"], told["version"]) == ("go", None, "2.0.1")
    assert codes(told) in ({}, {"budget_no_data": "go"})


def test_a_freeze_of_the_project_and_of_all(client: Client) -> None:
    make_freeze(project=make_project("other"))
    make_freeze(environment="staging")
    make_freeze(starts_at=timezone.now() - 2 * HOUR, ends_at=timezone.now() - HOUR)
    make_freeze(cancelled_at=timezone.now() - MINUTE)
    assert ask(client)["decision"] == "go"
    make_freeze(project=None, name="Year end of all", reason="Settlement")
    told = ask(client)
    assert told["decision"] == "no_go" and 3590 <= told["retry_after"] <= 3600
    assert "Freeze of all projects “Year end of all” until" in told["reasons"][0]["text"]
    assert ask(client, environment="staging")["reasons"][0]["code"] == "freeze"
    later = (timezone.now() + 2 * HOUR).isoformat()
    assert ask(client, simulate_at=later)["decision"] == "go"


def test_simulating_asks_freezes_and_sessions_of_then_and_keeps_nothing(client: Client) -> None:
    thanksgiving_week()
    make_window(environment="production", minutes_after=15)
    critical()
    told = ask(client, simulate_at="2026-11-27T16:00:00Z")
    assert (told["decision"], told["simulated_at"]) == ("no_go", "2026-11-27T16:00:00+00:00")
    assert {"in_session", "critical_alert", "simulated"} <= codes(told).keys()
    assert told["retry_after"] == (2 * HOUR + 15 * MINUTE).total_seconds()
    assert "14:30 to 18:00 UTC (a half day)" in told["reasons"][0]["text"]
    assert codes(ask(client, simulate_at="2026-11-26T16:00:00Z")).keys() & {"in_session"} == set()  # the holiday
    assert not GateAnswer.objects.exists()


def test_windows_of_the_environment(client: Client) -> None:
    make_window(rule=WindowRule.TIMES, times=[{"years": ["2020"]}], environment="staging")
    make_window(rule=WindowRule.TIMES, times=[{"years": ["2020"]}], is_enabled=False)
    assert ask(client)["decision"] == "go"
    make_window(rule=WindowRule.TIMES, times=[{"years": ["2020"]}], decision="warn")
    assert codes(ask(client))["outside_window"] == "warn"
    make_window(calendar="XXXX")
    assert codes(ask(client))["market_unknown"] == "warn"


def test_open_critical_alerts_of_the_environment(client: Client) -> None:
    critical(environment="staging", title="Of staging")
    make_alert(severity=AlertSeverity.ERROR, environment="production")
    critical(project_id=make_project("other").pk, title="Of others")
    assert ask(client)["decision"] == "go"
    critical(environment="", title="Disk full")
    mine = critical()
    told = ask(client)
    assert told["decision"] == "no_go"
    assert told["reasons"][0]["text"].startswith("2 critical alerts open: ")
    assert told["evidence"]["critical_alerts"]["open"] == 2
    Alert.objects.filter(title="Disk full").update(state="resolved")
    mine.state = "acknowledged"
    mine.save()
    assert ask(client)["reasons"][0]["link"] == f"/alerts/{mine.pk}"


@pytest.mark.parametrize(
    ("bad", "valid", "ago", "found"),
    [
        (5, 1_000, timedelta(days=2), {}),
        (8, 1_000, timedelta(days=2), {"budget_low": "warn"}),
        (10, 1_000, timedelta(days=2), {"budget_spent": "no_go"}),
        (2, 100, timedelta(days=2), {"budget_spent": "warn"}),  # by two requests: that proves nothing
        (100, 1_000, timedelta(minutes=3), {"budget_spent": "no_go"}),
    ],
)
def test_the_budget_of_the_targets(client: Client, bad: int, valid: int, ago: timedelta, found: dict[str, str]) -> None:
    count(bad=bad, valid=valid, ago=ago)
    told = codes(ask(client))
    assert {name: told[name] for name in told if name in ("budget_low", "budget_spent")} == found


def test_a_burn_at_page_pace_stops_and_one_at_ticket_pace_warns(client: Client) -> None:
    count(bad=0, valid=10_000_000, ago=timedelta(days=20))
    target_minutes = int(timezone.now().timestamp()) // 60 * 60
    measure = measure_of(make_target("fast"))
    store(measure, {target_minutes - 60 * n: Sums(1000 * UNIT, 300 * UNIT, 1000, 300, 1) for n in range(1, 59)})
    told = ask(client)
    assert codes(told)["burn_page"] == "no_go"
    assert next(each for each in told["evidence"]["budgets"] if each["target"] == "fast")["burn"] == 30


def test_a_target_of_another_environment_is_left_alone_and_a_correction_counts_at_once(client: Client) -> None:
    count(bad=100, valid=1_000, ago=timedelta(days=2), environment="staging")
    assert "budget_spent" not in codes(ask(client))
    assert "budget_spent" in codes(ask(client, environment="staging"))
    around = timezone.now() - timedelta(days=2)
    add_correction(
        SYSTEM,
        make_project(),
        kind=CorrectionKind.MAINTENANCE,
        starts_at=around - HOUR,
        ends_at=around + HOUR,
        reason="Disks",
        environment="staging",
    )
    assert "budget_spent" not in codes(ask(client, environment="staging"))


def test_deployments_there_and_the_verdict_of_the_current_one(client: Client) -> None:
    now = timezone.now()
    row = make_deployment("2.0.0", started_at=now - HOUR, verdict=Verdict.UNHEALTHY, verdict_at=now)
    told = ask(client)
    assert (told["decision"], told["reasons"][0]["code"]) == ("no_go", "verdict_unhealthy")
    assert told["evidence"]["current"] == {"deployment_id": row.pk, "version": "2.0.0", "verdict": "unhealthy"}
    Rollback.objects.create(
        deployment=row, to_version="1.9.9", opening="hand", state=RollbackState.REQUESTED, requested_at=now
    )
    assert ask(client, version="1.9.9")["decision"] == "warn"
    assert ask(client)["decision"] == "no_go"
    row.kept_at, row.kept_by = now, "ann"
    row.save()
    assert codes(ask(client))["verdict_kept"] == "warn"
    make_deployment("2.0.1", state=DeploymentState.IN_PROGRESS, started_at=now - 4 * MINUTE)
    told = ask(client)
    assert codes(told)["deployment_in_progress"] == "no_go"
    assert "2.0.1 is going out for 4 min, started by Mara Lindqvist" in told["reasons"][0]["text"]


def test_an_override_lets_its_version_out_until_it_ends(client: Client) -> None:
    make_freeze(ends_at=timezone.now() + 5 * HOUR)
    row = make_override(version="2.0.1", created_by="mia")
    told = ask(client)
    assert (told["decision"], told["override"]["created_by"], told["retry_after"]) == ("warn", "mia", None)
    assert (told["reasons"][0]["overridden"], told["reasons"][0]["blocks"]) == (True, False)
    assert ask(client, version="2.0.2")["decision"] == "no_go"
    assert ask(client, environment="staging")["decision"] == "no_go"
    assert ask(client, simulate_at=(timezone.now() + 2 * HOUR).isoformat())["decision"] == "no_go"
    row.withdrawn_at = timezone.now()
    row.save()
    assert ask(client)["decision"] == "no_go"


def test_what_it_said_is_kept(client: Client) -> None:
    make_freeze()
    client.get(GATE, ASKED, headers=bearer("releases:read", name="github"))
    row = GateAnswer.objects.get()
    assert (row.decision, row.asked_by, row.environment, row.version) == ("no_go", "github", "production", "2.0.1")
    assert row.reasons[0]["code"] == "freeze" and row.evidence["freezes"][0]["name"] == "Year end"
    client.force_login(make_user(role=Role.VIEWER))
    assert client.get(GATE, {"environment": "production"}).status_code == 200
    assert GateAnswer.objects.filter(asked_by="ann", version="").count() == 1


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ({"environment": ""}, {"environment"}),
        ({"environment": "../x"}, {"environment"}),
        ({"environment": "a\x1b[31m"}, {"environment"}),
        ({"environment": "x" * 65}, {"environment"}),
        ({"version": "--upload-pack=x"}, {"version"}),
        ({"version": "../../etc"}, {"version"}),
        ({"version": "9" * 10_240}, {"version"}),
        ({"simulate_at": "tomorrow"}, {"simulate_at"}),
        ({"simulate_at": "2026-13-01T00:00:00Z"}, {"simulate_at"}),
        ({"simulate_at": "0001-01-01T00:00:00Z"}, {"simulate_at"}),
        ({"simulate_at": "9999-12-31T23:59:59Z"}, {"simulate_at"}),
    ],
)
def test_nonsense_is_refused_by_field(client: Client, query: dict[str, str], fields: set[str]) -> None:
    make_project()
    answer = client.get(GATE, {**ASKED, **query}, headers=bearer("releases:read"))
    assert (answer.status_code, answer.json()["errors"].keys()) == (400, fields)
    assert not GateAnswer.objects.exists()


def test_the_farthest_times_are_answered(client: Client) -> None:
    thanksgiving_week()
    make_window()
    make_window(rule=WindowRule.TIMES, times=[{"from": "friday 17:00", "to": "monday 09:00"}], zone="America/New_York")
    for at in ("2000-01-01T00:00:00Z", "2999-12-31T23:59:59Z", "2026-03-08T02:30:00", "2026-11-25T15:00:00-05:00"):
        assert ask(client, simulate_at=at)["decision"] in ("warn", "no_go")


def test_who_may_ask(client: Client) -> None:
    make_project()
    other = make_project("other")
    assert client.get(GATE, ASKED).status_code == 401
    assert client.get(GATE, ASKED, headers=bearer("alerts:read")).status_code == 403
    bound = bearer("releases:read", projects=[other])
    assert client.get(GATE, ASKED, headers=bound).json()["project"] == "other"
    assert client.get(GATE, {**ASKED, "project": "default"}, headers=bound).status_code == 404
