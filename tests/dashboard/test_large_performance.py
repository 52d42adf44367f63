"""Pages of performance stay quick, and count no table, when the tables behind them are long."""

import time
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.dashboard.test_large_tables import ROWS, SECONDS, copy, know_sizes
from tests.performance.checks.builders import make_check
from tests.performance.logs.builders import digest_lines, line
from tests.projects.builders import make_project
from tradewatch.metrics.models import Metric, MetricBucket, MetricSeries, Resolution
from tradewatch.metrics.points.cells import Bucket
from tradewatch.metrics.points.values import cell_of
from tradewatch.performance.models import (
    Check,
    CheckResult,
    CheckSpan,
    Host,
    KeptTransaction,
    LogBlock,
    SpanBucket,
    SpanGroup,
    TraceFinding,
    TransactionBucket,
    TransactionGroup,
)
from tradewatch.performance.traces.figures import SPAN_COLUMNS, TRANSACTION_COLUMNS, Figures, SpanFigures

pytestmark = [pytest.mark.django_db, pytest.mark.server]  # no server, but it takes as long as one
NAMES = 3_000
TRIES = 3
LONG = (
    *("performance_kepttransaction", "performance_transactionbucket", "performance_spanbucket"),
    *("performance_checkresult", "performance_checkspan", "performance_logblock", "performance_tracefinding"),
    *("metrics_metricbucket", "metrics_metricseries"),
)


@pytest.fixture
def chief(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("chief", "c@desk.example", "pass word 1"))
    return client


def assert_quick(client: Client, *paths: str) -> None:
    """Fail with what took longer, or counted a long table; print the times.

    Processor time: others on the machine have none of it, but share its caches.
    """
    know_sizes()
    client.get(paths[0])  # what the first request of a process imports
    taken = {path: min(cpu_seconds_of(client, path) for _ in range(TRIES)) for path in paths}
    print("\n".join(f"{seconds:6.3f} s  {path}" for path, seconds in taken.items()))
    assert {path: seconds for path, seconds in taken.items() if seconds > SECONDS} == {}
    for path in paths:
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        counted = [
            query["sql"]
            for query in captured
            if "COUNT(*)" in query["sql"] and any(f'FROM "{table}"' in query["sql"] for table in LONG)
        ]
        assert counted == [], path


def cpu_seconds_of(client: Client, path: str) -> float:
    started = time.process_time()
    assert client.get(path).status_code == 200, path
    return round(time.process_time() - started, 3)


def name_of(n: int) -> str:
    return f"GET /orders/{n % NAMES}"


def test_transactions_of_thousands_of_names_and_a_long_list_of_traces(chief: Client) -> None:
    project, now = make_project(), timezone.now()
    minute, today = int(now.timestamp()) // 60 * 60, int(now.timestamp()) // 86_400
    group = TransactionGroup(
        project=project, environment="production", release="api@2", first_seen_at=now, last_day=today
    )
    copy(
        group,
        rows=NAMES + 1,
        name=lambda n: name_of(n - 1) if n else "",
        identity=lambda n: uuid.UUID(int=n + 1),
    )
    first = TransactionGroup.objects.order_by("id").values_list("id", flat=True)[0]
    figures = Figures()
    for seconds in (0.05, 0.12, 0.4, 1.2):
        figures.count_one(seconds, is_failed=seconds > 1, weight=1.0, apdex_seconds=0.3, latency_ms=(250,))
    bucket = TransactionBucket(**dict(zip(TRANSACTION_COLUMNS, figures.stored(), strict=True)))
    for resolution, each in ((60, 10), (3600, 24)):
        bucket.resolution = resolution
        copy(
            bucket,
            rows=(NAMES + 1) * each,
            group_id=lambda n, each=each: first + n // each,
            start=lambda n, each=each, step=resolution: minute // step * step - step * (n % each),
        )
    spans = SpanFigures()
    spans.count_some(3, 0, 0.2, 0.2, {-100: 3}, 1.0)
    operation = SpanGroup(
        project=project, environment="production", category="db", op="db", first_seen_at=now, last_day=today
    )
    copy(
        operation,
        rows=NAMES,
        transaction=name_of,
        description=lambda n: f"SELECT {n} FROM orders",
        identity=lambda n: uuid.UUID(int=n + 1),
    )
    first_operation = SpanGroup.objects.order_by("id").values_list("id", flat=True)[0]
    copy(
        SpanBucket(resolution=60, **dict(zip(SPAN_COLUMNS, spans.stored(), strict=True))),
        rows=NAMES * 10,
        group_id=lambda n: first_operation + n // 10,
        start=lambda n: minute - 60 * (n % 10),
    )
    kept = KeptTransaction(
        project=project, environment="production", release="api@2", op="http.server", seconds=0.2, is_examined=True
    )
    copy(
        kept,
        identity=lambda n: uuid.UUID(int=n + 1),
        name=name_of,
        trace_id=lambda n: f"{n + 1:032x}",
        started_at=lambda n: now - timedelta(seconds=6 * n),
        hour=lambda n: int(now.timestamp() - 6 * n) // 3600,
        draw=lambda n: n,
    )
    finding = TraceFinding(
        project=project, environment="production", kind="n_plus_one", op="db", count=7, span_count=70
    )
    copy(
        finding,
        identity=lambda n: uuid.UUID(int=n + 1),
        transaction=name_of,
        pattern=lambda n: f"SELECT {n} FROM orders",
        first_seen_at=lambda n: now - timedelta(seconds=20 * n),
        last_seen_at=lambda n: now - timedelta(seconds=20 * n),
        cost_seconds=lambda n: n % 50,
    )
    assert_quick(
        chief,
        "/traces",
        "/traces?window=30d",
        f"/traces/{7:032x}",
        "/traces?q=GET+/orders/7",
        "/performance",
        "/performance/transactions",
        "/performance/transactions?sort=worse",
        "/performance/transaction?name=GET+/orders/7",
        "/performance/transaction?name=GET+/orders/7&window=30d",
        "/performance/transactions?window=24h",  # 72,000 buckets of 3,000 transactions
        "/error-dashboard.html",
    )


