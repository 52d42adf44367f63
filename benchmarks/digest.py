"""What the digest takes of a CPU for one event, preparing and storing apart, in one process on a fresh SQLite database.

    python -m benchmarks.digest [--size small|50k] [--batches 12] [--transactions 0.5] [--relay] [--profile prepare|store]

`--relay`: with an upstream whose spool everything is copied to; sending is another process's and not in these figures.

Prints microseconds an event: the least and the median over the batches. The least is what others on the machine disturb least.
"""

import argparse
import contextlib
import cProfile
import json
import os
import pstats
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from typing import Any

BATCH = 750


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", choices=["small", "50k"], default="small")
    parser.add_argument("--batches", type=int, default=12)
    parser.add_argument("--transactions", type=float, default=0.0, help="share of transactions, from 0 to 1")
    parser.add_argument("--relay", action="store_true")
    parser.add_argument("--profile", choices=["prepare", "store"])
    parser.add_argument("--sort", default="tottime")
    asked = parser.parse_args()
    with loaded(SENTRY_DSN="http://abc@127.0.0.1:9/1" if asked.relay else ""):
        print(json.dumps({"size": asked.size, "relay": asked.relay, **measure(asked)}))


@contextlib.contextmanager
def loaded(**variables: str) -> Iterator[None]:
    """Load TradeWatch in this process, on an SQLite file of its own that goes at the end."""
    with tempfile.TemporaryDirectory(prefix="tw-bench-") as home:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "tradewatch.settings",
            "TRADEWATCH_HOME": home,
            "TRADEWATCH_DOTENV": "/nonexistent",
            "DATABASE_URL": f"sqlite:///{home}/bench.sqlite3",
            **variables,
        }
        import django

        django.setup()
        yield


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    from django.core.management import call_command
    from django.db import transaction
    from django.utils import timezone

    from tradewatch.inbox.preparing import prepare_rows
    from tradewatch.inbox.storing import store_rows
    from tradewatch.ingest.dispatch import HANDLERS
    from tradewatch.projects.models import Project

    call_command("migrate", verbosity=0)
    project = Project.objects.get_or_create(slug="default", defaults={"name": "Default"})[0]
    profile = cProfile.Profile()
    seconds: dict[str, list[float]] = {"prepare": [], "store": []}

    def timed(part: str, step: Callable[[], Any]) -> Any:
        started = time.process_time()
        done = profile.runcall(step) if asked.profile == part and seconds["store"] else step()
        seconds[part].append(time.process_time() - started)
        return done

    for batch in batches(asked, project.pk):
        prepared = timed("prepare", lambda batch=batch: prepare_rows(batch, HANDLERS, max_bytes=1 << 30))

        def store(prepared: Any = prepared) -> None:
            with transaction.atomic():
                stats = store_rows(prepared, HANDLERS, now=timezone.now())
                assert stats.stored == BATCH, stats

        timed("store", store)
    if asked.profile:
        pstats.Stats(profile, stream=sys.stderr).sort_stats(asked.sort).print_stats(45)
    return {
        f"{part}_us": {
            "least": round(1e6 * min(taken[1:]) / BATCH), "median": round(1e6 * statistics.median(taken[1:]) / BATCH),
        }
        for part, taken in seconds.items()
    }  # fmt: skip


def batches(given: argparse.Namespace, project_id: int) -> Iterator[list[Any]]:
    from benchmarks.envload import Maker
    from tradewatch.inbox.queue import Queued

    asked = argparse.Namespace(
        size=given.size,
        level=9,
        groups=100,
        transactions=given.transactions,
        dist="uniform",
        users=2000,
        gzip=True,
        spread=0,
    )
    maker = Maker(asked, 1)
    for batch in range(given.batches):
        now = time.time()
        rows = [maker.body(batch * BATCH + n, now + n * 0.0005)[0] for n in range(BATCH)]
        yield [
            Queued(batch * BATCH + n + 1, project_id, now + n * 0.0005, "gzip", "10.0.0.1", body)
            for n, body in enumerate(rows)
        ]


if __name__ == "__main__":
    main()
