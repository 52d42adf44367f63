import json
import os
import secrets
import subprocess
from pathlib import Path

import pytest

from tests.clients.stored import new_release, stored_events, stored_series
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]


def test_an_error_from_node_is_stored_once_and_scrubbed(shared_server: Server, node_folder: Path) -> None:
    release, secret = new_release("node"), secrets.token_hex(12)
    reported = subprocess.run(
        ["node", "report.mjs"],
        cwd=node_folder,
        env={**os.environ, "TRADEWATCH_DSN": shared_server.dsn, "RELEASE": release, "SECRET": secret},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert reported.returncode == 0, reported.stderr
    [event] = stored_events(shared_server, release=release)
    assert event.event_id == reported.stdout.strip()
    assert event.thrown == [("QuoteExpired", "quote for ACME is too old")]
    assert (event.environment, event.severity, event.payload["platform"]) == ("staging", "error", "node")
    assert event.payload["tags"]["venue"] == "XLON"
    assert event.payload["extra"]["quote"] == {"symbol": "ACME"}
    frames = event.payload["exception"]["values"][0]["stacktrace"]["frames"]
    assert frames[-1]["function"] == "accept"
    assert frames[-1]["in_app"] is True
    assert secret not in json.dumps(event.payload)
    assert event.payload["_removed"]
    assert stored_series(shared_server, "tx:accept quote") == {"tx:accept quote": 1}


def test_the_lock_file_names_no_registry(node_folder: Path) -> None:
    packages = json.loads((node_folder / "package-lock.json").read_text())["packages"]
    assert len(packages) > 2
    assert [name for name, package in packages.items() if "resolved" in package] == []
