"""How long pattern analysis takes, and how much memory: a project with a million errors in 1,000 issues, the loudest of which has
more than 100,000, and its requests of 30 days. `python -m benchmarks.patterns [--events 1000000] [--issues 1000] [--keep]`

The issue is analysed in this process, as "Look now" does it; the project in a process of its own, as the beat does it, whose
peak memory is the kernel's figure. The store is made in a folder of its own (minutes) and deleted after. DATABASE_URL may
name an empty PostgreSQL database.
"""

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

REPEAT = 5
ENDPOINTS, RELEASES, DAYS = 60, 20, 30


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--issues", type=int, default=1_000)
    options.add_argument("--store", type=Path, help="made here and kept; made already: used as it is")
    chosen = options.parse_args()
    store = chosen.store or Path(tempfile.mkdtemp(prefix="tradewatch-patterns-"))
    try:
        now = _open(store, chosen.events, chosen.issues)
        print(
            json.dumps({"database": _vendor(), "issue": _measure_issue(now), "project": _measure_project()}, indent=1)
        )
    finally:
        if chosen.store is None:
            shutil.rmtree(store, ignore_errors=True)


def _open(store: Path, events: int, issues: int) -> datetime:
    """Set Django up on the store, made if it is not there; return the moment it was made for."""
    store.mkdir(parents=True, exist_ok=True)
    os.environ.update({"TRADEWATCH_HOME": str(store), "TRADEWATCH_DOTENV": "/nonexistent"})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from benchmarks.triage_store import seed
    from tradewatch.projects.bootstrap import bootstrap
    from tradewatch.projects.models import Project

    call_command("migrate", verbosity=0)
    stamp = store / "made.json"
    if not stamp.exists():
        bootstrap()
        now = datetime.now(UTC).replace(microsecond=0)
        seed(Project.objects.get(), events=events, issues=issues, now=now, request_days=0, mixes_payloads=True)
        _seed_requests(Project.objects.get(), now)
        stamp.write_text(json.dumps({"now": now.isoformat()}))
    return datetime.fromisoformat(json.loads(stamp.read_text())["now"])


def _vendor() -> str:
    from django.db import connection

    return connection.vendor


def _measure_issue(now: datetime) -> dict[str, Any]:
    from debugging.models import Pattern
    from debugging.patterns.services import analyse_issue
    from tradewatch.core.actors import SYSTEM
    from tradewatch.errors.models import Issue

    issue = Issue.objects.select_related("project").order_by("-event_count")[0]
    seconds, busy = [], []
    for _ in range(REPEAT):
        started, cpu = time.perf_counter(), time.process_time()
        found = analyse_issue(SYSTEM, issue, now=now)
        seconds.append(time.perf_counter() - started)
        busy.append(time.process_time() - cpu)
    kinds = sorted({row.kind for row in found})
    Pattern.objects.all().delete()
    return {
        "events": issue.event_count,
        "seconds": [round(each, 2) for each in seconds],
        "median_seconds": round(statistics.median(seconds), 2),
        "cpu_seconds": round(statistics.median(busy), 2),
        "found": len(found),
        "kinds": kinds,
    }


def _measure_project() -> dict[str, Any]:
    from debugging.models import PatternRun

    idle = _peak_of([sys.executable, "manage.py", "dsn"])
    PatternRun.objects.all().delete()
    started = time.perf_counter()
    peak = _peak_of([sys.executable, "manage.py", "find_patterns", "--project", "default"])
    seconds, run = time.perf_counter() - started, PatternRun.objects.get()
    return {
        "issues": run.issues,
        "events": run.events,
        "found": run.found,
        "fault": run.fault,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(peak["cpu_seconds"], 1),
        "peak_mb": peak["mb"],
        "peak_mb_of_a_command_that_does_nothing": idle["mb"],
    }


