"""SLA figures over what months leave in the store. `python -m benchmarks.sla`

50 targets over 90 days in which every minute had requests: ratios, percentiles, timeslices, market sessions, daily
exclusions and corrections. Then the burn windows of 200 targets, a minute after a minute. "cold" remembers nothing, as
after a start; "next minute" has a new block of today for each target, as after collecting.
"""

import argparse
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.store import measured_apart, open_store

if TYPE_CHECKING:
    from sla.models import Target
    from tradewatch.projects.models import Project

TARGETS, BURNING_TARGETS, DAYS = 50, 200, 90
NOW = datetime(2026, 11, 26, 15, 7, 20, tzinfo=UTC)
OF_STATUS = 4  # targets with data in the project whose status is asked, beside the four that every project has
TRIES = 9
DAY = 86_400
SHAPES: tuple[dict[str, Any], ...] = (
    {},
    {"indicator": "error_rate", "direction": "lower", "value": "0.001"},
    {"indicator": "percentile", "direction": "lower", "value": "0.5", "objective": "0.95"},
    {"slice_seconds": 300, "slice_target": "0.99"},
    {"window": "market", "market": "XNYS"},
    {"excluded_times": "22:00-22:30 Europe/London"},
    {"window": "calendar", "zone": "America/New_York"},
    {},
    {"indicator": "percentile", "direction": "lower", "value": "0.5", "objective": "0.95"},
    {"slice_seconds": 60, "slice_target": "0.95"},
)


def measure_sla() -> dict[str, Any]:
    return measured_apart("benchmarks.sla")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--targets", type=int, default=TARGETS)
    options.add_argument("--burning", type=int, default=BURNING_TARGETS)
    options.add_argument("--profile", help="a name among the answers, e.g. burns or report, cold")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="tw-bench-") as home:
        open_store(Path(home))
        _sessions()
        reported = [_target(number, DAYS + 1) for number in range(chosen.targets)]
        burning = reported + [_target(number, 6) for number in range(chosen.targets, chosen.burning)]
        _correct(reported)
        asked = _asked(reported, burning)
        if chosen.profile:
            _profile(*asked[chosen.profile])
            return
        found = {
            "targets": len(reported),
            "burning_targets": len(burning),
            "milliseconds": {name: _timed(*each) for name, each in asked.items()},
            "load_average": os.getloadavg()[0],
        }
    print(json.dumps(found, indent=1))


