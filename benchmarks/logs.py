"""Logs: lines through the digest, bytes a line on disk, searches over a million lines. `python -m benchmarks.logs`

Containers of 100 lines as sentry-sdk 2.75 writes those of the standard `logging` (20 attributes, 1.2 KB a line), queued, then
digested by one process and packed. On a busy machine as many lines as `--seconds` have room for. Beside it what a text index over the same messages costs (SQLite's FTS5, trigrams).
"""

import argparse
import json
import os
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.held import transactions_timed
from benchmarks.store import measured_apart, open_store

LINES = 1_000_000
SECONDS = 300  # an idle machine takes half of them
CONTAINER = 100
ROUND = 500  # containers queued at once
HOURS = 12
INDEXED = 100_000
TRIES = 3
WORDS = ["filled", "refused", "goes to XLON", "settled", "quoted", "cancelled by the client", "above the limit"]


def measure_logs() -> dict[str, Any]:
    return measured_apart("benchmarks.logs")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--lines", type=int, default=LINES)
    options.add_argument("--seconds", type=int, default=SECONDS, help="after so many no more lines are made")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        open_store(Path(home))
        found = {
            "digest": _digest(chosen.lines, chosen.seconds),
            "stored": _stored(),
            "search": _searches(),
            "text_index": _text_index(),
            "load_average": os.getloadavg()[0],
        }
    print(json.dumps(found, indent=1))


def _digest(most: int, seconds: float) -> dict[str, Any]:
    from tradewatch.inbox import queue_sqlite
    from tradewatch.inbox.digest import digest_batch
    from tradewatch.inbox.queue import Arrived
    from tradewatch.ingest.dispatch import HANDLERS
    from tradewatch.projects.models import Project

    project_id, now = Project.objects.get().pk, time.time()
    wall, cpu, lines, until = 0.0, 0.0, 0, time.monotonic() + seconds
    sent_bytes, batches, held = 0, [], []
    while lines < most and time.monotonic() < until:
        starts = range(lines, min(lines + CONTAINER * ROUND, most), CONTAINER)
        lines = starts.stop
        bodies = [_container(start, now - HOURS * 3600 * (1 - start / most)) for start in starts]
        sent_bytes += sum(map(len, bodies))
        queue_sqlite.append([Arrived(project_id, now, "identity", "", body) for body in bodies])
        used, started = time.process_time(), time.monotonic()
        with transactions_timed() as round_held:
            while digest_batch(HANDLERS).rows:
                batches.append(time.monotonic() - started)
                wall, cpu = wall + batches[-1], cpu + time.process_time() - used
                used, started = time.process_time(), time.monotonic()
        held += round_held
    return {
        "lines": lines,
        "sent_bytes_a_line": round(sent_bytes / lines),
        "lines_per_s": round(lines / wall),
        "cpu_us_a_line": round(cpu / lines * 1e6, 1),
        "slowest_batch_s": round(max(batches), 2),
        "longest_transaction_cpu_ms": round(max(held) * 1000),
    }


def _stored() -> dict[str, Any]:
    from django.db import connection
    from django.utils import timezone

    from tradewatch.performance.logs.packing import pack
    from tradewatch.performance.models import LogBlock

    def bytes_a_line() -> float:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT SUM(pgsize) FROM dbstat WHERE name LIKE 'performance_log%%' OR name LIKE 'log_block%%'"
            )
            return float(round(cursor.fetchone()[0] / lines, 1))

    lines = sum(LogBlock.objects.values_list("line_count", flat=True))
    delivered, blocks = bytes_a_line(), LogBlock.objects.count()
    started, used = time.monotonic(), time.process_time()
    while pack(timezone.now()):
        pass
    return {
        "bytes_a_line_as_delivered": delivered,
        "bytes_a_line_packed": bytes_a_line(),
        "blocks": [blocks, LogBlock.objects.count()],
        "packing_cpu_us_a_line": round((time.process_time() - used) / lines * 1e6, 1),
        "packing_s": round(time.monotonic() - started, 1),
    }