def test_answers_of_checks(chief: Client) -> None:
    project, now = make_project(), timezone.now()
    checks = [make_check(project=project, name=f"check {n}", next_due_at=now) for n in range(40)]
    first = checks[0].pk
    copy(
        CheckResult(level="ok", seconds=0.02, detail="200 OK"),
        check_row_id=lambda n: first + n % 40,
        at=lambda n: now - timedelta(seconds=25 * n),
        level=lambda n: ("ok", "ok", "failed")[n % 3],
    )
    copy(
        CheckSpan(state="up"),
        rows=ROWS // 2,
        check_row_id=lambda n: first + n % 40,
        state=lambda n: ("up", "down")[n // 40 % 2],
        started_at=lambda n: now - timedelta(seconds=60 * (n // 40 * 40) + 2400),
        ended_at=lambda n: now - timedelta(seconds=60 * (n // 40 * 40)),
    )
    Check.objects.update(state="up", since=now, known_at=now, covered_until=now)
    assert_quick(
        chief,
        *("/checks", "/checks?window=30d", f"/checks/{first}", f"/checks/{first}?window=30d"),
        *("/admin/performance/check/", f"/admin/performance/check/{first}/change/"),
    )


def test_thousands_of_hosts(chief: Client) -> None:
    project, now = make_project(), timezone.now()
    host = Host(project=project, environment="production", cpu_ratio=0.4, memory_ratio=0.5, disk_ratio=0.6)
    host.first_seen_at = host.last_seen_at = now
    copy(host, name=lambda n: f"api-{n:06}", last_seen_at=lambda n: now - timedelta(seconds=n % 600))
    one = Host.objects.order_by("id")[70]
    assert_quick(chief, "/hosts", "/hosts?environment=production", f"/hosts/{one.pk}", "/admin/performance/host/")


def test_blocks_of_logs(chief: Client) -> None:
    """100,000 blocks of 50 lines over 30 days: five million lines."""
    project, now = make_project(), timezone.now()
    lines = [line(f"order {n} filled", ago=n / 50, now=now, attributes={"symbol": f"S{n % 9}"}) for n in range(50)]
    digest_lines(project, *lines, now=now)
    block = LogBlock.objects.get()
    block.pk = None
    day_us = 86_400 * 1_000_000
    copy(
        block,
        first_us=lambda n: block.first_us - 30 * day_us * (n + 1) // ROWS,
        last_us=lambda n: block.last_us - 30 * day_us * (n + 1) // ROWS,
        hour=lambda n: (block.last_us - 30 * day_us * (n + 1) // ROWS) // 3_600_000_000,
        is_loose=lambda n: False,
    )
    assert_quick(
        chief,
        "/logs",
        "/logs?level=error",
        "/logs?window=30d",
        "/logs?q=symbol:S3",
        "/logs?q=trace:4ea045a35c3647899371e25826f9209e",
    )


def test_metrics_of_thousands_of_names_and_series(chief: Client) -> None:
    project, now = make_project(), datetime.now(UTC)
    minute = int(now.timestamp()) // 60 * 60
    metric = Metric(project_id=project.pk, environment="production", type="distribution", unit="ms", points=9)
    metric.first_seen_at = metric.last_seen_at = now
    copy(metric, rows=2_000, name=lambda n: f"orders.latency.{n:04}")
    first = Metric.objects.order_by("id").values_list("id", flat=True)[0]
    series = MetricSeries(metric_id=first, first_seen_at=now, last_seen_at=now)
    copy(
        series,
        metric_id=lambda n: first + (0 if n < 4_000 else n % 2_000),
        key=lambda n: n,
        attributes=lambda n: {"venue": f"V{n:05}", "desk": f"D{n % 10}"},
    )
    wide, narrow = Bucket(), Bucket()
    for key in range(1_000):
        wide.add(key, cell_of(float(key), float(minute), "distribution"))
    narrow.add(4_000, cell_of(3.0, float(minute), "distribution"))
    for bucket, rows in ((wide, 0), (narrow, 1)):
        cells, bins, total_bins = bucket.packed()
        row = MetricBucket(resolution=Resolution.MINUTE, cells=cells, bins=bins, total_bins=total_bins)
        copy(
            row,
            rows=ROWS if rows else 600,
            metric_id=lambda n, rows=rows: first + (1 + n % 1_900 if rows else 0),
            start=lambda n, rows=rows: minute - 60 * (n // 1_900 if rows else n),
        )
    chart = "/performance/metrics-explorer?metric.1=orders.latency.0000%7Cdistribution%7Cms&aggregation.1=p95"
    assert_quick(
        chief,
        "/performance/metrics-explorer",
        chart,
        f"{chart}&by.1=venue",
        f"{chart}&by.1=desk",
        "/performance/metrics-explorer?metric.1=orders.latency.0007%7Cdistribution%7Cms&aggregation.1=p95&window=24h",
    )
