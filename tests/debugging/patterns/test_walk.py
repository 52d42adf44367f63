"""The example's bad release, from a real SDK's envelopes to patterns that name the account and the release."""

from typing import Any

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from tests.clients.stored import ask
from tests.debugging.test_walk import Client, place_orders
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]

CREATE = """
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.services import create_project
create_project(SYSTEM, name="Patterns", slug="patterns")
print('"made"')
"""
COUNTS = """
import json
from collections import Counter
from tradewatch.errors.models import Event, Issue
found = {}
for issue in Issue.objects.filter(project__slug="patterns"):
    events = Event.objects.filter(issue=issue).select_related("stored", "release")
    found[issue.exception_type] = {
        "id": issue.pk,
        "users": Counter((event.payload.get("user") or {}).get("id") for event in events),
        "releases": Counter(event.release.version for event in events),
        "symbols": Counter(((event.payload.get("request") or {}).get("data") or {}).get("symbol") for event in events),
    }
print(json.dumps(found))
"""


def shares(api: Client, issue_id: int) -> dict[tuple[str, str], dict[str, Any]]:
    answer = api.call("POST", f"/debug/issues/{issue_id}/analyse")
    return {(row["key"], row["value"]): row for row in answer["results"] if row["kind"] == "share"}


def test_the_account_and_the_release_stand_out_and_in_the_other_issue_the_symbol(shared_server: Server) -> None:
    assert ask(shared_server, CREATE) == "made"
    dsn = shared_server.manage("dsn", "patterns").strip()
    token = shared_server.token("debug:write", project="patterns")
    api = Client(_http(shared_server.url, token))
    with running_service(dsn=dsn, release=GOOD_RELEASE) as url:
        place_orders(url, *["acc-1", "acc-2", "acc-3", "acc-4"] * 12)
        assert set(place_orders(url, *["acc-1", "acc-2", "acc-3"] * 3, symbols=("DROP",))) == {500}
    with running_service(dsn=dsn, release=BAD_RELEASE) as url:
        assert set(place_orders(url, *["acc-1", "acc-2", "acc-3"] * 5)) == {201}
        assert set(place_orders(url, *["acc-4"] * 4)) == {500}
        place_orders(url, *["acc-1", "acc-2", "acc-3"] * 3, symbols=("DROP",))
    shared_server.drain()
    counted = ask(shared_server, COUNTS)
    planted, other = counted["KeyError"], counted["VenueUnavailable"]

    found = shares(api, planted["id"])
    assert {("user", "acc-4"), ("release", BAD_RELEASE)} <= found.keys()
    for key, of in ((("user", "acc-4"), planted["users"]), (("release", BAD_RELEASE), planted["releases"])):
        evidence = found[key]["evidence"]
        assert (evidence["events"], evidence["events_of"]) == (of[key[1]], sum(of.values()))
        assert evidence["traffic"] / evidence["traffic_of"] <= 0.5 * evidence["events"] / evidence["events_of"]
    assert found["release", BAD_RELEASE]["evidence"]["compared_with"] == "requests"

    found = shares(api, other["id"])
    assert ("body symbol", "DROP") in found and "acc-4" not in {value for _, value in found}
    evidence = found["body symbol", "DROP"]["evidence"]
    assert (evidence["events"], evidence["events_of"]) == (other["symbols"]["DROP"], sum(other["symbols"].values()))


def _http(url: str, token: str) -> Any:
    return httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