def _asked(
    reported: Sequence["Target"], burning: Sequence["Target"]
) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Return {name: (what is timed, what is done before each try)}."""
    from sla.figures.reading import burns, judged
    from sla.minutes.loading import forget
    from sla.reports.asking import Asked
    from sla.reports.document import build
    from sla.standings import status

    few, most = reported[:OF_STATUS], Asked(days=DAYS)
    rest = _project("rest")
    project = [few[0].project_id]
    return {
        "report, cold": (lambda: judged(reported, NOW, DAYS), forget),
        "report": (lambda: judged(reported, NOW, DAYS), lambda: _next_minute(reported)),
        "document, cold": (lambda: build(rest, most, NOW), forget),
        "document": (lambda: build(rest, most, NOW), lambda: _next_minute(reported)),
        "status, cold": (lambda: status(project, None, NOW), forget),
        "status": (lambda: status(project, None, NOW), lambda: _next_minute(few)),
        "burns, cold": (lambda: burns(burning, NOW), forget),
        "burns": (lambda: burns(burning, NOW), lambda: _next_minute(burning)),
    }


def _timed(ask: Callable[[], Any], before: Callable[[], Any]) -> dict[str, float]:
    """Return medians of wall and processor time: what others do on the machine is in the first, not the second."""
    wall, cpu = [], []
    for _ in range(TRIES):
        before()
        started, used = time.perf_counter(), time.process_time()
        ask()
        wall.append(time.perf_counter() - started)
        cpu.append(time.process_time() - used)
    return {"median": round(statistics.median(wall) * 1000, 1), "cpu": round(statistics.median(cpu) * 1000, 1)}


def _profile(ask: Callable[[], Any], before: Callable[[], Any]) -> None:
    import cProfile
    import pstats

    ask()
    before()
    profile = cProfile.Profile()
    profile.runcall(ask)
    pstats.Stats(profile, stream=sys.stderr).sort_stats("tottime").print_stats(30)


def _sessions() -> None:
    """Write sessions of every weekday, as New York has them."""
    from tradewatch.calendars.loading import SourceDay, store_days
    from tradewatch.calendars.models import MarketCalendar

    start, end = (NOW - timedelta(days=400)).date(), (NOW + timedelta(days=400)).date()
    days = [start + timedelta(days=number) for number in range((end - start).days)]
    opens = [datetime(day.year, day.month, day.day, 14, 30, tzinfo=UTC) for day in days if day.weekday() < 5]
    sessions = [SourceDay(each.date(), each, each + timedelta(hours=6.5)) for each in opens]
    store_days(MarketCalendar.objects.get(code="XNYS"), sessions, start=start, end=end, now=NOW)


def _target(number: int, days: int) -> "Target":
    from decimal import Decimal
    from uuid import uuid4

    from sla.models import Measure, Target, TargetVersion

    fields = dict(SHAPES[number % len(SHAPES)])
    value = Decimal(fields.pop("value", "0.999"))
    indicator = fields.setdefault("indicator", "availability")
    definition = {"quantile": 0.95, "threshold_seconds": 0.5} if indicator == "percentile" else {}
    project = _project("busy" if number < OF_STATUS else "rest" if number < TARGETS else "burning")
    target = Target.objects.create(project=project, metric_name=f"bench-{number}")
    measure = Measure.objects.create(project=project, indicator=indicator, definition=definition, identity=uuid4())
    fields["objective"] = Decimal(fields.get("objective", "0.999"))
    fields["slice_target"] = Decimal(fields["slice_target"]) if "slice_target" in fields else None
    TargetVersion.objects.create(
        target=target,
        measure=measure,
        number=1,
        valid_from=NOW - timedelta(days=200),
        actor="bench",
        definition=definition,
        target_value=value,
        warning_threshold=value,
        critical_threshold=value,
        **{"direction": "higher"} | fields,
    )
    _fill(measure.pk, days, has_bins=indicator == "percentile")
    return target


def _project(slug: str) -> "Project":
    from tradewatch.projects.models import Project

    project: Project = Project.objects.get_or_create(slug=slug, defaults={"name": slug})[0]
    return project


def _fill(measure_id: int, days: int, *, has_bins: bool) -> None:
    from sla.models import MinuteBlock

    packed, today = _packed_days(), int(NOW.timestamp()) // DAY
    MinuteBlock.objects.bulk_create(
        MinuteBlock(
            measure_id=measure_id,
            day=day,
            counts=packed[day % len(packed)][0],
            bins=packed[day % len(packed)][1] if has_bins else b"",
            updated_at=NOW,
        )
        for day in range(today - days, today + 1)
    )


_drawn: list[tuple[bytes, bytes]] = []


def _packed_days() -> list[tuple[bytes, bytes]]:
    """Return eight different days of 1,440 minutes, sampled at a third, and their histograms."""
    from sla.minutes.packing import Minute, pack_counts
    from sla.minutes.spreads import HALF_HOURS_A_DAY, DaySpread
    from sla.minutes.values import UNIT
    from tradewatch.metrics.histogram import bins_of

    dice = random.Random(6)
    while len(_drawn) < 8:
        minutes = {}
        for at in range(1440):
            received = dice.randint(80, 400)
            bad = int(dice.random() < 0.2)
            minutes[at] = Minute(received * UNIT * 3, bad * UNIT * 3, received, bad)
        halves = [bins_of(dice.lognormvariate(-2, 0.7) for _ in range(300)) for _ in range(HALF_HOURS_A_DAY)]
        _drawn.append(
            (pack_counts(minutes), DaySpread().with_half_hours({half: dict(each) for half, each in enumerate(halves)}))
        )
    return _drawn


def _correct(targets: Sequence["Target"]) -> None:
    from sla.models import Correction

    Correction.objects.bulk_create(
        Correction(
            project_id=project_id,
            kind="maintenance",
            starts_at=NOW - timedelta(days=number * 7, minutes=3),
            ends_at=NOW - timedelta(days=number * 7) + timedelta(minutes=40),
            reason="Maintenance",
            actor="bench",
        )
        for number in range(1, 12)
        for project_id in sorted({target.project_id for target in targets})
    )


def _next_minute(targets: Sequence["Target"]) -> None:
    """Leave what collecting leaves: new blocks of today."""
    from django.db.models import F

    from sla.models import MinuteBlock

    today = MinuteBlock.objects.filter(day=int(NOW.timestamp()) // DAY)
    today.filter(measure__versions__target__in=[each.pk for each in targets]).update(revision=F("revision") + 1)


if __name__ == "__main__":
    main()
