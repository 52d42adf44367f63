"""A year of transactions as pages ask for it. `python -m benchmarks.traces`

500 transactions and all of them together, each with a bucket a day for a year; all together by the hour too. Buckets are
made directly in the store's format, of durations that spread as requests do.
"""

import json
import os
import random
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.store import measured_apart, open_store

NAMES, DAYS, TRIES = 500, 365, 5
HOUR, DAY, WEEK = 3600, 86_400, 7 * 86_400


def measure_traces() -> dict[str, Any]:
    return measured_apart("benchmarks.traces")


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        open_store(Path(os.environ.get("TRADEWATCH_BENCH_HOME", home)))
        print(json.dumps({**measured(), "load_average": os.getloadavg()[0]}, indent=1))


def measured() -> dict[str, Any]:
    from tradewatch.performance.models import TransactionBucket
    from tradewatch.performance.traces import queries
    from tradewatch.projects.models import Project

    end = int(time.time()) // DAY * DAY
    start = end - DAYS * DAY
    project_id = Project.objects.get().pk
    if not TransactionBucket.objects.exists():
        fill(project_id, start, end)
    names = [f"GET /orders/{number}" for number in range(10)]
    asked: dict[str, Callable[[], Any]] = {
        "chart of all, by the week as pages draw it": lambda: queries.points([project_id], start, end, WEEK),
        "chart of all, by the day": lambda: queries.points([project_id], start, end, DAY),
        "chart of all, by the hour": lambda: queries.points([project_id], start, end, HOUR),
        "figures of all": lambda: queries.overall([project_id], start, end),
        "small lines of ten, by the week": lambda: queries.points_by_transaction([project_id], names, start, end, WEEK),
        "table of all 500 over 30 days": lambda: queries.by_transaction([project_id], end - 30 * DAY, end),
        "table of all 500 over the year": lambda: queries.by_transaction([project_id], start, end),
    }
    return {
        "transactions": NAMES,
        "buckets": TransactionBucket.objects.count(),
        "cpu_milliseconds": {name: timed(ask) for name, ask in asked.items()},
    }


def timed(ask: Callable[[], Any]) -> float:
    used = []
    for _ in range(TRIES):
        started = time.process_time()
        ask()
        used.append(time.process_time() - started)
    return round(min(used) * 1000, 1)


def fill(project_id: int, start: int, end: int) -> None:
    from tradewatch.performance.models import TransactionBucket, TransactionGroup

    seen = {"first_seen_at": datetime.fromtimestamp(start, UTC), "last_day": end // DAY - 1}
    groups = [
        TransactionGroup(project_id=project_id, environment="production", name=name, identity=uuid.uuid4(), **seen)
        for name in ["", *(f"GET /orders/{number}" for number in range(NAMES))]
    ]
    TransactionGroup.objects.bulk_create(groups)
    dice = random.Random(7)
    by_hour, by_day = [_columns(dice, 40) for _ in range(8)], [_columns(dice, 960) for _ in range(8)]
    rows = [
        *_rows(groups[:1], range(start, end, HOUR), HOUR, by_hour),
        *_rows(groups, range(start, end, DAY), DAY, by_day),
    ]
    TransactionBucket.objects.bulk_create(rows, batch_size=500)


def _rows(groups: list[Any], starts: range, resolution: int, drawn: list[dict[str, Any]]) -> Iterator[Any]:
    from tradewatch.performance.models import TransactionBucket

    for group in groups:
        for number, at in enumerate(starts):
            yield TransactionBucket(group=group, resolution=resolution, start=at, **drawn[number % len(drawn)])


def _columns(dice: random.Random, requests: int) -> dict[str, Any]:
    from tradewatch.performance.traces.figures import TRANSACTION_COLUMNS, Figures

    figures = Figures()
    for _ in range(requests):
        seconds = dice.lognormvariate(-2, 0.6)
        figures.count_one(seconds, is_failed=dice.random() < 0.01, weight=1.0, apdex_seconds=0.3, latency_ms=(250,))
    return dict(zip(TRANSACTION_COLUMNS, figures.stored(), strict=True))


if __name__ == "__main__":
    main()
