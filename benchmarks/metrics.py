"""Custom metrics: points through the digest, the worst of clients, and charts of a year. `python -m benchmarks.metrics`

Digest: containers of 1,000 points as sentry-sdk 2.75 writes them (seven attributes of its own each), queued, then digested
by one process. Hostile: the same with an attribute that is different in each point. Charts: 500 series, each with a bucket in
every hour of a year, made directly in the store's format and read as pages do.
"""

import argparse
import json
import os
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.held import transactions_timed
from benchmarks.store import measured_apart, open_store

POINTS = 200_000
CONTAINER = 1_000
SERIES, DAYS = 500, 365
TRIES = 7


def measure_metrics() -> dict[str, Any]:
    return measured_apart("benchmarks.metrics")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--points", type=int, default=POINTS)
    options.add_argument("--series", type=int, default=SERIES)
    options.add_argument("--days", type=int, default=DAYS)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as home:
        open_store(Path(home))
        found = {
            "digest": _digest(chosen.points, distinct=50),
            "hostile": _digest(min(chosen.points, 100_000), distinct=None),
            "year": _year(chosen.series, chosen.days),
            "load_average": os.getloadavg()[0],
        }
    print(json.dumps(found, indent=1))


def _digest(points: int, *, distinct: int | None) -> dict[str, Any]:
    from django.conf import settings

    from tradewatch.inbox import queue_postgres, queue_sqlite
    from tradewatch.inbox.digest import digest_batch
    from tradewatch.inbox.queue import Arrived
    from tradewatch.ingest.dispatch import HANDLERS
    from tradewatch.metrics.models import Metric, MetricFold, MetricSeries
    from tradewatch.metrics.points.catalogue import folded
    from tradewatch.projects.models import Project

    name = "orders.latency" if distinct else "orders.hostile"
    now = time.time()
    queue = queue_postgres if settings.IS_POSTGRES else queue_sqlite
    project_id = Project.objects.get().pk
    bodies = [_container(name, start, now, distinct) for start in range(0, points, CONTAINER)]
    queue.append([Arrived(project_id, now, "identity", "", body) for body in bodies])
    cpu, wall, batches = time.process_time(), time.monotonic(), []
    with transactions_timed() as held:
        while True:
            started = time.monotonic()
            if not digest_batch(HANDLERS).rows:
                break
            batches.append(time.monotonic() - started)
    seconds = time.monotonic() - wall
    metric = Metric.objects.get(name=name)
    hour = int(now) // 3600 * 3600
    said = [(each.attribute, each.points, each.values) for each in folded([metric], hour - 7200, hour + 3600)]
    assert metric.points == points, metric.points
    return {
        "points": points,
        "points_per_s": round(points / seconds),
        "cpu_us_a_point": round((time.process_time() - cpu) / points * 1e6, 1),
        "slowest_batch_s": round(max(batches), 2),
        "longest_transaction_cpu_ms": round(max(held) * 1000),
        "series": MetricSeries.objects.filter(metric=metric).count(),
        "fold_rows": MetricFold.objects.count(),
        "folded": said,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _container(name: str, start: int, now: float, distinct: int | None) -> bytes:
    own = {
        "sentry.sdk.name": "sentry.python.fastapi",
        "sentry.sdk.version": "2.75.0",
        "process.runtime.name": "CPython",
        "process.runtime.version": "3.11.7",
        "server.address": "trading-worker-7.internal.example",
        "sentry.environment": "production",
        "sentry.release": "trading-api@2.0.1",
    }
    entries = []
    for number in range(start, start + CONTAINER):
        said = {"venue": f"V{number % (distinct or 20):03}", "side": "BS"[number % 2]}
        if not distinct:
            said["order_id"] = f"ord-{number:08}"
        attributes = {key: {"value": value, "type": "string"} for key, value in (said | own).items()}
        entries.append(
            {
                "timestamp": now - (number % 50) / 10,
                "name": name,
                "type": "distribution",
                "value": random.lognormvariate(3, 1),
                "attributes": attributes,
                "trace_id": f"{number:032x}",
                "span_id": f"{number:016x}",
                "unit": "millisecond",
            }
        )
    payload = json.dumps({"version": 2, "items": entries}).encode()
    head = json.dumps({"type": "trace_metric", "item_count": CONTAINER, "length": len(payload)}).encode()
    return b"{}\n" + head + b"\n" + payload + b"\n"


def _year(series: int, days: int) -> dict[str, Any]:
    from tradewatch.metrics.points.asking import Question
    from tradewatch.metrics.points.reading import chart, over
    from tradewatch.projects.models import Project

    end = int(time.time()) // 86_400 * 86_400
    start = end - days * 86_400
    project_id = Project.objects.get().pk
    rows, stored_bytes = _fill(project_id, series, start, end)
    asked: dict[str, Callable[[], Any]] = {}
    for aggregation in ("sum", "avg", "max", "last", "p95"):
        total = Question([project_id], "bench.year", aggregation)
        grouped = Question([project_id], "bench.year", aggregation, group_by="venue")
        one = Question([project_id], "bench.year", aggregation, filters={"venue": ["V007"]})
        asked[f"{aggregation} total"] = lambda question=total: chart(question, start, end, 86_400)
        asked[f"{aggregation} by venue, top 5"] = lambda question=grouped: chart(question, start, end, 86_400)
        asked[f"{aggregation} of one venue"] = lambda question=one: chart(question, start, end, 86_400)
        asked[f"{aggregation} by venue, by the week as pages draw it"] = lambda question=grouped: chart(
            question, start, end, 7 * 86_400
        )
    asked["p95 by desk, 50 series each"] = lambda: chart(
        Question([project_id], "bench.year", "p95", group_by="desk"), start, end, 86_400
    )
    asked["sum by venue, last 7 days by hour"] = lambda: chart(
        Question([project_id], "bench.year", "sum", group_by="venue"), end - 7 * 86_400, end, 3600
    )
    asked["p95 of the year as one number"] = lambda: over(Question([project_id], "bench.year", "p95"), start, end)
    return {
        "series": series,
        "hour_rows": rows,
        "mib": round(stored_bytes / (1 << 20), 1),
        "milliseconds": {name: _timed(ask) for name, ask in asked.items()},
    }


def _timed(ask: Callable[[], Any]) -> dict[str, float]:
    """Return the best wall time and the least CPU time: what others do on the machine is in the first, not the second."""
    wall, cpu = [], []
    for _ in range(TRIES):
        started, used = time.perf_counter(), time.process_time()
        ask()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return {"best": round(min(wall) * 1000, 1), "cpu": round(min(cpu) * 1000, 1)}


def _fill(project_id: int, series: int, start: int, end: int) -> tuple[int, int]:
    """Write what a year of points leaves: a bucket an hour and a day, each with all series."""
    from django.db import transaction

    from tradewatch.metrics.models import Metric, MetricBucket, MetricSeries
    from tradewatch.metrics.points.catalogue import utc
    from tradewatch.metrics.points.values import series_key

    metric = Metric.objects.create(
        project_id=project_id,
        environment="production",
        name="bench.year",
        type="distribution",
        unit="millisecond",
        points=1,
        first_seen_at=utc(start),
        last_seen_at=utc(end),
    )
    named = [(("desk", f"D{number % 10}"), ("venue", f"V{number:03}")) for number in range(series)]
    seen = {"first_seen_at": utc(start), "last_seen_at": utc(end)}
    MetricSeries.objects.bulk_create(
        MetricSeries(metric=metric, key=series_key(each), attributes=dict(each), **seen) for each in named
    )
    keys = [series_key(each) for each in named]
    stored, rows = 0, []
    for resolution, length in ((3600, 40), (86_400, 960)):
        for at, packed in _buckets(keys, start, end, resolution, points=length):
            stored += sum(map(len, packed))
            cells, bins, total_bins = packed
            rows.append(
                MetricBucket(
                    metric=metric, resolution=resolution, start=at, cells=cells, bins=bins, total_bins=total_bins
                )
            )
    with transaction.atomic():
        MetricBucket.objects.bulk_create(rows, batch_size=200)
    return MetricBucket.objects.filter(metric=metric, resolution=3600).count(), stored


def _buckets(
    keys: list[int], start: int, end: int, resolution: int, *, points: int
) -> Iterator[tuple[int, tuple[bytes, bytes, bytes]]]:
    """Yield (start, packed bucket): eight different ones in turn."""
    from tradewatch.metrics.points.cells import Bucket
    from tradewatch.metrics.points.spread import bin_of
    from tradewatch.metrics.points.values import Cell

    dice = random.Random(4)
    drawn = []
    for _ in range(8):
        bucket = Bucket()
        for key in keys:
            values = [dice.lognormvariate(3, 0.6) for _ in range(points // 8)]
            bins = _spread([bin_of(value) for value in values], 8)
            moment = start + dice.random() * resolution
            bucket.add(key, Cell(points, 8 * sum(values), min(values), max(values), moment, values[0], bins))
        drawn.append(bucket.packed())
    yield from ((at, drawn[number % 8]) for number, at in enumerate(range(start, end, resolution)))


def _spread(indexes: list[int], times: int) -> dict[int, int]:
    bins: dict[int, int] = {}
    for index in indexes:
        bins[index] = bins.get(index, 0) + times
    return bins


if __name__ == "__main__":
    main()
