"""A venue goes down while somebody watches: ten thousand alerts through the HTTP API of a real server, and its pages.

As Prometheus sends them (pushes of many), and as an application does (`POST /alerts`, one each, several connections). The pages
are read from outside meanwhile, and again when the storm is over.

    python -m benchmarks.storm [pushes] [singles] [--seconds 30]
"""

import argparse
import asyncio
import http.client
import json
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from benchmarks.live import log_in
from benchmarks.load import ask
from tests.servers import Server, running_embedded

ALERTS, PUSH_SIZE, CONNECTIONS = 10_000, 200, 4
MOST_SECONDS = 60
PAUSE_SECONDS = 0.05  # between two reads of the watcher
UNLIMITED = {"TRADEWATCH_TOKEN_RATE_PER_MINUTE": "1000000", "TRADEWATCH_ADDRESS_RATE_PER_MINUTE": "1000000"}


@dataclass
class Watcher:
    """Reads pages one after the other and remembers how long each took."""

    server: Server
    cookies: dict[str, str]
    paths: dict[str, str]
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def read(self, rounds: int = 1, *, until: threading.Event | None = None) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.ports[0], timeout=60)
        while rounds > 0 or (until is not None and not until.is_set()):
            rounds -= 1
            for name, path in self.paths.items():
                started = time.monotonic()
                get(connection, path, {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())})
                self.seconds.setdefault(name, []).append(time.monotonic() - started)
                time.sleep(PAUSE_SECONDS)

    def figures(self) -> dict[str, str]:
        """Return `median / 95th percentile / worst` of each page in milliseconds, and how often it was read."""
        return {name: in_words(taken) for name, taken in self.seconds.items()}


def in_words(seconds: list[float]) -> str:
    ms = sorted(1000 * each for each in seconds)
    return f"{statistics.median(ms):.0f} / {ms[int(0.95 * (len(ms) - 1))]:.0f} / {ms[-1]:.0f} ms ({len(ms)})"


def get(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> None:
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path} answered {answer.status}")


# --- what is sent -----------------------------------------------------------------------------------------------------
def pushes(size: int, count: int = ALERTS) -> list[tuple[str, bytes]]:
    return [
        ("/api/v2/alerts", json.dumps([pushed(n) for n in range(at, at + size)]).encode())
        for at in range(0, count, size)
    ]


def pushed(number: int) -> dict[str, Any]:
    labels = {
        "alertname": "OrderRejected", "severity": "page", "venue": "lmax", "order": str(number),
        "instance": f"gateway-{number % 20:02}:9100", "environment": "production",
    }  # fmt: skip
    annotations = {
        "summary": f"Order {number} rejected: venue is down",
        "description": f"lmax refused order {number}: no session",
    }
    started = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    return {
        "labels": labels,
        "annotations": annotations,
        "startsAt": started,
        "generatorURL": "http://prometheus:9090/g",
    }


def singles(count: int = ALERTS) -> list[tuple[str, bytes]]:
    return [("/alerts", json.dumps(single(n)).encode()) for n in range(count)]


def single(number: int) -> dict[str, Any]:
    return {
        "title": f"Order {number} rejected: venue is down", "message": "no session", "severity": "critical",
        "category": "system", "source": "gateway", "environment": "production",
        "tags": {"venue": "lmax", "order": str(number)}, "dedup_key": f"order:{number}",
    }  # fmt: skip


# --- the storm --------------------------------------------------------------------------------------------------------
def send_all(
    server: Server, token: str, bodies: list[tuple[str, bytes]], *, connections: int, spread_seconds: float = 0
) -> tuple[float, int, list[float]]:
    """Send the bodies, evenly over `spread_seconds` (0: as fast as it goes), for a minute at most.

    Returns (seconds, how many were taken, seconds of each answer).
    """
    started, taken = time.monotonic(), list[float]()
    left = iter(enumerate(bodies))
    lock = threading.Lock()

    def sender() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.ports[0], timeout=60)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        while time.monotonic() < started + MOST_SECONDS:
            with lock:
                number, (path, body) = next(left, (0, ("", b"")))
            if not path:
                return
            time.sleep(max(0.0, started + spread_seconds * number / len(bodies) - time.monotonic()))
            asked = time.monotonic()
            connection.request("POST", path, body=body, headers=headers)
            answer = connection.getresponse()
            said = answer.read()
            if answer.status not in (200, 201):
                raise RuntimeError(f"{path} answered {answer.status}: {said[:300]!r}")
            taken.append(time.monotonic() - asked)

    with ThreadPoolExecutor(connections) as pool:
        for each in [pool.submit(sender) for _ in range(connections)]:
            each.result()
    return time.monotonic() - started, len(taken), taken


