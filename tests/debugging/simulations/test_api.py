"""`POST /debug/session/{id}/simulate`: through queue, digest, rules and routes of this process."""

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.engine.turning import turn
from alerts.models import Alert, AlertRule, Notification
from alerts.services import judge_occurrences
from debugging.contexts.subjects import find_subject
from debugging.models import DebugSession, Simulation
from debugging.sessions.opening import open_session
from debugging.simulations import api as simulating_api
from debugging.simulations import settling
from debugging.simulations.settling import LOST_AFTER, settle, settle_pending
from tests.debugging.builders import CAPTURE, make_session, store_event
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Event, Issue
from tradewatch.inbox.digest import digest_batch
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.projects.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("inbox")]
CHAIN = {
    "values": [
        {
            "type": "TimeoutError",
            "value": "venue",
            "stacktrace": {"frames": [{"function": "send", "module": "oms.wire"}]},
        },
        {
            "type": "KeyError",
            "value": "'institutional'",
            "module": "oms.risk",
            "stacktrace": {
                "frames": [
                    {
                        "function": "margin",
                        "module": "oms.risk",
                        "filename": "risk.py",
                        "lineno": 12,
                        "context_line": "    return RATES[tier]",
                        "vars": {"tier": "'institutional'", "password": "hunter2"},
                        "in_app": True,
                    }
                ]
            },
        },
    ]
}


def work() -> None:
    """Do what the worker does."""
    while digest_batch(HANDLERS).rows:
        pass
    judge_occurrences(timezone.now())
    turn(timezone.now())


