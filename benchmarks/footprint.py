"""Memory of all processes together when idle, how fast a later start answers, and disk for each digested event."""

import sqlite3
import time
from typing import Any

from benchmarks.load import digested, send_and_digest
from tests.servers import Server, running_from_nothing, start_embedded

EVENTS = 20_000


def measure_footprint() -> dict[str, Any]:
    with running_from_nothing() as server:
        time.sleep(5)
        idle_mb = server.memory_mb()
        before = used_bytes(server)
        send_and_digest(server, "--events", str(EVENTS), "--concurrency", "16")
        per_event = (used_bytes(server) - before) / digested(server)
        starts = [start_seconds(server) for _ in range(3)]
        time.sleep(5)
        return {
            "idle_pss_mb": round(idle_mb, 1),
            "idle_pss_mb_with_20000_events": round(server.memory_mb(), 1),
            "disk_bytes_per_small_event": round(per_event),
            "later_start_seconds": [round(seconds, 2) for seconds in starts],
        }


def used_bytes(server: Server) -> int:
    """Return the bytes the main database uses, its log written back and free pages left out."""
    database = sqlite3.connect(server.home / "tradewatch.sqlite3", timeout=20)
    try:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages, free, size = (
            database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)
    finally:
        database.close()


def start_seconds(server: Server) -> float:
    server.stop()
    started = time.monotonic()
    start_embedded(server)
    return time.monotonic() - started
