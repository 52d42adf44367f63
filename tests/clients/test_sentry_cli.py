import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.stored import new_release, stored_events
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]

SENTRY_CLI = Path(sys.executable).with_name("sentry-cli")


def send_event(server: Server, *arguments: str) -> str:
    sent = subprocess.run(
        [str(SENTRY_CLI), "send-event", "--no-environ", *arguments],
        env={**os.environ, "SENTRY_DSN": server.dsn},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert sent.returncode == 0, sent.stderr
    return sent.stdout


def test_an_event_from_sentry_cli_is_stored_once(shared_server: Server) -> None:
    release = new_release("cli")
    message, tag = "nightly settlement failed", "job:settle"
    told = send_event(
        shared_server, "-m", message, "-l", "fatal", "-r", release, "-E", "staging", "-t", tag, "-e", "batch:17"
    )
    [event] = stored_events(shared_server, release=release)
    assert event.event_id in told.replace("-", "")
    assert (event.message, event.severity, event.environment) == (message, "critical", "staging")
    assert event.payload["tags"]["job"] == "settle"
    assert event.payload["extra"]["batch"] == "17"


def test_an_event_from_a_file_is_scrubbed(shared_server: Server, tmp_path: Path) -> None:
    release, secret = new_release("cli"), secrets.token_hex(12)
    file = tmp_path / "event.json"
    document = {
        "message": "import failed",
        "level": "error",
        "release": release,
        "environment": "staging",
        "extra": {"api_key": secret, "file": "fills.csv"},
    }
    file.write_text(json.dumps(document))
    send_event(shared_server, str(file))
    [event] = stored_events(shared_server, release=release)
    assert event.message == "import failed"
    assert event.payload["extra"]["file"] == "fills.csv"
    assert secret not in json.dumps(event.payload)
