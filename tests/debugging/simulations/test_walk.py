"""The example's bad release, simulated: rules fire, nobody is told until asked, and no number of production moves."""

import email
from email import policy
from typing import Any

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from tests.alerts.mailbox import part, subject
from tests.backends import wait_until
from tests.clients.stored import ask
from tests.debugging.test_walk import EVENTS, place_orders
from tests.servers import Server, running_server

pytestmark = [pytest.mark.clients, pytest.mark.once]
PLACE = "production"
LEFT = """
import json
from alerts.models import Notification
print(json.dumps(list(Notification.objects.exclude(group__simulated="").values_list("state", flat=True))))
"""

TIMELINE = """
import json
from alerts.models import Alert
from alerts.queries import timeline_of
print(json.dumps(" ".join(timeline_of(Alert.objects.get(pk={alert_id})).values_list("text", flat=True))))
"""


def simulated_mails(server: Server) -> list[Any]:
    folder = server.home / "mails"
    read = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*")]
    return [mail for mail in read if "simulated" in str(mail["Subject"])]


def numbers(http: httpx.Client, issue_id: int) -> dict[str, Any]:
    """Return what a simulation must not move. Budgets are made of the same counters, a minute later."""
    metrics = http.get("/error-tracking/metrics", params={"window": "24h"}).raise_for_status().json()
    issue = http.get(f"/error-tracking/issues/{issue_id}").raise_for_status().json()
    releases = http.get("/release/status").raise_for_status().json()["environments"][PLACE]
    return {
        "metrics": {name: metrics[name] for name in ("events", "users", "error_rate", "by_severity", "by_release")},
        "issue": {name: issue[name] for name in ("state", "severity", "events", "users", "last_seen_at")},
        "verdict": (releases["verdict"] or {}).get("verdict"),
        "open": [each["title"] for each in http.get("/alerts/active").json()["results"]],
    }


def test_rules_fire_nobody_is_told_until_asked_and_no_number_moves() -> None:
    with running_server(TRADEWATCH_ALERT_MAIL_TO="desk@example.com") as server:
        headers = {"Authorization": f"Bearer {server.token('*')}"}
        http = httpx.Client(base_url=server.url, headers=headers, timeout=30)
        with running_service(dsn=server.dsn, release=GOOD_RELEASE, environment=PLACE) as url:
            place_orders(url, "acc-1", "acc-2")
        started = http.post("/release/deploy/start", json={"environment": PLACE, "version": BAD_RELEASE}).json()
        http.post(f"/release/deploy/{started['deployment_id']}/complete", json={"success": True}).raise_for_status()
        with running_service(dsn=server.dsn, release=BAD_RELEASE, environment=PLACE) as url:
            assert set(place_orders(url, "acc-4")) == {500}
            place_orders(url, "acc-1")
        server.drain()
        planted = next(key for key, kind in ask(server, EVENTS.format(environment=PLACE)) if kind == "KeyError")
        session = http.post(f"/debug/session/{planted}", json={}).raise_for_status().json()
        path, issue_id = f"/debug/session/{session['session_id']}/simulate", session["issue"]["id"]
        http.post(f"/error-tracking/issues/{issue_id}/resolve", json={}).raise_for_status()
        before = numbers(http, issue_id)
        assert before["metrics"]["events"] >= 1 and before["issue"]["state"] == "resolved"

        held = http.post(path, json={"changes": {"level": "fatal"}}).raise_for_status().json()
        assert (held["state"], held["matches_original"], held["issue"]["id"]) == ("done", True, issue_id)
        fired = {rule["kind"] for rule in held["rules"] if rule["fires"]}
        assert {"regression", "critical_error"} <= fired and "new_issue" not in fired
        assert any(each["who"] == "desk@example.com by e-mail" for each in held["routes"][0]["told"])
        story = wait_until_told(server, held["alert"]["id"])
        why = http.get(f"/alerts/{held['alert']['id']}/why").json()
        assert "Simulated" in str(why)
        assert "Would have told desk@example.com by e-mail, held back: simulated." in story
        assert ask(server, LEFT) == [] and simulated_mails(server) == []
        server.drain()
        assert numbers(http, issue_id) == before

        told = http.post(path, json={"changes": {"level": "fatal"}, "notify": True}).raise_for_status().json()
        assert told["alert"]["id"] != held["alert"]["id"]
        wait_until(lambda: simulated_mails(server), what="the mail that was asked for", seconds=30)
        (mail,) = simulated_mails(server)
        assert subject(mail).startswith("[simulated] ") and part(mail, "plain").startswith("[simulated] ")
        assert numbers(http, issue_id) == before
        trail = http.get(f"/debug/session/{session['session_id']}").json()["audit"]
        assert [each["text"] for each in trail[:2]] == [
            "Simulated with another level; people are told",
            "Simulated with another level; nobody is told",
        ]


def wait_until_told(server: Server, alert_id: int) -> str:
    """Return the alert's story once its group has looked: critical ones at once."""
    story = TIMELINE.format(alert_id=alert_id)
    wait_until(lambda: "held back" in ask(server, story), what="the group's look", seconds=30)
    told: str = ask(server, story)
    return told
