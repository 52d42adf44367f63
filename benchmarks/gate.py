"""The deployment gate over HTTP, in process, as CI asks it. `python -m benchmarks.gate`

A project with 50 SLA targets over 30 days in which every minute had requests (those of `benchmarks.sla`), 40 freezes to
come and two in force, five windows of two markets and of the week, 2,000 open alerts of which 60 are critical, 2,000
deployments. "a minute later" asks when a tick has just read the targets, as one does each minute; "no tick" where the
worker is away and the figures are worked out for the answer; "simulated" asks about another day.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import sla
from benchmarks.store import measured_apart, open_store

if TYPE_CHECKING:
    from sla.models import Target
    from tradewatch.projects.models import Project

TARGETS, TRIES = 50, 60
ASKED = {"project": "rest", "environment": "production", "version": "2.0.1"}


def measure_gate() -> dict[str, Any]:
    return measured_apart("benchmarks.gate")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--targets", type=int, default=TARGETS)
    options.add_argument("--tries", type=int, default=TRIES)
    options.add_argument("--profile", action="store_true")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="tw-bench-") as home:
        open_store(Path(home))
        # The figures of `benchmarks.sla` end now: the gate is asked by the clock.
        sla.NOW = datetime.now(UTC)
        sla.TARGETS = sla.OF_STATUS + chosen.targets  # all in one project
        sla._sessions()
        targets = [sla._target(number, 31) for number in range(sla.OF_STATUS, sla.OF_STATUS + chosen.targets)]
        sla._correct(targets)
        _fill(targets[-1].project)
        if chosen.profile:
            _profile(targets)
            return
        found = {
            "targets": chosen.targets,
            "milliseconds": _measured(targets, chosen.tries),
            "load_average": os.getloadavg()[0],
        }
    print(json.dumps(found, indent=1))


def _measured(targets: list["Target"], tries: int) -> dict[str, dict[str, float]]:
    from releases.gate.budgets import read_budgets
    from releases.models import BudgetReading

    ask = _asker()

    def tick() -> None:
        sla._next_minute(targets)
        read_budgets(datetime.now(UTC))

    def no_tick() -> None:
        sla._next_minute(targets)
        BudgetReading.objects.all().delete()

    later = (datetime.now(UTC) + timedelta(days=2)).isoformat()
    tick()
    ask({})  # what is imported at the first request is none of the gate's
    return {
        "a minute later": _timed(ask, tick, {}, max(9, tries // 6)),
        "again": _timed(ask, lambda: None, {}, tries),
        "simulated": _timed(ask, lambda: None, {"simulate_at": later}, tries),
        "no tick": _timed(ask, no_tick, {}, 9),
        "the tick itself": _timed(lambda _: tick(), lambda: None, {}, 9),
    }


def _timed(ask: Any, before: Any, query: dict[str, str], tries: int) -> dict[str, float]:
    wall, cpu = [], []
    for _ in range(tries):
        before()
        started, used = time.perf_counter(), time.process_time()
        ask(query)
        wall.append((time.perf_counter() - started) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    last = sorted(wall)[int(len(wall) * 0.95)]
    return {
        "median": round(statistics.median(wall), 1),
        "p95": round(last, 1),
        "cpu": round(statistics.median(cpu), 1),
    }


def _asker() -> Any:
    from django.test import Client

    from tradewatch.core.actors import SYSTEM
    from tradewatch.projects.services import issue_token

    secret = issue_token(SYSTEM, name="ci", scopes=["releases:read"])[1]
    client = Client(headers={"Authorization": f"Bearer {secret}"})

    def ask(query: dict[str, str]) -> None:
        answer = client.get("/release/gate", {**ASKED, **query})
        told = answer.json()
        assert answer.status_code == 200 and told["decision"] == "no_go", told
        assert told["evidence"]["coverage"]["with_data"] >= 1, told

    return ask


def _profile(targets: list["Target"]) -> None:
    import cProfile
    import pstats

    from releases.gate.budgets import read_budgets

    ask = _asker()
    read_budgets(datetime.now(UTC))
    ask({})
    profile = cProfile.Profile()
    for _ in range(20):
        profile.runcall(ask, {})
    pstats.Stats(profile, stream=sys.stderr).sort_stats("cumtime").print_stats(70)


def _fill(project: "Project") -> None:
    from alerts.models import Alert
    from releases.models import Deployment, DeploymentWindow, Freeze

    now, day = sla.NOW, timedelta(days=1)
    Freeze.objects.bulk_create(
        Freeze(project=project, name=f"F{n}", starts_at=now + (n - 2) * day, ends_at=now + (n + 1) * day)
        for n in range(42)
    )
    nights: list[Any] = [{"times": ["22:00-06:00"], "weekdays": ["monday:friday"]}]
    DeploymentWindow.objects.bulk_create(
        DeploymentWindow(project=project, name=f"W{n}", environment="production", **rule)
        for n, rule in enumerate(
            [
                {"rule": "outside_session", "calendar": "XNYS", "minutes_before": 30, "minutes_after": 15},
                {"rule": "outside_session", "calendar": "XLON"},
                {"rule": "times", "times": nights, "zone": "Europe/London"},
                {"rule": "times", "times": nights, "zone": "America/New_York"},
                {"rule": "inside_session", "calendar": "XNYS"},
            ]
        )
    )
    Alert.objects.bulk_create(
        Alert(
            project=project,
            dedup_key=f"a{n}",
            severity="critical" if n % 33 == 0 else "warning",
            category="error",
            source="bench",
            title=f"Error rate on POST /orders/{n}",
            environment="production",
            starts_at=now,
            last_at=now,
        )
        for n in range(2000)
    )
    Deployment.objects.bulk_create(
        Deployment(
            project=project,
            environment="production",
            version=f"1.{n}",
            deployed_by="bench",
            state="succeeded",
            started_at=now - n * day / 10,
            finished_at=now - n * day / 10,
        )
        for n in range(2000)
    )


if __name__ == "__main__":
    main()