@pytest.fixture
def call(client: Client, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Post, with the worker at its work while the answer waits."""
    headers = bearer("debug:write")

    def settled(row: Simulation, seconds: float) -> bool:
        assert seconds == 5
        work()
        return settle(row, now=timezone.now())

    monkeypatch.setattr(simulating_api, "settled_within", settled)
    return lambda session, body=None: client.post(
        f"/debug/session/{session.pk}/simulate", body or {}, content_type="application/json", headers=headers
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"exception": CHAIN, "request": {"method": "POST", "url": "/orders", "headers": {"Authorization": "Bearer x"}}},
        {"exception": None, "logentry": {"message": "order %s refused", "params": ["4711"]}},
        {"fingerprint": ["{{ default }}", "desk"], "user": {"id": "7", "ip_address": "10.1.1.1"}},
        {"exception": {"values": [{"type": "ValueError", "value": "card 4111 1111 1111 1111"}]}},
    ],
)
def test_the_same_error_comes_to_the_same_issue_with_all_that_it_had(call: Any, fields: dict[str, Any]) -> None:
    event = store_event(**fields)
    told = call(make_session(event)).json()
    assert (told["state"], told["matches_original"], told["issue"]["id"]) == ("done", True, event.issue_id)
    made = Event.objects.get(event_id=told["event_id"])
    assert made.is_simulated and made.environment == event.environment
    for part in ("exception", "request", "user", "fingerprint", "logentry", "level", "breadcrumbs", "contexts"):
        assert made.payload.get(part) == event.payload.get(part), part
    assert event.issue.event_count == 1


def test_rules_routes_and_alert_are_in_the_answer_and_nobody_is_told(call: Any) -> None:
    make_user("mara", role=Role.RESPONDER, email="mara@example.com")
    event = store_event(level="error")
    session = make_session(event)
    answer = call(session, {"changes": {"level": "fatal"}})
    told = answer.json()
    assert answer.status_code == 202 and told["notify"] is False
    fired = {rule["kind"]: rule["why"] for rule in told["rules"] if rule["fires"]}
    assert fired == {"critical_error": f"Critical error: {event.issue.title}."}
    silent = {rule["kind"]: rule["why"] for rule in told["rules"] if not rule["fires"]}
    assert "neither new nor back" in silent["new_issue"] and "in none" in silent["error_rate"]
    alert = Alert.objects.get(pk=told["alert"]["id"])
    assert (alert.simulated, told["alert"]["severity"]) == ("held", "critical")
    (route,) = told["routes"]
    assert ("mara@example.com by e-mail", 0, 0) in {
        (each["who"], each["step"], each["after_seconds"]) for each in route["told"]
    }
    turn(timezone.now())
    assert not Notification.objects.exclude(group__simulated="").exists()
    assert any(
        "held back: simulated" in text for text in alert.memberships.get().group.timeline.values_list("text", flat=True)
    )
    entry = session.entries.first()
    assert entry is not None
    assert (entry.kind, entry.text) == ("simulation", "Simulated with another level; nobody is told")
    assert AuditEntry.objects.filter(action="debug_session.simulation").exists()


def test_another_type_is_another_issue_and_would_be_new(call: Any) -> None:
    event = store_event()
    told = call(make_session(event), {"changes": {"type": "BrandNewError"}}).json()
    assert (told["matches_original"], told["issue"]["is_simulated"]) == (False, True)
    assert {rule["kind"] for rule in told["rules"] if rule["fires"]} == {"new_issue"}
    assert Issue.objects.get(pk=told["issue"]["id"]).event_count == 0
    again = call(make_session(event), {"changes": {"type": "BrandNewError"}}).json()
    assert again["issue"]["id"] == told["issue"]["id"] and again["alert"]["id"] != told["alert"]["id"]


def test_of_a_captured_error_too(call: Any, client: Client) -> None:
    project = make_project()
    captured = client.post("/debug/capture", CAPTURE, content_type="application/json", headers=bearer("debug:write"))
    subject = find_subject([project.pk], captured.json()["error_id"])
    session = open_session(SYSTEM, subject, now=timezone.now()).session
    assert call(session).json()["matches_original"] is True
    assert call(session, {"changes": {"type": "OtherError"}}).json()["matches_original"] is False


def test_pending_is_said_and_shown_later_in_the_session(
    call: Any, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulating_api, "settled_within", lambda row, seconds: False)
    session = make_session()
    told = call(session).json()
    assert (told["state"], told["issue"], told["rules"]) == ("pending", None, [])
    path, headers = f"/debug/session/{session.pk}/simulations", bearer("debug:read")
    assert client.get(path, headers=headers).json()["results"][0]["state"] == "pending"
    assert settle_pending(timezone.now()) == 0
    work()
    assert client.get(path, headers=headers).json()["results"][0]["state"] == "done"
    told = call(session).json()
    work()
    assert settle_pending(timezone.now()) == 1 and settle_pending(timezone.now()) == 0
    row = Simulation.objects.get(event_id=told["event_id"])
    assert row.result is not None and row.result["matches_original"]


def test_one_that_is_lost_says_so(monkeypatch: pytest.MonkeyPatch, call: Any, client: Client) -> None:
    monkeypatch.setattr(simulating_api, "settled_within", lambda row, seconds: False)
    session = make_session()
    call(session)
    assert settle_pending(timezone.now() + 2 * LOST_AFTER) == 1
    headers = bearer("debug:read")
    (shown,) = client.get(f"/debug/session/{session.pk}/simulations", headers=headers).json()["results"]
    assert shown["state"] == "lost" and "dead letter" in shown["fault"]


def test_one_whose_result_cannot_be_read_keeps_no_other_from_its_own(
    monkeypatch: pytest.MonkeyPatch, call: Any, client: Client
) -> None:
    monkeypatch.setattr(simulating_api, "settled_within", lambda row, seconds: False)
    session = make_session()
    broken, good = (call(session).json()["event_id"] for _ in range(2))
    work()
    read = settling._result

    def reads(row: Simulation, *, now: datetime) -> Any:
        return 1 / 0 if row.event_id.hex == broken else read(row, now=now)

    monkeypatch.setattr(settling, "_result", reads)
    assert settle_pending(timezone.now()) == 1
    path, headers = f"/debug/session/{session.pk}/simulations", bearer("debug:read")
    states = {each["event_id"]: each["state"] for each in client.get(path, headers=headers).json()["results"]}
    assert states == {broken: "pending", good: "done"}
    assert settle_pending(timezone.now() + 2 * LOST_AFTER) == 1  # it holds no place among those that wait for ever
    lost = Simulation.objects.get(event_id=broken).result
    assert lost is not None and "in the log" in lost["fault"]


def test_what_is_wrong_is_refused(call: Any, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    session = make_session()
    assert list(call(session, {"changes": {"level": "loud"}}).json()["errors"]) == ["changes.level"]
    assert call(session, {"changes": [1]}).status_code == 400
    assert call(session, {"notify": "perhaps"}).json()["errors"].keys() == {"notify"}
    DebugSession.objects.update(state="closed", closed_at=timezone.now())
    assert call(session).status_code == 409
    DebugSession.objects.update(state="open", closed_at=None)
    path = f"/debug/session/{session.pk}/simulate"
    assert client.post(path, {}, headers=bearer("debug:read"), content_type="application/json").status_code == 403
    foreign = bearer("debug:write", projects=[make_project("other")])
    assert client.post(path, {}, headers=foreign, content_type="application/json").status_code == 404
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert client.post(path, {}, content_type="application/json").status_code == 403
    assert not Simulation.objects.exists() and AlertRule.objects.exists()
    monkeypatch.setattr("debugging.simulations.services.MOST_PENDING", 0)
    assert "wait for their result" in call(session).json()["detail"]


def test_pages_show_the_mark_and_lists_leave_it_out(call: Any, client: Client) -> None:
    told = call(make_session(store_event()), {"changes": {"type": "BrandNewError"}}).json()
    client.force_login(make_user("mia", is_superuser=True))
    issue, alert = told["issue"], told["alert"]
    page = client.get(issue["url"])
    assert page.status_code == 200 and "no real event has this fingerprint" in page.content.decode()
    assert "simulated" in client.get(f"{issue['url']}/events/{told['event_id']}").content.decode()
    assert "Simulated, nobody is told" in client.get(alert["url"]).content.decode()
    assert "BrandNewError" not in client.get("/issues").content.decode()
    assert "BrandNewError" not in client.get("/issues?q=is:ignored").content.decode()
    assert "BrandNewError" not in client.get("/alerts").content.decode()
    assert "BrandNewError" in client.get("/alerts?match=simulated%3Dyes").content.decode()
    assert "BrandNewError" not in client.get("/").content.decode()
    assert client.get("/alerts/active").json()["results"][0]["simulated"] == ""
