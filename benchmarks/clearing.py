"""Making room: rows a second of thinning, and how long ingest waits meanwhile. `python -m benchmarks.clearing`

A month of errors and as many captured contexts on a fresh SQLite store, where all that writes shares one lock. Everything
older than a day goes by the rule of `errors.telling`; beside it another process inserts a row again and again, as the digest
does, and notes how long each insert waited.
"""

import argparse
import json
import os
import select
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.store import open_store

EVENTS, CONTEXTS, ISSUES = 50_000, 20_000, 200
PAUSE_SECONDS = 0.01
STORE = "tradewatch.sqlite3"
SHARES = {"p50": 0.5, "p99": 0.99, "longest": 1.0}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=EVENTS)
    options.add_argument("--contexts", type=int, default=CONTEXTS)
    options.add_argument("--write-beside", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.write_beside:
        print(json.dumps(_write_beside(chosen.write_beside)))
        return
    with tempfile.TemporaryDirectory() as home:
        print(json.dumps(_measure(Path(home), chosen.events, chosen.contexts), indent=1))


def _measure(home: Path, events: int, contexts: int) -> dict[str, Any]:
    open_store(home)
    from benchmarks.triage_store import seed
    from debugging.contexts.thinning import thin_contexts_before
    from tradewatch.errors.thinning import thin_before
    from tradewatch.projects.models import Project

    project, now = Project.objects.get(), datetime.now(UTC)
    seed(project, events=events, issues=ISSUES, now=now, request_days=0, mixes_payloads=True)
    _capture(contexts)
    moments = {project.pk: now - timedelta(days=1)}
    return {
        "alone": _waits(home, _nothing),
        "contexts": _waits(home, lambda: thin_contexts_before(moments)),
        "events": _waits(home, lambda: thin_before(moments)),
        "load_average": os.getloadavg()[0],
    }


def _nothing() -> Iterable[int]:
    time.sleep(5)
    return [0]


def _capture(count: int) -> None:
    """Store a context for each of so many events, with the event's document and fingerprint."""
    from debugging.models import ErrorContext
    from tradewatch.errors.models import Event

    rows = Event.objects.select_related("issue", "stored").order_by("pk")[:count]
    ErrorContext.objects.bulk_create(
        (
            ErrorContext(
                project_id=event.project_id,
                error_id=event.event_id,
                issue=event.issue,
                hashes=[str(event.issue_id)],
                title=event.issue.title,
                environment=event.environment,
                captured_at=event.timestamp,
                captured_by="benchmark",
                data=bytes(event.stored.data),
            )
            for event in rows.iterator(2000)
        ),
        batch_size=500,
    )


def _waits(home: Path, delete: Callable[[], Iterable[int]]) -> dict[str, Any]:
    """Return {rows, rows a second, how long inserts of another process waited: the median, p99 and longest, in ms}."""
    command = [sys.executable, "-m", "benchmarks.clearing", "--write-beside", str(home / STORE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()  # it is there
        started = time.monotonic()
        rows = sum(delete())
        seconds = time.monotonic() - started
        said, _ = writer.communicate("")
    waited = sorted(json.loads(said))
    return {
        "rows": rows,
        "rows_a_second": round(rows / seconds),
        "inserts": len(waited),
        "waited_ms": {name: round(waited[int(share * (len(waited) - 1))], 1) for name, share in SHARES.items()},
    }


def _write_beside(store: Path) -> list[float]:
    """Insert until the input ends; return the milliseconds that each took."""
    waited = []
    with sqlite3.connect(store, timeout=60, isolation_level=None) as own:
        own.execute("PRAGMA synchronous=NORMAL")
        own.execute("CREATE TABLE IF NOT EXISTS written_beside (data)")
        print("there", flush=True)
        while not select.select([sys.stdin], [], [], PAUSE_SECONDS)[0]:
            started = time.monotonic()
            own.execute("INSERT INTO written_beside VALUES (?)", [b"x" * 2000])
            waited.append((time.monotonic() - started) * 1000)
    return waited


if __name__ == "__main__":
    main()
