"""What `GET /performance/metrics` answers, each part read from what is stored; None where nothing is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils import timezone

from tradewatch.core.faults import Invalid
from tradewatch.core.windows import Window
from tradewatch.metrics.points import catalogue
from tradewatch.metrics.points.aggregations import default_of
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.reading import chart, over
from tradewatch.metrics.points.values import GAUGE
from tradewatch.performance.checks.queries import checks_of, shown_state, stretches_of, worst_first
from tradewatch.performance.checks.uptime import uptime_of
from tradewatch.performance.hosts.services import HOST, PREFIX
from tradewatch.performance.readiness import DEFAULT_CHECKS, readiness
from tradewatch.performance.traces import queries
from tradewatch.performance.traces.figures import Figures, shares_of_time
from tradewatch.performance.traces.queries import TransactionKey
from tradewatch.projects.models import Project

MINUTE, HOUR, DAY = 60, 3600, 86_400
RESOLUTIONS = {"1m": MINUTE, "5m": 300, "15m": 900, "1h": HOUR, "6h": 6 * HOUR, "1d": DAY}
MOST_POINTS = 1500
MOST_TRANSACTIONS = 100
MOST_METRICS = 50
MOST_CHECKS = 200
QUANTILES = {"p50": 0.5, "p75": 0.75, "p95": 0.95, "p99": 0.99}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose, and when: [start, end) in epoch seconds on boundaries of `resolution`, the running step included.

    `environment` None: all.
    """

    project_ids: Sequence[int]
    environment: str | None
    start: int
    end: int
    resolution: int


