"""sentry-cli watches a job, and the heartbeat of it is ours."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Server

pytestmark = pytest.mark.clients
SENTRY_CLI = str(Path(sys.executable).with_name("sentry-cli"))


def run_monitored(server: Server, slug: str, *command: str, schedule: str = "30 2 * * *") -> int:
    done = subprocess.run(
        [SENTRY_CLI, "monitors", "run", "-e", "production", "--schedule", schedule, "--check-in-margin", "5",
         "--max-runtime", "30", "--timezone", "Europe/London", slug, "--", *command],
        env={**os.environ, "SENTRY_DSN": server.dsn}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    return done.returncode


def heartbeat(server: Server, slug: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {server.token('alerts:read')}"}
    request = urllib.request.Request(f"{server.url}/alerts/heartbeats", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        [found] = [row for row in json.load(answer)["results"] if row["slug"] == slug]
        return found  # type: ignore[no-any-return]


def test_monitors_run_makes_a_heartbeat_and_tells_success_and_failure(shared_server: Server) -> None:
    assert run_monitored(shared_server, "nightly-settlement", "true") == 0
    shared_server.drain()
    found = heartbeat(shared_server, "nightly-settlement")
    assert (found["state"], found["schedule"]) == ("up", "30 2 * * * Europe/London")
    assert (found["grace_seconds"], found["max_runtime_seconds"]) == (300, 1800)
    assert found["last_seconds"] is not None and found["expected_at"] is not None
    assert run_monitored(shared_server, "nightly-settlement", "false") != 0
    shared_server.drain()
    assert heartbeat(shared_server, "nightly-settlement")["state"] == "failed"


def test_a_plain_url_is_the_same_heartbeat(shared_server: Server) -> None:
    key, _, rest = shared_server.dsn.removeprefix("http://").partition("@")
    project = rest.rpartition("/")[2]
    url = f"{shared_server.url}/api/{project}/cron/plain-job/{key}?status=ok&duration=7.5&environment=production"
    with urllib.request.urlopen(url, timeout=10) as answer:
        assert answer.status == 202
    shared_server.drain()
    found = heartbeat(shared_server, "plain-job")
    assert (found["state"], found["last_seconds"], found["schedule"]) == ("up", 7.5, "no schedule")