def _searches() -> dict[str, Any]:
    from tradewatch.performance.logs.lines import microseconds
    from tradewatch.performance.logs.search.finding import find
    from tradewatch.performance.logs.search.wanted import wanted_of
    from tradewatch.performance.logs.stored import Stretch
    from tradewatch.performance.logs.traces import logs_of_trace
    from tradewatch.projects.models import Project

    now = datetime.now(UTC)
    project_id, end = Project.objects.get().pk, microseconds(now)
    stretch = Stretch([project_id], end - 24 * 3600 * 1_000_000, end)

    def page(query: str, step: int | None = None) -> Callable[[], Any]:
        return lambda: find(wanted_of(query), stretch, size=100, step_seconds=step, longest_seconds=60)

    old = _trace_of(0)
    asked = {
        "newest page": page(""),
        "newest page of errors": page("level:error"),
        "a word in every seventh line": page("settled"),
        "the same, all counted for the chart": page("settled", 900),
        "a word that one line has": page("ord-00000017"),
        "a word that no line has": page("nowhere"),
        "an attribute's value, all counted": page("symbol:S042", 900),
        "an attribute and a word that few have": page("symbol:S042 level:error cancelled", 900),
        "a trace, wherever it is": page(f"trace:{old}"),
        "a trace near a known moment": lambda: logs_of_trace([project_id], old, around=now),
    }
    return {name: _timed(ask) for name, ask in asked.items()}


def _timed(ask: Callable[[], Any]) -> dict[str, float]:
    """Return the best wall time and the least CPU time, in milliseconds."""
    wall, cpu = [], []
    for _ in range(TRIES):
        started, used = time.perf_counter(), time.process_time()
        ask()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return {"best_ms": round(min(wall) * 1000, 1), "cpu_ms": round(min(cpu) * 1000, 1)}


def _text_index() -> dict[str, Any]:
    """Return what an FTS5 index of trigrams costs, on the messages alone."""
    bodies = [(_body(number),) for number in range(INDEXED)]
    with tempfile.TemporaryDirectory() as folder:
        database = sqlite3.connect(Path(folder) / "index.sqlite3")
        database.execute("CREATE VIRTUAL TABLE told USING fts5(body, content='', tokenize='trigram')")
        used = time.process_time()
        for start in range(0, INDEXED, 1000):
            database.executemany("INSERT INTO told(body) VALUES (?)", bodies[start : start + 1000])
            database.commit()
        seconds = time.process_time() - used
        pages, size = database.execute(
            "SELECT page_count, page_size FROM pragma_page_count, pragma_page_size"
        ).fetchone()
        database.close()
    return {"bytes_a_line": round(pages * size / INDEXED, 1), "cpu_us_a_line": round(seconds / INDEXED * 1e6, 1)}


def _body(number: int) -> str:
    dice = random.Random(number)
    return f"order ord-{number:08} {dice.choice(WORDS)}: buy S{number % 200:03} at {dice.uniform(10, 900):.2f}"


def _trace_of(number: int) -> str:
    """Five lines a trace; the ids are random, as real ones are: they do not compress."""
    return f"{random.Random(number // 5).getrandbits(128):032x}"


def _container(start: int, at: float) -> bytes:
    payload = json.dumps({"version": 2, "items": [_line(start + each, at + each / 50) for each in range(CONTAINER)]})
    head = json.dumps({"type": "log", "item_count": CONTAINER, "length": len(payload)})
    return f"{{}}\n{head}\n{payload}\n".encode()


def _line(number: int, at: float) -> dict[str, Any]:
    body = _body(number)
    said: dict[str, Any] = {
        "symbol": f"S{number % 200:03}",
        "quantity": number % 977,
        "sentry.origin": "auto.log.stdlib",
        "sentry.message.template": "order %s %s: buy %s at %s",
        "sentry.message.parameter.0": f"ord-{number:08}",
        "sentry.message.parameter.1": WORDS[number % len(WORDS)],
        "code.line.number": 40 + number % 30,
        "code.file.path": "trading_app/routes.py",
        "code.function.name": "place_order",
        "thread.id": 140388253824704 + number % 8,
        "thread.name": "AnyIO worker thread",
        "process.pid": 18335,
        "process.executable.name": "MainProcess",
        "logger.name": f"trading_app.{('routes', 'risk', 'venue')[number % 3]}",
        "sentry.sdk.name": "sentry.python.fastapi",
        "sentry.sdk.version": "2.75.0",
        "process.runtime.name": "CPython",
        "process.runtime.version": "3.11.7",
        "server.address": "trading-worker-7.internal.example",
        "sentry.environment": "production",
        "sentry.release": "trading-api@2.0.1",
        "sentry.severity_number": 9,
        "sentry.severity_text": "info",
    }
    return {
        "timestamp": at,
        "level": "error" if number % 50 == 0 else "info",
        "body": body,
        "attributes": {
            name: {"value": value, "type": "string" if isinstance(value, str) else "integer"}
            for name, value in said.items()
        },
        "trace_id": _trace_of(number),
        "span_id": f"{random.Random(-1 - number // 2).getrandbits(64):016x}",
    }


if __name__ == "__main__":
    main()
