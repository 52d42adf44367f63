"""Alerts of others through HTTP: who may send, what opens, what ends, and that the same again changes nothing."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.models import Alert, IntakeSource, TakenIn
from alerts.services.taking_in import end_silent
from tests.alerts.builders import texts
from tests.alerts.intake.builders import make_source, pushed
from tests.projects.builders import bearer, make_project

pytestmark = pytest.mark.django_db
PUSH, WEBHOOK, ENQUEUE = "/api/v2/alerts", "/alerts/webhook", "/v2/enqueue"


def post(path: str, body: Any, key: str = "", headers: dict[str, str] | None = None) -> Any:
    headers = headers or ({"Authorization": f"Bearer {key}"} if key else {})
    return Client().post(path, body, content_type="application/json", headers=headers)


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


# --- who may --------------------
def test_a_sources_key_a_token_and_a_password_let_in_and_nothing_else() -> None:
    source, key = make_source(project=make_project("theirs"))
    make_project()
    assert post(PUSH, [pushed()], key).status_code == 200
    assert post(PUSH, [pushed()], headers=basic("any", key)).status_code == 200
    assert post(PUSH, [pushed()], headers=bearer("alerts:write")).status_code == 200
    assert Alert.objects.filter(project=source.project).count() == Alert.objects.count() - 1 == 1
    for refused, status in [
        ({}, 401), ({"Authorization": "Bearer x"}, 401), (basic("a", "b"), 401), ({"Authorization": "Basic !"}, 401),
        (bearer("alerts:read"), 403), (bearer("errors:write"), 403),
    ]:  # fmt: skip
        assert post(PUSH, [pushed()], headers=refused or {"X": "y"}).status_code == status
    IntakeSource.objects.update(is_enabled=False)
    assert post(PUSH, [pushed()], key).status_code == 401
    source.refresh_from_db()
    assert source.last_used_at is not None


def test_a_source_cannot_name_another_project() -> None:
    ours, key = make_source()
    theirs = make_project("theirs")
    client = Client()
    headers = {"Authorization": f"Bearer {key}"}
    client.post(f"{PUSH}?project=theirs", [pushed()], content_type="application/json", headers=headers)
    assert Alert.objects.get().project == ours.project != theirs


# --- Alertmanager --------------------
def test_a_push_opens_once_and_its_end_resolves() -> None:
    _, key = make_source()
    for _ in range(3):
        answer = post(PUSH, [pushed()], key)
        assert (answer.status_code, answer.content) == (200, b"")
    alert = Alert.objects.get()
    assert (alert.title, alert.severity, alert.count, alert.source) == ("p99 above 2 s", "critical", 1, "Prometheus")
    assert alert.tags["instance"] == "orders-03:9100"
    assert "Sent by Prometheus." in texts(alert)
    post(PUSH, [pushed(annotations={"summary": "p99 above 2 s", "description": "p99 is 9 s"})], key)
    post(PUSH, [pushed(endsAt="2026-11-23T15:11:00Z")], key)
    alert.refresh_from_db()
    assert (alert.state, alert.message) == ("resolved", "p99 is 9 s")
    assert "Prometheus says that it ended." in texts(alert)
    assert post(PUSH, [pushed(endsAt="2026-11-23T15:11:00Z")], key).status_code == 200  # unknown by now: no effect
    assert Alert.objects.count() == 1


def test_what_is_not_repeated_ends_and_what_is_does_not() -> None:
    _, key = make_source(resolve_timeout_seconds=60)
    post(PUSH, [pushed(endsAt=None), pushed(labels={"alertname": "Other"})], key)
    now = timezone.now()
    assert end_silent(now + timedelta(seconds=30)) == 0
    assert end_silent(now + timedelta(seconds=90)) == 1
    ended = Alert.objects.get(state="resolved")
    assert "Not sent again since" in texts(ended)[-1]
    assert end_silent(now + timedelta(seconds=90)) == 0
    assert Alert.objects.exclude(state="resolved").get().tags == {"alertname": "Other"}


def test_an_alert_resolved_by_hand_is_not_looked_at_again() -> None:
    _, key = make_source()
    post(PUSH, [pushed(endsAt=None)], key)
    Alert.objects.update(state="resolved")
    assert end_silent(timezone.now() + timedelta(hours=1)) == 0
    assert TakenIn.objects.get().ends_at is None


def test_bad_alerts_are_named_and_good_ones_taken() -> None:
    _, key = make_source()
    answer = post(PUSH, [pushed(), {"labels": {}}], key)
    assert answer.status_code == 400
    assert answer.json() == {
        "detail": "1 bad alerts, 1 taken",
        "errors": {"1.labels": ["at least one label with a value is needed"]},
    }
    assert Alert.objects.count() == 1


def test_open_alerts_are_shown_as_alertmanager_shows_them() -> None:
    _, key = make_source()
    post(PUSH, [pushed(), pushed(labels={"alertname": "Other"})], key)
    headers = {"Authorization": f"Bearer {key}"}
    [shown] = Client().get(PUSH, {"filter": 'alertname="Other"', "active": "true"}, headers=headers).json()
    assert shown["labels"] == {"alertname": "Other"} and shown["status"]["state"] == "active"
    assert {"annotations", "endsAt", "fingerprint", "receivers", "startsAt", "updatedAt"} <= set(shown)
    assert len(Client().get(PUSH, headers=headers).json()) == 2
    assert Client().get(PUSH, {"active": "false"}, headers=headers).json() == []
    assert Client().get(PUSH, {"filter": "bad"}, headers=headers).status_code == 400


def test_webhooks_of_alertmanager_and_grafana_open_and_end() -> None:
    _, key = make_source(name="Grafana")
    answer = post(WEBHOOK, {"version": "4", "alerts": [pushed(status="firing")]}, key)
    alert = Alert.objects.get()
    assert answer.json() == {"alert_ids": [alert.pk]}
    assert end_silent(timezone.now() + timedelta(days=30)) == 0  # a webhook is repeated after hours, if at all
    post(WEBHOOK, {"version": "4", "alerts": [pushed(status="resolved")]}, headers=basic("grafana", key))
    alert.refresh_from_db()
    assert alert.state == "resolved"
    assert post(WEBHOOK, {"alerts": "x"}, key).json()["errors"] == {"alerts": ["expected a list of alerts"]}


# --- PagerDuty --------------------
def event(key: str, action: str = "trigger", **fields: Any) -> dict[str, Any]:
    payload = {"summary": "Disk full", "source": "settle-02", "severity": "warning"}
    return {"routing_key": key, "event_action": action, "dedup_key": "disk", "payload": payload, **fields}


def test_an_incident_goes_from_trigger_to_resolve() -> None:
    _, key = make_source(name="Nagios", severity_map={"warning": "critical"})
    answer = post(ENQUEUE, event(key))
    assert (answer.status_code, answer.json()) == (
        202,
        {"status": "success", "message": "Event processed", "dedup_key": "disk"},
    )
    alert = Alert.objects.get()
    assert (alert.title, alert.severity, alert.source) == ("Disk full", "critical", "Nagios")
    for action, state in [("acknowledge", "acknowledged"), ("trigger", "acknowledged"), ("resolve", "resolved")]:
        assert post(ENQUEUE, event(key, action)).status_code == 202
        alert.refresh_from_db()
        assert alert.state == state
    assert post(ENQUEUE, event(key, "resolve")).status_code == 202  # unknown: accepted, no effect
    assert post(ENQUEUE, event(key, "acknowledge")).status_code == 202
    assert Alert.objects.count() == 1


def test_the_same_event_sent_again_is_counted_once() -> None:
    _, key = make_source()
    timed = event(key)
    timed["payload"]["timestamp"] = "2026-11-23T15:10:00Z"
    for _ in range(2):
        post(ENQUEUE, timed)
    assert Alert.objects.get().count == 1


@pytest.mark.parametrize("change", [{"routing_key": "0" * 32}, {"payload": {}}, {"event_action": "x"}])
def test_what_pagerduty_would_refuse_is_refused_in_its_words(change: dict[str, Any]) -> None:
    _, key = make_source()
    answer = post(ENQUEUE, {**event(key), **change})
    assert answer.status_code == 400
    body = answer.json()
    assert (body["status"], body["message"]) == ("invalid event", "Event object is invalid")
    assert body["errors"]
    assert not Alert.objects.exists()


def test_a_flood_of_one_source_is_slowed_down(monkeypatch) -> None:
    monkeypatch.setattr("alerts.api_pagerduty.REQUESTS_PER_MINUTE", 1)
    _, key = make_source()
    assert post(ENQUEUE, event(key)).status_code == 202
    answer = post(ENQUEUE, event(key))
    assert (answer.status_code, answer.json()["status"]) == (429, "throttle exceeded")
    assert int(answer["Retry-After"]) > 0