def wanted(project_ids: Sequence[int], environment: str | None, window: Window, resolution: str | None) -> Wanted:
    """Return what is asked for; without a `resolution` the finest that gives at most 120 points. Raises `Invalid`."""
    step = _step(resolution, window.seconds)
    start = int(window.start.timestamp()) // step * step
    end = -(-int(window.end.timestamp()) // step) * step
    if (end - start) // step > MOST_POINTS:
        raise Invalid("too fine", errors={"resolution": [f"at most {MOST_POINTS} points: ask for wider ones"]})
    return Wanted(project_ids, environment, start, end, step)


def _step(resolution: str | None, window_seconds: int) -> int:
    if not resolution:
        return next((step for step in RESOLUTIONS.values() if window_seconds <= step * 120), 7 * DAY)
    if resolution in RESOLUTIONS:
        return RESOLUTIONS[resolution]
    expected = f"expected one of {', '.join(RESOLUTIONS)}, or seconds, a multiple of 60"
    if not (resolution.isascii() and resolution.isdigit() and len(resolution) < 9):
        raise Invalid("bad resolution", errors={"resolution": [expected]})
    step = int(resolution)
    if not step or step % MINUTE or step > 366 * DAY:
        raise Invalid("bad resolution", errors={"resolution": [expected]})
    return step


def measured(asked: Wanted) -> dict[str, Any]:
    return {
        "window_seconds": asked.end - asked.start,
        "resolution_seconds": asked.resolution,
        "start": asked.start,
        "end": asked.end,
        "system": system_part(asked),
        "requests": requests_part(asked),
        "transactions": transactions_part(asked),
        "custom": custom_part(asked),
        "health": health_part(asked),
    }


# --- requests and transactions -----------------------------------------------------------------------------------
def requests_part(asked: Wanted) -> dict[str, Any]:
    about = asked.project_ids, asked.start, asked.end
    figures = queries.overall(*about, environment=asked.environment)
    points = queries.points(*about, asked.resolution, environment=asked.environment)
    series = [{"start": at, **_numbers(each, asked.resolution)} for at, each in points]
    return {**_numbers(figures, asked.end - asked.start), "coverage": figures.coverage, "series": series}


def transactions_part(asked: Wanted) -> list[dict[str, Any]]:
    """Return the transactions that took the most time in all, the first hundred."""
    found = queries.by_transaction(asked.project_ids, asked.start, asked.end, environment=asked.environment)
    shares = shares_of_time({key: figures.seconds for key, figures in found.items()})
    slugs = dict(Project.objects.filter(pk__in=asked.project_ids).values_list("pk", "slug"))
    ordered = sorted(found.items(), key=lambda each: (-each[1].seconds, each[0]))
    return [
        {
            "name": key.name,
            "op": key.op,
            "project": slugs[key.project_id],
            **_numbers(figures, asked.end - asked.start),
            "share_of_time": shares[key],
            "url": _page_of(key, slugs[key.project_id]),
        }
        for key, figures in ordered[:MOST_TRANSACTIONS]
    ]


def _numbers(figures: Figures, seconds: int) -> dict[str, Any]:
    """Return the figures by name: throughput a minute, ratios from 0.0 to 1.0, percentiles in seconds."""
    found = figures.percentiles(list(QUANTILES.values()))
    return {
        "count": figures.count,
        "weighted_count": round(figures.weighted, 3),
        "failed": figures.failed,
        "throughput": figures.per_minute(seconds) if figures.count else None,
        "failure_rate": figures.failure_ratio,
        "apdex": figures.apdex,
        **(dict(zip(QUANTILES, found, strict=True)) if found else dict.fromkeys(QUANTILES)),
    }


def _page_of(key: TransactionKey, slug: str) -> str:
    query = urlencode({"project": slug, "name": key.name})
    return f"{settings.PUBLIC_URL}/performance/transaction?{query}"


# --- custom metrics ----------------------------------------------------------------------------------------------
def custom_part(asked: Wanted) -> list[dict[str, Any]]:
    """Return the named metrics that had a point in the interval, by name, the first fifty."""
    since = catalogue.utc(asked.start)
    named = catalogue.names(asked.project_ids, environment=asked.environment, since=since)
    custom = [each for each in named if not each.name.startswith(PREFIX)]  # what hosts say is the part `system`
    return [_metric(asked, each) for each in custom[:MOST_METRICS]]


def _metric(asked: Wanted, named: catalogue.Named) -> dict[str, Any]:
    question = Question(
        project_ids=asked.project_ids,
        name=named.name,
        aggregation=default_of(named.type),
        environment=asked.environment,
        type=named.type,
        unit=named.unit,
    )
    drawn = chart(question, asked.start, asked.end, asked.resolution)
    values = zip(drawn.starts, drawn.total.values, strict=True)
    return {
        "name": named.name,
        "type": named.type,
        "unit": named.unit,
        "aggregation": drawn.aggregation,
        "value": drawn.total.whole,
        "series": [{"start": at, "value": value} for at, value in values if value is not None],
    }


# --- system and health -------------------------------------------------------------------------------------------
def system_part(asked: Wanted) -> dict[str, Any]:
    """Return the means of what hosts reported, of all together and of each; the disk is the fullest there was."""
    cpu, memory = (_by_host(asked, name, "avg") for name in ("cpu", "memory"))
    disk, reports = _by_host(asked, "disk", "max"), _by_host(asked, "cpu", "count")
    network = _sums_by_host(asked, reports)
    names = sorted({*cpu, *memory, *disk, *network})
    return {
        "cpu": _mean(cpu),
        "memory": _mean(memory),
        "disk": max(disk.values(), default=None),
        "network": sum(network.values()) if network else None,
        "hosts": [
            {
                "name": name,
                "cpu": cpu.get(name),
                "memory": memory.get(name),
                "disk": disk.get(name),
                "network": network.get(name),
            }
            for name in names
        ],
    }


def _by_host(asked: Wanted, name: str, aggregation: str) -> dict[str, float]:
    question = Question(
        project_ids=asked.project_ids,
        name=PREFIX + name,
        aggregation=aggregation,
        environment=asked.environment,
        type=GAUGE,
        group_by=HOST,
    )
    found = over(question, asked.start, asked.end)
    return {host: value for host, value in found.items() if value is not None}


def _sums_by_host(asked: Wanted, reports: Mapping[str, float]) -> dict[str, float]:
    """Return {host: bytes a second over all its interfaces}: the sum of all readings / how often it reported."""
    received, sent = (_by_host(asked, f"network.{way}", "sum") for way in ("received", "sent"))
    return {
        host: (received.get(host, 0.0) + sent.get(host, 0.0)) / reports[host]
        for host in {*received, *sent}
        if reports.get(host)
    }


def _mean(values: Mapping[str, float]) -> float | None:
    return sum(values.values()) / len(values) if values else None


def health_part(asked: Wanted) -> Mapping[str, Any]:
    """Return what TradeWatch itself needs, checked now, and how the checked services are, with their uptime."""
    checks = readiness(DEFAULT_CHECKS)
    is_ready = all(check["status"] == "ok" for check in checks.values())
    return {"status": "ok" if is_ready else "failing", "checks": checks, "external": _external(asked)}


def _external(asked: Wanted) -> list[dict[str, Any]]:
    now = timezone.now()
    start, end = catalogue.utc(asked.start), min(catalogue.utc(asked.end), now)
    rows = worst_first(list(checks_of(asked.project_ids, asked.environment)[:MOST_CHECKS]), now)
    stretches = stretches_of([row.pk for row in rows], start, end)
    return [
        {
            "name": row.name,
            "project": row.project.slug,
            "state": shown_state(row, now).value,
            "seconds": row.seconds,
            "uptime": uptime_of(stretches[row.pk], start, end).share,
        }
        for row in rows
    ]
