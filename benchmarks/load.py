"""Runs the load generator against an embedded server and waits until everything it sent is digested."""

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import Server

GENERATOR = Path(__file__).parent / "envload.py"


@dataclass(frozen=True)
class EndToEnd:
    """`digested` events, counted in the database, within `seconds` of the first write."""

    accepted: int
    digested: int
    refused: int
    dead: int
    seconds: float
    accept_ms: dict[str, float]
    accept_per_second: float

    @property
    def per_second(self) -> float:
        return self.digested / self.seconds


def send(server: Server, *options: str) -> dict[str, Any]:
    """Run the generator; return what it prints."""
    command = [sys.executable, str(GENERATOR), "--dsn", server.dsn, "--gzip", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def ask(server: Server, query: str) -> int:
    """Return a number from the database, read beside the running server."""
    database = sqlite3.connect(f"file:{server.home}/tradewatch.sqlite3?mode=ro", uri=True, timeout=5)
    try:
        return int(database.execute(query).fetchone()[0])
    finally:
        database.close()


def digested(server: Server) -> int:
    return ask(server, "SELECT COALESCE(SUM(event_count), 0) FROM errors_issue")


def dead(server: Server) -> int:
    return ask(server, "SELECT COUNT(*) FROM inbox_deadletter")


def send_and_digest(server: Server, *options: str, counted: Callable[[Server], int] = digested) -> EndToEnd:
    """Send, then look every 20 ms until all of it is `counted`: in the issues' counters, if nothing else is said.

    The generator's own start is not in the time.
    """
    before, dead_before = counted(server), dead(server)
    sent = send(server, *options)
    accepting_ended = time.monotonic()
    while counted(server) < before + sent["accepted"] and time.monotonic() < accepting_ended + 300:
        time.sleep(0.02)
    return EndToEnd(
        accepted=sent["accepted"],
        digested=counted(server) - before,
        refused=sent["sent"] - sent["accepted"],
        dead=dead(server) - dead_before,
        seconds=sent["seconds"] + time.monotonic() - accepting_ended,
        accept_ms=sent["latency_ms"],
        accept_per_second=sent["accept_rate"],
    )
