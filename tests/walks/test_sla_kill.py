"""kill -9 while minutes are collected, a restart, and every envelope sent twice: no figure of a target changes."""

import http.client
import json
import time
import urllib.request
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.servers import Server, wait_healthy
from tests.walks.test_kill import kill_and_restart

pytestmark = pytest.mark.server
REQUESTS, FAILED = 240, 37
KILLS = 6
FIGURES = ("state", "value", "budget", "raw")


def envelopes(now: float) -> list[bytes]:
    """Return transactions of five minutes, the last ended a minute ago, spread evenly; every sixth or so failed."""
    return [envelope(now - 60 - 300 * number / REQUESTS, is_failed=number < FAILED) for number in range(REQUESTS)]


def envelope(at: float, *, is_failed: bool) -> bytes:
    context = {"trace_id": uuid.uuid4().hex, "span_id": uuid.uuid4().hex[:16], "op": "http.server"}
    payload = json.dumps(
        {
            "type": "transaction",
            "event_id": uuid.uuid4().hex,
            "transaction": "/orders",
            "environment": "production",
            "start_timestamp": at - 0.1,
            "timestamp": at,
            "contexts": {"trace": {**context, "status": "internal_error" if is_failed else "ok"}},
            "spans": [],
        }
    )
    return f'{{}}\n{{"type":"transaction"}}\n{payload}\n'.encode()


def send(server: Server, bodies: list[bytes]) -> None:
    parts = urlsplit(server.dsn)
    connection = http.client.HTTPConnection("127.0.0.1", server.ports[0], timeout=20)
    headers = {"X-Sentry-Auth": f"Sentry sentry_key={parts.username}, sentry_version=7"}
    for body in bodies:
        connection.request("POST", f"/api{parts.path}/envelope/", body, headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200
    server.drain(timeout=90)


def figures(server: Server, token: str) -> dict[str, Any]:
    request = urllib.request.Request(f"{server.url}/sla/status", headers={"Authorization": f"Bearer {token}"})
    targets = json.loads(urllib.request.urlopen(request, timeout=20).read())["targets"]
    return {each["metric_name"]: {name: each[name] for name in FIGURES} for each in targets}


def wait_until_all_count(server: Server, token: str) -> dict[str, Any]:
    deadline = time.monotonic() + 660  # what came late is read again within ten minutes
    while time.monotonic() < deadline:
        found = figures(server, token)
        if all(found[name]["budget"]["valid"] >= REQUESTS for name in ("availability", "error_rate", "response_time")):
            return found
        time.sleep(1)
    raise AssertionError(f"not collected: {found}")


def without_burn(found: dict[str, Any]) -> dict[str, Any]:
    """Return the figures but for how fast the budget burns: its windows move on with the clock."""
    return {
        name: {**each, "budget": {key: value for key, value in each["budget"].items() if key not in ("burn", "firing")}}
        for name, each in found.items()
    }


def test_no_kill_no_restart_and_no_second_delivery_changes_a_figure(server: Server) -> None:
    token = server.token("sla:read")
    bodies = envelopes(time.time())
    send(server, bodies[: REQUESTS // 2])
    for number in range(KILLS):
        time.sleep(4)
        kill_and_restart(server, number)
        wait_healthy(server)
    send(server, bodies[REQUESTS // 2 :])
    first = wait_until_all_count(server, token)
    for name in ("availability", "error_rate"):
        assert (first[name]["budget"]["valid"], first[name]["budget"]["bad"]) == (REQUESTS, FAILED)

    send(server, bodies)
    for number in range(2):
        kill_and_restart(server, number)
        wait_healthy(server)
    time.sleep(130)  # the worker is back, and has collected the same minutes again at least once
    assert without_burn(figures(server, token)) == without_burn(first)
