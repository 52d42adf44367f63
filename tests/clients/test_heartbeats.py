"""sentry-cli and the stock Python SDK watch jobs, and the heartbeats of them are ours."""

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.once]
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


JOBS = """
import sentry_sdk
from sentry_sdk.crons import MonitorStatus, capture_checkin, monitor

sentry_sdk.init(environment="production")
CONFIG = {
    "schedule": {"type": "interval", "value": 15, "unit": "minute"},
    "timezone": "America/New_York",
    "checkin_margin": 2,
    "max_runtime": 1,
    "failure_issue_threshold": 2,
    "recovery_threshold": 2,
}

@monitor(monitor_slug="mark-to-market", monitor_config=CONFIG)
def mark(fails=False):
    if fails:
        raise RuntimeError("no prices")

def quietly(fails):
    try:
        mark(fails)
    except RuntimeError:
        pass

for fails in (False, True, True, False):
    quietly(fails)
capture_checkin(monitor_slug="margin-run", status=MonitorStatus.OK, duration=90, monitor_config=CONFIG)
opened = capture_checkin(monitor_slug="recon", status=MonitorStatus.IN_PROGRESS, monitor_config=CONFIG)
capture_checkin(monitor_slug="recon", check_in_id=opened, status=MonitorStatus.OK, duration=3.25)
sentry_sdk.flush(10)
"""


def entries(server: Server, found: dict[str, Any]) -> list[tuple[str, bool]]:
    """Return (kind, whether its duration is known) of a heartbeat's history, oldest first."""
    headers = {"Authorization": f"Bearer {server.token('alerts:read')}"}
    request = urllib.request.Request(f"{server.url}/alerts/heartbeats/{found['id']}/entries", headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        rows = json.load(answer)["results"]
    return [(row["kind"], row["seconds"] is not None) for row in reversed(rows)]


def test_the_stock_sdk_monitors_jobs_with_its_decorator_and_by_hand(shared_server: Server) -> None:
    environment = {**os.environ, "SENTRY_DSN": shared_server.dsn}
    done = subprocess.run([sys.executable, "-c", JOBS], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    shared_server.drain()
    marked = heartbeat(shared_server, "mark-to-market")
    assert (marked["schedule"], marked["grace_seconds"], marked["max_runtime_seconds"]) == ("every 15 min", 120, 60)
    assert (marked["failures_allowed"], marked["recoveries_needed"]) == (1, 2)
    assert (marked["state"], marked["successes"]) == ("failed", 1), "two failures in a row, one good run since"
    run, failed = [("start", False), ("success", True)], [("start", False), ("fail", True)]
    assert entries(shared_server, marked) == [*run, *failed, *failed, *run]
    margin = heartbeat(shared_server, "margin-run")
    assert (margin["state"], margin["failures"]) == ("up", 1), "90 s are too long for a minute, and once is allowed"
    assert entries(shared_server, margin) == [("success", True), ("too_long", False)]
    recon = heartbeat(shared_server, "recon")
    assert (recon["state"], recon["last_seconds"]) == ("up", 3.25)
