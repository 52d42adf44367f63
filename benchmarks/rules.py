"""What judging 1,000 alert rules costs over a month of errors. `python -m benchmarks.rules`

On the store of `benchmarks.triage` (1,000,000 events in 10,000 issues), with the clock at the moment it was made for. A minute
is what the beat does in one: four ticks of measured rules and of the error rate. Rules are of every measured kind, with many
windows and series; they are removed again afterwards.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.triage import STORE, _open

MINUTES, TICKS = 5, 4


def measure_rules() -> dict[str, Any]:
    """Run in a process of its own: Django's settings are read once a process."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.rules"], stdout=subprocess.PIPE, text=True, check=True)
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rules", type=int, default=1_000)
    options.add_argument("--store", type=Path, default=STORE)
    chosen = options.parse_args()
    now = _open(chosen.store, 1_000_000, 10_000)
    print(json.dumps(_measure(chosen.rules, now), indent=1))


def _measure(count: int, now: datetime) -> dict[str, Any]:
    from alerts.models import Alert, AlertRule

    AlertRule.objects.filter(name__startswith="bench ").delete()
    AlertRule.objects.bulk_create(AlertRule(**fields) for fields in _rules(count))
    try:
        cpu, wall = zip(*(_one_minute(now - timedelta(minutes=at)) for at in reversed(range(MINUTES))), strict=True)
        judged = AlertRule.objects.filter(name__startswith="bench ").exclude(last_judged_at=None)
        return {
            "rules": count,
            "judged": judged.count(),
            "with_data": judged.exclude(last_reason__startswith="Nothing measured").count(),
            "alerts_opened": Alert.objects.filter(source__startswith="bench ").count(),
            "cpu_seconds_a_minute": round(statistics.median(cpu), 2),
            "wall_seconds_a_minute": round(statistics.median(wall), 2),
        }
    finally:
        Alert.objects.filter(source__startswith="bench ").delete()
        AlertRule.objects.filter(name__startswith="bench ").delete()


def _one_minute(minute: datetime) -> tuple[float, float]:
    from alerts.services import judge_error_rates, judge_measures

    start = minute.replace(second=0, microsecond=0)
    cpu, wall = time.process_time(), time.monotonic()
    for tick in range(TICKS):
        judge_measures(start + timedelta(seconds=2 + 15 * tick))
        judge_error_rates(start + timedelta(seconds=2 + 15 * tick))
    return time.process_time() - cpu, time.monotonic() - wall


def _rules(count: int) -> Iterator[dict[str, Any]]:
    from tradewatch.metrics.models import Counter, Resolution

    names = Counter.objects.filter(resolution=Resolution.HOUR, series__startswith="events")
    known = sorted(set(names.values_list("series", flat=True)))
    for at in range(count):
        common = {"name": f"bench {at}", "minimum_count": 1, "window_seconds": (1, 5, 15, 60, 360)[at // 6 % 5] * 60}
        yield {**common, **_KINDS[at % 6], **({"series": known[at // 6 % len(known)]} if at % 6 < 3 else {})}


_KINDS: list[dict[str, Any]] = [
    {"kind": "metric", "threshold": 1e9},
    {"kind": "metric", "aggregate": "ratio", "of_series": "events", "threshold": 0.99, "for_seconds": 300},
    {"kind": "absence"},
    {"kind": "latency", "series": "transactions", "threshold": 60},
    {"kind": "error_rate_rise", "threshold": 1000},
    {"kind": "issue_frequency", "threshold": 1e9},
]

if __name__ == "__main__":
    main()
