"""How long the pages take over a month of errors: 1,000,000 events in 10,000 issues. `python -m benchmarks.triage`

In this process, through the whole stack of middleware and templates, without a network. The store is made once (minutes) and
kept in a folder outside the tree; the clock is set to the moment it was made for. Also prints what each page asked of the
database, and fails if any page counted events or payloads.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

REPEAT = 20
STORE = Path(tempfile.gettempdir()) / "tradewatch-triage-store"
BIG_TABLES = re.compile(
    r'COUNT\(.*(FROM|JOIN)\s+"?errors_(event|eventpayload|issueuser|issueuseralias)"?\b',
    re.IGNORECASE | re.DOTALL,
)


def measure_triage() -> dict[str, Any]:
    """Run in a process of its own: Django's settings are read once a process."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.triage"], stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=1_000_000)
    options.add_argument("--issues", type=int, default=10_000)
    options.add_argument("--store", type=Path, default=STORE)
    options.add_argument("--again", action="store_true", help="make the store anew")
    options.add_argument("--only", default="", help="measure these pages, names with commas")
    options.add_argument("--explain", action="store_true", help="print each statement with its time and plan")
    chosen = options.parse_args()
    if chosen.again:
        shutil.rmtree(chosen.store, ignore_errors=True)
    now = _open(chosen.store, chosen.events, chosen.issues)
    print(json.dumps(_measure(now, only=chosen.only, explains=chosen.explain), indent=1))


def _open(store: Path, events: int, issues: int) -> datetime:
    """Set Django up on the store, made if it is not there; return the moment it was made for."""
    os.environ.update({"TRADEWATCH_HOME": str(store), "TRADEWATCH_DOTENV": "/nonexistent", "ALLOWED_HOSTS": "*"})
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")
    store.mkdir(parents=True, exist_ok=True)
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
        started, now = time.monotonic(), datetime.now(UTC).replace(microsecond=0)
        seed(Project.objects.get(), events=events, issues=issues, now=now)
        made = {"now": now.isoformat(), "events": events, "issues": issues}
        stamp.write_text(json.dumps(made | {"seconds": round(time.monotonic() - started)}))
    return datetime.fromisoformat(json.loads(stamp.read_text())["now"])


def _measure(now: datetime, *, only: str, explains: bool) -> dict[str, Any]:
    import time_machine
    from django.contrib.auth.models import User
    from django.test import Client

    from benchmarks.triage_pages import pages

    with time_machine.travel(now, tick=True):
        client = Client()
        client.force_login(User.objects.get(is_superuser=True))
        chosen = {name: path for name, path in pages().items() if not only or name in only.split(",")}
        if explains:
            return {name: _explain(client, path) for name, path in chosen.items()}
        return {name: _told(name, _time(client, path)) for name, path in chosen.items()}


def _told(name: str, figures: dict[str, Any]) -> dict[str, Any]:
    print(name, figures, file=sys.stderr, flush=True)
    return figures


def _time(client: Any, path: str) -> dict[str, Any]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        size = len(b"".join(answer.streaming_content) if answer.streaming else answer.content)
        statements = [query["sql"] for query in captured]
    counting = [sql for sql in statements if BIG_TABLES.search(sql)]
    assert not counting, (path, counting)
    wall, cpu = [], []
    for _ in range(REPEAT):
        started, used = time.perf_counter(), time.process_time()
        client.get(path)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return {
        "median_ms": _ms(statistics.median(wall)),
        "max_ms": _ms(max(wall)),
        "cpu_ms": _ms(statistics.median(cpu)),
        "document_kb": round(size / 1000, 1),
        "queries": len(statements),
    }


def _explain(client: Any, path: str) -> list[dict[str, Any]]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    return [
        {"seconds": query["time"], "sql": query["sql"][:1500], "plan": _plan(query["sql"])}
        for query in sorted(captured, key=lambda query: -float(query["time"]))[:6]
    ]


def _plan(sql: str) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        try:
            cursor.execute(
                "EXPLAIN QUERY PLAN " + sql.replace("%", "%%") if "%" in sql else "EXPLAIN QUERY PLAN " + sql
            )
        except Exception as error:
            return [str(error)]
        return [str(row[-1]) for row in cursor.fetchall()]


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)


if __name__ == "__main__":
    main()
