"""The example's bad release, from a real SDK's envelopes to a session whose steps name the planted cause."""

from dataclasses import dataclass
from html import escape
from typing import Any

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from examples.trading_app.traffic import NO_REUSE, order
from tests.clients.stored import ask, new_release
from tests.clients.test_performance_numbers import log_in
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]

EVENTS = """
import json
from tradewatch.errors.models import Event
rows = Event.objects.filter(environment={environment!r}).select_related("issue").order_by("timestamp")
print(json.dumps([[row.event_id.hex, row.issue.exception_type] for row in rows]))
"""


@dataclass(frozen=True)
class Client:
    http: httpx.Client

    def call(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, path, json=body)
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture
def api(server: Server) -> Client:
    token = server.token("debug:write", "releases:write")
    headers = {"Authorization": f"Bearer {token}"}
    return Client(httpx.Client(base_url=server.url, headers=headers, timeout=30))


def place_orders(url: str, *accounts: str, symbols: tuple[str, ...] = ("ACME", "BOLT")) -> list[int]:
    """Place an order for each account and symbol; return the statuses."""
    with httpx.Client(base_url=url, timeout=20, limits=NO_REUSE) as http:
        calls = [call for account in accounts for symbol in symbols for call in order(account, symbol, 2)]
        return [http.request(call.method, call.path, json=call.body).status_code for call in calls]


def test_the_steps_name_the_planted_cause_and_only_there(api: Client, server: Server) -> None:
    environment = new_release("walk").partition("@")[2].replace(".", "-")
    dsn = server.dsn
    with running_service(dsn=dsn, release=GOOD_RELEASE, environment=environment) as url:
        place_orders(url, *["acc-1", "acc-2", "acc-3", "acc-4"] * 2)
        assert set(place_orders(url, *["acc-1", "acc-2", "acc-3"] * 2, symbols=("DROP",))) == {500}
    server.drain()
    started = api.call("POST", "/release/deploy/start", {"environment": environment, "version": BAD_RELEASE})
    api.call("POST", f"/release/deploy/{started['deployment_id']}/complete", {"success": True})
    with running_service(dsn=dsn, release=BAD_RELEASE, environment=environment) as url:
        passed = place_orders(url, *["acc-1", "acc-2", "acc-3"] * 5)
        failed = place_orders(url, *["acc-4"] * 4)
        assert (set(passed), set(failed)) == ({201}, {500})
        place_orders(url, *["acc-1", "acc-2", "acc-3"] * 2, symbols=("DROP",))
    server.drain()
    events = ask(server, EVENTS.format(environment=environment))
    planted = next(event_id for event_id, kind in reversed(events) if kind == "KeyError")
    other = next(event_id for event_id, kind in reversed(events) if kind == "VenueUnavailable")

    opened = api.call("POST", f"/debug/session/{planted}", {"title": "Orders of institutions"})
    steps = {step["key"]: step for step in opened["steps"]}
    assert opened["error_id"] == planted
    assert steps["new_in_release"]["finding"] == "yes" and BAD_RELEASE in steps["new_in_release"]["summary"]
    assert steps["deployment"]["finding"] == "yes" and BAD_RELEASE in steps["deployment"]["summary"]
    assert steps["shared"]["finding"] == "yes"
    shared = {(each["key"], each["value"]) for each in steps["shared"]["evidence"]["shared"]}
    assert {("user", "acc-4"), ("body account_id", "acc-4")} <= shared
    session = api.call("GET", f"/debug/session/{opened['session_id']}")
    error = session["context"]["errors"]["values"]["errors"][0]
    assert (error["type"], error["frames"][0]["function"]) == ("KeyError", "margin_by_tier")
    assert "INSTITUTIONAL" in str(error["frames"][0]["variables"]).upper()
    assert session["context"]["request"]["values"]["body"]["account_id"] == "acc-4"
    assert session["context"]["deployment"]["values"]["version"] == BAD_RELEASE
    assert session["context"]["trace"]["values"]["spans"] >= 1

    without = api.call("POST", f"/debug/session/{other}", {})
    findings = {step["key"]: step for step in without["steps"]}
    assert findings["new_in_release"]["finding"] == "no"
    assert findings["deployment"]["finding"] == "no"
    causes = {each["value"] for each in findings["shared"]["evidence"]["shared"]}
    assert "DROP" in causes and "acc-4" not in causes  # its own cause: the venue that drops connections

    page = log_in(server).get(f"/debug/{opened['session_id']}").raise_for_status().text
    assert "Orders of institutions" in page and "margin_by_tier" in page
    for key in ("new_in_release", "deployment", "shared"):
        assert escape(steps[key]["summary"]) in page

    api.call("PATCH", f"/debug/session/{opened['session_id']}/steps/shared", {"state": "done", "note": "tier"})
    ended = api.call(
        "PATCH",
        f"/debug/session/{opened['session_id']}",
        {"conclusion": "RATES_BY_TIER has no entry for institutional accounts.", "state": "resolved"},
    )
    assert ended["state"] == "resolved"
    assert [entry["kind"] for entry in ended["audit"]] == ["state", "conclusion", "step", "opened"]
