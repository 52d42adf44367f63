"""The example's bad release as a target: a shrink ends with what its incident needs, a matrix shows who meets it.

What the shrink left is exported: as a test it fails against that release, and passes against the one that is repaired.
"""

from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, REPAIRED_RELEASE
from examples.trading_app.process import running_service
from tests.backends import wait_until
from tests.clients.stored import ask, new_release
from tests.debugging.exports.test_walk import run_test
from tests.debugging.test_walk import EVENTS, Client, api  # noqa: F401  # api: the fixture
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]
LIST_TARGET = """
from django.utils import timezone
from debugging.models import ReplayTarget
from tradewatch.projects.models import Project
ReplayTarget.objects.create(
    project=Project.objects.get(slug="default"), name={name!r}, kind="local", base_url={url!r}, allows_internal=True,
    allows_unsafe=True, created_at=timezone.now(), created_by="test",
)
"""
# What the service takes no notice of is in it too.
ORDER = {
    "client": {"name": "desk 7", "versions": [3, 1, 4]},
    "account_id": "acc-4",
    "symbol": "ACME",
    "side": "buy",
    "quantity": 120,
    "note": "rebalancing of the morning",
}
ACCOUNTS = ["acc-1", "acc-2", "acc-3", "acc-4"]


def test_the_planted_incident_is_shrunk_and_shown_by_a_matrix(
    api: Client,  # noqa: F811
    server: Server,
    tmp_path: Path,
) -> None:
    environment = new_release("batch").partition("@")[2].replace(".", "-")
    with running_service(dsn=server.dsn, release=BAD_RELEASE, environment=environment) as url:
        assert httpx.post(f"{url}/orders?desk=7", json=ORDER, timeout=20).status_code == 500
        server.drain()
        [(event_id, kind)] = ask(server, EVENTS.format(environment=environment))
        assert kind == "KeyError"
        session = f"/debug/session/{api.call('POST', f'/debug/session/{event_id}', {})['session_id']}"
        server.manage("shell", "-c", LIST_TARGET.format(name=environment, url=url))

        shrunk = ended(api, session, api.call("POST", f"{session}/shrink", {"target": environment}))
        smallest = shrunk["smallest"]
        assert (shrunk["state"], smallest["ending"], smallest["judged_by"]) == ("done", "minimal", "issue")
        # The service refuses an order without all four, and one of a symbol or side that it does not know.
        assert smallest["body"] == {"account_id": "acc-4", "symbol": "ACME", "side": "buy", "quantity": 1}
        assert (smallest["bytes_after"], smallest["request"]["url"]) == (64, f"{url}/orders")
        assert smallest["bytes_before"] == 148 and smallest["tries"] < 100
        kept = {name.lower() for name, _ in smallest["request"]["headers"]}
        assert "accept" not in kept, "no header but what reads the body was needed"

        exported = tmp_path / "test_smallest.py"
        asked = {"format": "pytest", "shrink": shrunk["batch_id"]}
        exported.write_bytes(api.http.get(f"{session}/reproduction", params=asked).raise_for_status().content)
        failed = run_test(exported, url)
        assert failed.returncode == 1 and "lives: 500" in failed.stdout, failed.stdout + failed.stderr

        asked = {"target": environment, "axes": {"body account_id": ACCOUNTS}}
        matrix = ended(api, session, api.call("POST", f"{session}/matrix", asked))
        statuses = {line["title"]: line["status"] for line in matrix["table"]}
        assert statuses == {f"account_id={name}": 500 if name == "acc-4" else 201 for name in ACCOUNTS}

        def reproduced() -> dict[str, str]:
            told = api.call("GET", f"{session}/batches/{matrix['batch_id']}")
            return {line["title"].partition("=")[2]: line["reproduced"] for line in told["table"]}

        found = {**dict.fromkeys(ACCOUNTS, "no"), "acc-4": "yes"}
        wait_until(lambda: reproduced() == found, what="the errors", seconds=90)
    with running_service(dsn=server.dsn, release=REPAIRED_RELEASE, environment=environment) as url:
        passed = run_test(exported, url)
        assert passed.returncode == 0, passed.stdout + passed.stderr
    trail = [entry["text"] for entry in api.call("GET", session)["audit"]]
    assert f"Matrix of 4 at {environment} ended: 4 answered" in trail
    assert any(text.startswith(f"Shrink at {environment} ended after {smallest['tries']} tries") for text in trail)


def ended(api: Client, session: str, asked: dict[str, Any]) -> Any:  # noqa: F811
    """Wait for the end of a batch; return it with its table."""
    path = f"{session}/batches/{asked['batch_id']}"
    wait_until(lambda: api.call("GET", path)["ended_at"] is not None, what="the end of the batch", seconds=240)
    return api.call("GET", path)