def measure(bodies: list[tuple[str, bytes]], *, connections: int, spread_seconds: float = 0) -> dict[str, Any]:
    with storm_server() as (server, token, cookies):
        send_all(server, token, singles(1), connections=1)  # one that is there to be looked at
        first = ask(server, "SELECT MIN(id) FROM alerts_alert")
        paths = {
            "/alerts": "/alerts",
            "dashboard": "/error-dashboard.html",
            "one alert": f"/alerts/{first}",
            "/health": "/health",
        }
        Watcher(server, cookies, paths).read(2)  # warm
        wait_until_decided(server)
        before, meanwhile, over = Watcher(server, cookies, paths), Watcher(server, cookies, paths), threading.Event()
        before.read(5)
        watching = threading.Thread(target=meanwhile.read, args=(0,), kwargs={"until": over})
        watching.start()
        seconds, sent, answers = send_all(server, token, bodies, connections=connections, spread_seconds=spread_seconds)
        decided = wait_until_decided(server)
        over.set()
        watching.join()
        after = Watcher(server, cookies, paths)
        after.read(10)
        alerts = ask(server, "SELECT COUNT(*) FROM alerts_alert")
        return {
            "alerts": alerts, "requests": sent, "seconds": round(seconds, 1), "alerts_per_s": round((alerts - 1) / seconds),
            "answer": in_words(answers), "decided_after_s": round(decided, 1),
            "groups": ask(server, "SELECT COUNT(*) FROM alerts_alertgroup"),
            "messages": ask(server, "SELECT COUNT(*) FROM alerts_notification"),
            "pages_before": before.figures(), "pages_meanwhile": meanwhile.figures(), "pages_after": after.figures(),
            "load": round(os.getloadavg()[0], 1),
        }  # fmt: skip


def wait_until_decided(server: Server) -> float:
    """Return how long it takes from now until each alert has its group and each group has looked."""
    started = time.monotonic()
    while time.monotonic() < started + 300:
        waiting = ask(server, "SELECT COUNT(*) FROM alerts_alert WHERE is_unrouted")
        if not waiting and not ask(
            server, "SELECT COUNT(*) FROM alerts_alertgroup WHERE next_due_at <= datetime('now')"
        ):
            return time.monotonic() - started
        time.sleep(0.1)
    raise TimeoutError("alerts still wait for a decision after five minutes")


@contextmanager
def storm_server() -> Iterator[tuple[Server, str, dict[str, str]]]:
    with running_embedded(TRADEWATCH_ALERT_MAIL_TO="desk@example.com", **UNLIMITED) as server:
        yield server, server.token("alerts:write"), asyncio.run(log_in(server))


MEASUREMENTS: dict[str, Callable[[float], dict[str, Any]]] = {
    "pushes": lambda seconds: measure(pushes(PUSH_SIZE), connections=2),
    "spread": lambda seconds: measure(pushes(PUSH_SIZE), connections=2, spread_seconds=seconds),
    "singles": lambda seconds: measure(singles(), connections=CONNECTIONS),
}


def measure_storm() -> dict[str, Any]:
    return {name: step(MOST_SECONDS * 0.9) for name, step in MEASUREMENTS.items()}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seconds", type=float, default=MOST_SECONDS * 0.9)
    asked = parser.parse_args()
    for name in asked.names or MEASUREMENTS:
        print(json.dumps({"what": name, **MEASUREMENTS[name](asked.seconds)}, indent=1), flush=True)
