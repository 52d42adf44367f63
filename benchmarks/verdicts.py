"""A verdict over a million requests and a million error events. `python -m benchmarks.verdicts`

The look at 60 minutes: 50 endpoints, 300 issues, each with something in every minute of the hour before and the hour
after, and of the six hours of history; at times that no hour bucket covers. "good": nothing changed. "bad": errors and
latency of ten endpoints each got worse, so that their history is read, too.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.store import measured_apart, open_store

if TYPE_CHECKING:
    from releases.models import Deployment
    from releases.verdicts.evidence import Evidence

ENDPOINTS, ISSUES, A_MINUTE = 50, 300, 167
BEGAN = datetime(2026, 11, 26, 14, 52, 10, tzinfo=UTC)
ENDED = BEGAN + timedelta(minutes=2)
HISTORY_MINUTES = 360
EVENTS_A_MINUTE = 28  # of each issue
TRIES = 9
BAD = 10  # endpoints that fail more, and as many that are slower


def measure_verdicts() -> dict[str, Any]:
    return measured_apart("benchmarks.verdicts")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--profile", choices=["good", "bad"])
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="tw-bench-") as home:
        open_store(Path(home))
        deployments = {environment: _fill(environment) for environment in ("good", "bad")}
        if chosen.profile:
            _profile(deployments[chosen.profile])
            return
        looks = {name: _timed(deployment) for name, deployment in deployments.items()}
    print(json.dumps({**looks, "load_average": os.getloadavg()[0]}, indent=1))


def _look(deployment: "Deployment") -> "Evidence":
    from releases.verdicts.looking import look_at, stretch_after

    after = stretch_after(deployment, 60, None)
    assert after is not None
    return look_at(deployment, after, minutes=60, follower=None)


def _timed(deployment: "Deployment") -> dict[str, Any]:
    wall, cpu = [], []
    for _ in range(TRIES):
        started, used = time.perf_counter(), time.process_time()
        evidence = _look(deployment)
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    judged = evidence.judgement
    return {
        "milliseconds": {
            "median": round(statistics.median(wall) * 1000, 1),
            "cpu": round(statistics.median(cpu) * 1000, 1),
        },
        "verdict": judged.verdict,
        "requests": judged.requests_before + judged.requests_after,
        "events": 2 * 60 * ISSUES * EVENTS_A_MINUTE,
        "worse": {
            name: sum(each.finding == "worse" for each in getattr(judged, name))
            for name in ("errors", "latencies", "issues")
        },
    }


def _profile(deployment: "Deployment") -> None:
    import cProfile
    import pstats

    profile = cProfile.Profile()
    profile.runcall(_look, deployment)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(25)


def _fill(environment: str) -> "Deployment":
    from releases.models import Deployment
    from tradewatch.projects.models import Project

    project = Project.objects.get(slug="default")
    for endpoint in range(ENDPOINTS):
        bad = environment == "bad" and endpoint < 2 * BAD
        _requests(project.pk, environment, f"GET /{endpoint}", ("fails" if endpoint < BAD else "slow") if bad else "")
    _events(project, environment)
    return Deployment.objects.create(
        project=project,
        environment=environment,
        version="2.0.1",
        state="succeeded",
        started_at=BEGAN,
        finished_at=ENDED,
        deployed_by="bench",
    )


def _requests(project_id: int, environment: str, name: str, change: str) -> None:
    from uuid import uuid4

    from tradewatch.metrics.models import Resolution
    from tradewatch.performance.models import TransactionBucket, TransactionGroup
    from tradewatch.performance.traces.figures import TRANSACTION_COLUMNS

    began = int(BEGAN.timestamp()) // 60
    for release, first, last in (("2.0.0", began - HISTORY_MINUTES, began), ("2.0.1", began + 3, began + 63)):
        group = TransactionGroup.objects.create(
            project_id=project_id, environment=environment, name=name, op="http.server", release=release,
            identity=uuid4(), first_seen_at=BEGAN, last_day=began // 1440,
        )  # fmt: skip
        minutes = _minutes(change if release == "2.0.1" else "")
        TransactionBucket.objects.bulk_create(
            (
                TransactionBucket(
                    group=group,
                    resolution=Resolution.MINUTE,
                    start=minute * 60,
                    **dict(zip(TRANSACTION_COLUMNS, minutes[minute % len(minutes)], strict=True)),
                )
                for minute in range(first, last)
            ),
            batch_size=500,
        )


_drawn: dict[str, list[tuple[Any, ...]]] = {}


def _minutes(change: str) -> list[tuple[Any, ...]]:
    """Return eight different minutes as the columns of their buckets."""
    from tradewatch.performance.traces.figures import Figures

    if change not in _drawn:
        dice, slower = random.Random(7), 1.3 if change == "slow" else 1.0
        minutes = []
        for _ in range(8):
            figures = Figures()
            for _ in range(A_MINUTE):
                fails = dice.random() < (0.021 if change == "fails" else 0.004)
                seconds = slower * dice.lognormvariate(-2, 0.7)
                figures.count_one(seconds, is_failed=fails, weight=1.0, apdex_seconds=0.3, latency_ms=(500,))
            minutes.append(figures.stored())
        _drawn[change] = minutes
    return _drawn[change]


def _events(project: Any, environment: str) -> None:
    from tradewatch.errors.models import Issue
    from tradewatch.metrics.models import Counter, Resolution

    began = int(BEGAN.timestamp()) // 60
    first = Issue.objects.count()
    issues = Issue.objects.bulk_create(
        Issue(
            project=project, number=first + number + 1, title=f"Error {number}", severity="error",
            first_seen_at=BEGAN - timedelta(days=9), last_seen_at=BEGAN,
        )
        for number in range(ISSUES)
    )  # fmt: skip
    minutes = [*range(began - 60, began), *range(began + 3, began + 63)]
    Counter.objects.bulk_create(
        (
            Counter(
                project_id=project.pk, environment=environment, series=f"issue:{issue.pk}",
                resolution=Resolution.MINUTE, start=minute * 60, count=EVENTS_A_MINUTE, weighted=EVENTS_A_MINUTE,
            )
            for issue in issues
            for minute in minutes
        ),
        batch_size=1000,
    )  # fmt: skip


if __name__ == "__main__":
    main()