def _peak_of(command: list[str]) -> dict[str, Any]:
    """Run a command and return its highest resident memory and the time its processor was busy."""
    script = (
        "import json, resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=2);"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(json.dumps({'mb': used.ru_maxrss >> 10, 'cpu_seconds': used.ru_utime + used.ru_stime}))"
    )
    done = subprocess.run([sys.executable, "-c", script, *command], stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


# --- the requests ----------------------------------------------------------------------------------------------------
def _seed_requests(project: Any, now: datetime) -> None:
    """About 1,000 a minute by endpoint and release, as their digest would have counted them; of each endpoint some kept."""
    import uuid

    from tradewatch.performance.models import TransactionGroup

    names = ["", "/api/v1/orders", *[f"/api/v1/t{number}" for number in range(ENDPOINTS - 1)]]
    end, rnd = int(now.timestamp()) // 60 * 60 + 60, random.Random(7)
    for name in names:
        for number in range(RELEASES):
            group = TransactionGroup.objects.create(
                project=project,
                environment="production",
                name=name,
                op="http.server",
                release=f"oms@4.{number}.0",
                identity=uuid.UUID(int=rnd.getrandbits(128)),
                first_seen_at=now - timedelta(days=DAYS),
                last_day=end // 86_400,
            )
            _write_buckets(group.pk, number, end, per_minute=1_000 if not name else 1_000 // ENDPOINTS)
        _keep_some(project, name, now, rnd)


def _write_buckets(group_id: int, release: int, end: int, *, per_minute: int) -> None:
    """Each release is out for a day and a half, one after the other."""
    from tradewatch.core import bulk

    start = end - DAYS * 86_400 + release * DAYS * 86_400 // RELEASES
    until = start + DAYS * 86_400 // RELEASES
    columns = ("group_id", "resolution", "start", "count", "weighted", "failed", "weighted_failed", "satisfied",
               "weighted_satisfied", "tolerating", "weighted_tolerating", "measured", "weighted_measured", "seconds",
               "bins", "within")  # fmt: skip
    for resolution in (86_400, 3600, 60):
        count = per_minute * resolution // 60
        if resolution == 60 and per_minute < 1_000:  # of one endpoint nobody asks by the minute but at the very end
            start = max(start, end - 7200)
        rows = [
            (group_id, resolution, at, count, float(count), 0, 0.0, count, float(count), 0, 0.0, count, float(count), 1.0,
             b"", b"")
            for at in range(start // resolution * resolution, until // resolution * resolution, resolution)
        ]  # fmt: skip
        for at in range(0, len(rows), 20_000):
            bulk.insert_many("performance_transactionbucket", columns, rows[at : at + 20_000])


def _keep_some(project: Any, name: str, now: datetime, rnd: random.Random) -> None:
    import uuid

    import orjson

    from benchmarks.triage_store import TAGS
    from tradewatch.core import frames
    from tradewatch.performance.models import KeptTransaction, KeptTransactionPayload

    rows, payloads = [], []
    for _ in range(1_000 if name else 0):
        at = now - timedelta(days=DAYS) * rnd.random()
        row = KeptTransaction(
            project=project, identity=uuid.UUID(int=rnd.getrandbits(128)), name=name, environment="production",
            release="oms@4.1.0", started_at=at, hour=int(at.timestamp()) // 3600, draw=rnd.getrandbits(62),
        )  # fmt: skip
        document = {
            "transaction": name,
            "tags": {key: rnd.choice(values) for key, values in TAGS.items()},
            "user": {"id": f"u-{rnd.randrange(5000)}"},
            "spans": [
                {"op": "db", "description": "SELECT * FROM orders WHERE id = %s", "data": {"n": n}} for n in range(20)
            ],
        }
        rows.append(row)
        payloads.append(frames.compress(orjson.dumps(document), 3))
    stored = KeptTransaction.objects.bulk_create(rows, batch_size=500)
    KeptTransactionPayload.objects.bulk_create(
        [KeptTransactionPayload(transaction=row, data=data) for row, data in zip(stored, payloads, strict=True)],
        batch_size=500,
    )


if __name__ == "__main__":
    main()
