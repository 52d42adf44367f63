"""What a backup of many events takes, what the file restores in, and whether ingest or digesting feel it.

    python -m benchmarks.backup [--events 1000000] [--seconds 20] [--store FILE]

A thousand real events are digested, and their rows multiplied in SQL to so many, with
payloads of the same lengths that compress no further. Then a server with that store takes events from two connections, first for
so many seconds alone, then while `manage.py backup` runs. `--store`: an SQLite file that is migrated already, to begin with.
"""

import argparse
import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import psutil

from tests.servers import MANAGE, empty_server, start_embedded
from tests.walks.senders import Sender

SEED = """
import os
from tests.walks.senders import envelope
from tradewatch.projects.models import Project
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.queue import Arrived
from tradewatch.inbox.digest import digest_batch
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.projects.bootstrap import bootstrap
import time, json, uuid
bootstrap()
project = Project.objects.get().pk
def large(event_id):
    head, item, body = envelope(event_id).split(b"\\n", 2)
    event = json.loads(body)
    event["extra"] = {f"field{n}": uuid.uuid4().hex for n in range(12)}
    event["tags"] = {"region": event_id[0], "desk": event_id[1]}
    body = json.dumps(event).encode()
    return b'%s\\n{"type":"event","length":%d}\\n%s\\n' % (head, len(body), body)
queue_sqlite.append([Arrived(project, time.time(), "identity", "192.0.2.1", large(uuid.uuid4().hex)) for _ in range(1000)])
while digest_batch(HANDLERS).rows: pass
"""
COPY_EVENTS = """
INSERT INTO errors_event ({columns}) SELECT {picked} FROM errors_event e
JOIN (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n) WHERE e.id <= ?
"""
COPY_PAYLOADS = """
INSERT INTO errors_eventpayload (event_id, data) SELECT e.id, randomblob(length(p.data)) FROM errors_event e
JOIN errors_eventpayload p ON p.event_id = (e.id - 1) % ? + 1 WHERE e.id > ?
"""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--store", type=Path)
    asked = parser.parse_args()
    with empty_server() as server, tempfile.TemporaryDirectory(prefix="tw-bench-") as folder:
        store, file = server.home / "tradewatch.sqlite3", Path(folder) / "bench.backup"
        if asked.store:
            shutil.copy(asked.store, store)
        else:
            server.manage("migrate", "-v", "0", timeout=900)
        server.manage("shell", "--no-imports", "-c", SEED, timeout=900)
        multiply(store, asked.events)
        start_embedded(server)
        sender = Timed([server.dsn])
        sender.start(2)
        time.sleep(asked.seconds)
        alone = sender.told()
        made = run([sys.executable, MANAGE, "backup", str(file)], server.env)
        meanwhile = sender.told()
        sender.stop()
        drained = server.drain(timeout=300)
        server.stop()
        size = {"store_mb": megabytes(store), "file_mb": megabytes(file)}
        print(
            json.dumps({"backup": made | size, "ingest_alone": alone, "ingest_meanwhile": meanwhile, "after": drained}),
            flush=True,
        )
        with empty_server() as other:
            if asked.store:
                shutil.copy(asked.store, other.home / "tradewatch.sqlite3")
            shutil.copy(server.home / "secret_key", other.home / "secret_key")
            print(json.dumps({"restore": run([sys.executable, MANAGE, "restore", str(file)], other.env)}), flush=True)


def multiply(store: Path, events: int) -> None:
    """Repeat the rows of the first events until there are `events`, each with an id of its own; counters stay as they are."""
    with sqlite3.connect(store, isolation_level=None) as own:
        (seeded,) = own.execute("SELECT count(*) FROM errors_event").fetchone()
        (last,) = own.execute("SELECT max(id) FROM errors_event").fetchone()
        assert seeded == last, "ids without gaps"
        columns = [f'"{row[1]}"' for row in own.execute("PRAGMA table_info(errors_event)") if row[1] != "id"]
        picked = ["lower(hex(randomblob(16)))" if name == '"event_id"' else f"e.{name}" for name in columns]
        own.execute("BEGIN")
        own.execute(
            COPY_EVENTS.format(columns=", ".join(columns), picked=", ".join(picked)), (events // seeded - 1, last)
        )
        own.execute(COPY_PAYLOADS, (seeded, last))
        own.execute("COMMIT")
        own.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def run(command: list[str], env: dict[str, str]) -> dict[str, Any]:
    """Run a command; return its seconds, CPU seconds and peak memory (RSS)."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process, peak = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL), 0
    while process.poll() is None:
        try:
            peak = max(peak, psutil.Process(process.pid).memory_info().rss)
        except psutil.Error:
            break
        time.sleep(0.1)
    assert process.wait() == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "seconds": round(time.monotonic() - started, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_rss_mb": round(peak / 1e6),
    }


class Timed(Sender):
    """Remembers how many were acknowledged in each second."""

    def start(self, threads: int = 4) -> None:
        self.began, self._seen, self._rates = time.monotonic(), 0, []
        super().start(threads)
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        while not self._stop.is_set():
            time.sleep(1.0)
            self._rates.append(len(self.acked) - self._seen)
            self._seen = len(self.acked)

    def told(self) -> dict[str, Any]:
        """Return the events a second since the last call, and the worst second."""
        rates, self._rates = self._rates, []
        return {
            "seconds": len(rates),
            "median_a_second": statistics.median(rates),
            "worst_second": min(rates),
            "refused": len(self.refused),
        }


def megabytes(path: Path) -> float:
    return round(path.stat().st_size / 1e6, 1)


if __name__ == "__main__":
    os.environ.pop("DATABASE_URL", None)
    main()
