"""/health/ready of real servers: embedded and grown, and while a Redis or a PostgreSQL takes connections and hangs."""

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from tests.backends import running_postgres, running_redis, suspended, wait_until
from tests.servers import Server, running_embedded, running_server

pytestmark = [pytest.mark.server, pytest.mark.once]
NAMES = {"database", "cache", "broker", "workers", "beat", "disk", "inbox", "upstream"}


def ready(server: Server) -> tuple[int, dict[str, Any], float]:
    """Return (status, {check: answer}, seconds that it took)."""
    started = time.monotonic()
    try:
        with urllib.request.urlopen(f"{server.url}/health/ready", timeout=30) as answer:
            status, body = answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        status, body = refusal.code, json.load(refusal)
    return status, body["checks"], time.monotonic() - started


def failing(server: Server) -> set[str]:
    return {name for name, check in ready(server)[1].items() if check["status"] != "ok"}


def test_embedded_is_ready_and_says_each_part() -> None:
    with running_embedded() as server:
        wait_until(lambda: ready(server)[0] == 200, what="ready", seconds=60)
        wait_until(lambda: "ran " in ready(server)[1]["beat"]["detail"], what="a tick", seconds=60)
        _, checks, _ = ready(server)
        assert set(checks) == NAMES
        assert checks["workers"]["detail"].startswith("the worker was there")
        assert checks["broker"]["detail"] == "in the worker's own memory"


@pytest.fixture
def grown(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with running_redis() as broker, running_postgres() as database:
        monkeypatch.setenv("REDIS_URL", broker)
        monkeypatch.setenv("DATABASE_URL", database)
        with running_server() as server:
            yield server


def processes_of(url: str) -> list[psutil.Process]:
    """Return the processes of the server behind a URL: by its port, or by its socket's folder."""
    parts = urlsplit(url)
    if parts.scheme == "redis":
        mark, names = f":{parts.port}", ("redis-server",)
    else:
        mark, names = dict(pair.split("=", 1) for pair in parts.query.split("&"))["host"], ("postgres",)
    roots = [p for p in psutil.process_iter(["name", "cmdline"]) if _is_of(p, mark, names)]
    return [each for root in roots for each in [root, *root.children(recursive=True)]]


def _is_of(process: psutil.Process, mark: str, names: tuple[str, ...]) -> bool:
    command = process.info["cmdline"] or []
    return process.info["name"] in names and any(mark in part for part in command)


def test_grown_tells_what_hangs_within_seconds_and_recovers(grown: Server) -> None:
    wait_until(lambda: ready(grown)[0] == 200, what="ready", seconds=180)
    wait_until(lambda: ready(grown)[1]["workers"]["detail"] == "a worker answers", what="a worker's answer", seconds=60)
    frozen = processes_of(os.environ["REDIS_URL"])
    assert frozen
    with suspended(frozen):
        status, checks, seconds = ready(grown)
        assert status == 503 and seconds < 10, (seconds, checks)
        assert {name for name, check in checks.items() if check["status"] != "ok"} >= {"broker", "cache", "workers"}
        assert checks["database"]["status"] == checks["disk"]["status"] == "ok"
    wait_until(lambda: ready(grown)[0] == 200, what="ready again", seconds=150)
    frozen = processes_of(os.environ["DATABASE_URL"])
    assert frozen
    with suspended(frozen):
        status, checks, seconds = ready(grown)
        assert status == 503 and seconds < 10, (seconds, checks)
        assert checks["database"]["detail"] == "no answer within 3 s", checks
        assert checks["cache"]["status"] == "ok", checks
    wait_until(lambda: ready(grown)[0] == 200, what="ready again", seconds=150)
