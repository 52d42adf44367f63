"""What relaying to an upstream adds to the digest's CPU, on a fresh SQLite database, in one process.

    python -m benchmarks.relay [--share 0.2] [--transactions 1.0] [--batches 12] [--profile]

Every batch of 750 is prepared and stored with and without an upstream in turn, four times (what was stored is rolled
back, and committed at the end): what else runs on the machine disturbs both alike. The first batches fill the hour's budget of raw transactions
(TRADEWATCH_TRACES_AN_HOUR) and are not counted. Prints CPU microseconds an event, the least of all batches, and the
share that relaying adds. Sending is another process's and not in these figures.
"""

import argparse
import cProfile
import json
import pstats
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from benchmarks.digest import batches, loaded

BATCH, FILLING, ROUNDS = 750, 3, 4
KINDS = (("", ""), (", relaying", "http://abc@127.0.0.1:9/1"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["small", "50k"], default="small")
    parser.add_argument("--transactions", type=float, default=1.0, help="share of transactions, the rest are errors")
    parser.add_argument("--share", type=float, default=0.2, help="of traces that are relayed")
    parser.add_argument("--batches", type=int, default=7)
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    with loaded(SENTRY_TRACES_SAMPLE_RATE=str(asked.share)):
        print(json.dumps({"transactions": asked.transactions, "share": asked.share, **measure(asked)}))


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    from django.core.management import call_command

    from tradewatch.projects.models import Project

    call_command("migrate", verbosity=0)
    project = Project.objects.get_or_create(slug="default", defaults={"name": "Default"})[0]
    taken: defaultdict[str, list[float]] = defaultdict(list)
    profile = cProfile.Profile()
    copies: list[int] = []
    for number, batch in enumerate(batches(asked, project.pk)):
        counted = taken if number >= FILLING else defaultdict(list)
        for turn in range(ROUNDS):
            for kind, dsn in KINDS[:: 1 if turn % 2 else -1]:
                rows = timed(counted[f"prepare{kind}"], lambda dsn=dsn, batch=batch: prepared(batch, dsn))
                run = (
                    profile.runcall
                    if asked.profile and kind and number >= FILLING
                    else lambda step, *given: step(*given)
                )
                timed(counted[f"store{kind}"], lambda rows=rows, run=run: run(store, rows, True))
                found = [len(item.draft.body) for row in rows for item in row.drafted if item.handler == ">copies"]
                copies += found if kind else []
        store(rows, False)
    if asked.profile:
        pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(40)
    least = {what: round(1e6 * min(all_taken) / BATCH, 1) for what, all_taken in taken.items()}
    without, relaying = (least[f"prepare{kind}"] + least[f"store{kind}"] for kind in ("", ", relaying"))
    return {
        "cpu_us_an_event": least,
        "added_percent": round(100 * (relaying / without - 1), 1),
        "bytes_an_entry": round(sum(copies) / max(1, len(copies))),
    }


def timed(taken: list[float], step: Callable[[], Any]) -> Any:
    started = time.process_time()
    done = step()
    taken.append(time.process_time() - started)
    return done


def prepared(batch: list[Any], dsn: str) -> Any:
    from django.conf import settings

    from tradewatch.inbox.preparing import prepare_rows
    from tradewatch.ingest.dispatch import HANDLERS

    settings.SENTRY_DSN = dsn
    return prepare_rows(batch, HANDLERS, max_bytes=1 << 30)


def store(rows: Any, is_rolled_back: bool) -> None:
    from django.db import transaction
    from django.utils import timezone

    from tradewatch.inbox.parts import collecting_later
    from tradewatch.inbox.storing import store_rows
    from tradewatch.ingest.dispatch import HANDLERS

    with collecting_later(), transaction.atomic():
        assert store_rows(rows, HANDLERS, now=timezone.now()).stored == BATCH
        transaction.set_rollback(is_rolled_back)


if __name__ == "__main__":
    main()
