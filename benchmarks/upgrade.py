"""What an upgrade of a large store takes, and whether ingest feels it: every migration that can be taken back is, and runs again.

    python -m benchmarks.upgrade [--events 1000000] [--database postgres://...]

A month of so many events is written (`triage_store`). A web process accepts events from two connections at a pace; the
migrations of all apps are taken back as far as they can be, which no upgrade does and nobody measures, and then applied
one after the other as `manage.py migrate` does it. Told are the seconds of each, the longest time without an answered
event, and the slowest answer. At the end all that was accepted is digested and counted.
"""

import argparse
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.servers import Server, empty_server, fresh_database, start_web, wait_healthy
from tests.walks.senders import Sender

PAUSE_SECONDS = 0.02
LONG = 3 * 3600
SEED = """
from django.utils import timezone
from benchmarks.triage_store import seed
from tradewatch.projects.bootstrap import bootstrap
from tradewatch.projects.models import Project
bootstrap()
seed(Project.objects.order_by("pk").first(), events={events}, issues=max(100, {events} // 200), now=timezone.now(), request_days=3)
"""
BACK = """
from benchmarks.upgrade import take_back
take_back()
"""
FORTH = """
from benchmarks.upgrade import apply
apply()
"""
COUNT = """
from tradewatch.errors.models import Event
from tradewatch.inbox.models import DeadLetter
print("COUNTED", Event.objects.count(), DeadLetter.objects.count())
print("REASONS", sorted(set(DeadLetter.objects.values_list("reason", "detail")[:1000]))[:5])
"""
OURS = frozenset(
    {
        *("core", "projects", "accounts", "calendars", "metrics", "inbox", "alerts", "errors", "performance"),
        *("sla", "releases", "debugging", "ingest", "processes"),
    }
)


class Paced(Sender):
    """Tells how the answers came."""

    def told(self, since: float, until: float) -> dict[str, Any]:
        """Return how it went between two moments; the longest pause counts up to and from them."""
        within = sorted((at, took) for at, took in self.answered if since <= at <= until)
        moments = [since, *(at for at, _ in within), until]
        gaps = [after - at for at, after in pairwise(moments)]
        return {
            "answered": len(within),
            "longest_pause_s": round(max(gaps), 2),
            "slowest_answer_s": round(max((took for _, took in within), default=0.0), 2),
            "refused": len(self.refused),
            "broken": self.broken,
        }


def take_back() -> None:
    """Undo every migration of ours that can be undone and that no other one which stays depends on."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from alerts.models import TimelineEntry

    # What an old table could not hold: an entry of a group, which came after those of alerts.
    TimelineEntry.objects.filter(alert=None).delete()
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    first = [node for node in graph.nodes if node[0] in OURS and node[1].startswith("0001")]
    stays: set[tuple[str, str]] = set()
    plan = []
    for migration, backwards in executor.migration_plan(first):
        node = (migration.app_label, migration.name)
        children = {(child.key[0], child.key[1]) for child in graph.node_map[node].children}
        can_be = all(operation.reversible for operation in migration.operations) and not children & stays
        if backwards and can_be and migration.app_label in OURS:
            plan.append((migration, True))
        else:
            stays.add(node)
    began = time.monotonic()
    executor.migrate(first, plan=plan)
    print("TOLD", json.dumps({"taken_back": len(plan), "seconds": round(time.monotonic() - began, 1)}))


def apply() -> None:
    """Apply what is missing, as `migrate` does, and print how long each took."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    took: dict[str, float] = {}
    began = 0.0

    def told(action: str, migration: Any = None, fake: bool = False) -> None:
        nonlocal began
        if action == "apply_start":
            began = time.monotonic()
        elif action == "apply_success":
            took[str(migration)] = round(time.monotonic() - began, 2)

    executor = MigrationExecutor(connection, told)
    whole = time.monotonic()
    executor.migrate(executor.loader.graph.leaf_nodes())
    seconds = round(time.monotonic() - whole, 1)
    call_command("migrate", interactive=False, verbosity=0)  # nothing is left but its signals
    print("TOLD", json.dumps({"applied": len(took), "seconds": seconds, "each": took}))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--database", help="a PostgreSQL server's URL; a database of its own is made there")
    parser.add_argument("--redis", default=os.environ.get("BASE_REDIS", ""))
    asked = parser.parse_args()
    with _server(asked.database, asked.redis) as server:
        server.manage("migrate", "-v", "0", timeout=LONG)
        began = time.monotonic()
        server.manage("shell", "--no-imports", "-c", SEED.format(events=asked.events), timeout=LONG)
        say("seeded", events=asked.events, seconds=round(time.monotonic() - began, 1))
        start_web(server, 0)
        wait_healthy(server)
        sender = Paced([server.dsn], pause_seconds=PAUSE_SECONDS, timeout_seconds=60)
        say("taken_back", **program(server, BACK))
        sender.start(2)
        began = time.monotonic()
        time.sleep(10)
        say("ingest_alone", **sender.told(began, time.monotonic()))
        began = time.monotonic()
        applied = program(server, FORTH)
        ended = time.monotonic()
        sender.stop()
        slowest = sorted(applied.pop("each").items(), key=lambda each: -each[1])
        say("migrated", **applied, slowest=dict(slowest[:12]))
        say("ingest_meanwhile", **sender.told(began, ended))
        drain(server, asked.events, len(sender.answered))


def drain(server: Server, before: int, accepted: int) -> None:
    """Digest all that was accepted with the new tables, and say whether it is there."""
    server.manage(
        "shell",
        "--no-imports",
        "-c",
        "from threading import Event\nfrom tradewatch.processes.digesting import digest_all\ndigest_all(stop=Event())",
        timeout=LONG,
    )
    counted, reasons = server.manage("shell", "--no-imports", "-c", COUNT).splitlines()[-2:]
    events, dead = map(int, counted.split()[1:])
    say(
        "digested",
        accepted=accepted,
        stored=events - before,
        dead_letters=dead,
        reasons=reasons.removeprefix("REASONS "),
    )


def program(server: Server, source: str) -> dict[str, Any]:
    printed = server.manage("shell", "--no-imports", "-c", source, timeout=LONG)
    told: dict[str, Any] = json.loads(next(line[5:] for line in printed.splitlines() if line.startswith("TOLD ")))
    return told


def say(what: str, **figures: Any) -> None:
    print(json.dumps({"what": what, **figures}), flush=True)


@contextlib.contextmanager
def _server(database: str | None, redis_url: str) -> Iterator[Server]:
    if database is None:
        with empty_server() as server:
            yield server
        return
    with fresh_database(database) as own, empty_server(DATABASE_URL=own, REDIS_URL=redis_url) as server:
        yield server


if __name__ == "__main__":
    sys.exit(main())
