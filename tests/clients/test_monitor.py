"""`performance_monitor` of the client against a server: what it measured is counted as it stands for, and pages."""

import json
import random
import time
import urllib.parse
import urllib.request
from typing import Any

import pytest

from tests.backends import wait_until
from tests.clients.stored import new_release
from tests.servers import Server
from tradewatch.facade import performance_monitor as module
from tradewatch.facade import remote
from tradewatch.facade.performance_monitor import PerformanceMonitor

pytestmark = [pytest.mark.clients, pytest.mark.once]


def ask(server: Server, token: str, path: str, **query: str) -> Any:
    url = f"{server.url}{path}?{urllib.parse.urlencode(query)}"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_requests_functions_and_crossings_arrive(shared_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    name = new_release("monitor").replace("@", "-")
    monkeypatch.setattr(module, "backend_of_this_process", lambda: remote)
    monkeypatch.setenv("TRADEWATCH_DSN", shared_server.dsn)
    monkeypatch.setenv("SENTRY_ENVIRONMENT", "staging")
    monkeypatch.setenv("SENTRY_TRACES_SAMPLE_RATE", "0.25")
    monkeypatch.setattr(module.random, "random", random.Random(7).random)
    monitor = PerformanceMonitor()
    query = monitor.track_performance(name, threshold=0.01)(time.sleep)
    for number in range(400):
        try:
            with monitor.track_request("GET", f"/{name}"):
                if number % 10 == 0:
                    raise ValueError("no quote")
        except ValueError:
            pass
    for seconds in (0.0, 0.02, 0.03):
        query(seconds)
    monitor.stop()
    drawn = random.Random(7)
    sent = [number for number in range(400) if drawn.random() < 0.25]
    shared_server.drain()

    token = shared_server.token("performance:read", "alerts:read")
    found = ask(shared_server, token, "/performance/metrics", environment="staging", window="1h")
    [transaction] = [each for each in found["transactions"] if each["name"] == f"GET /{name}"]
    assert transaction["count"] == len(sent)
    assert transaction["weighted_count"] == pytest.approx(4 * len(sent))
    failed = sum(number % 10 == 0 for number in sent)
    assert transaction["failure_rate"] == pytest.approx(failed / len(sent))
    assert {"function.duration", "process.memory"} <= {each["name"] for each in found["custom"]}

    def alerts() -> list[Any]:
        results: list[Any] = ask(shared_server, token, "/alerts/active", environment="staging")["results"]
        return [alert for alert in results if alert["title"].startswith(f"{name} took")]

    wait_until(alerts, what="the alert", seconds=60)
    [alert] = alerts()
    assert (alert["severity"], alert["category"], alert["tags"]["function"]) == ("warning", "performance", name)
