"""What the processes measure of themselves: the clock, what is late on it, workers, Redis, backups."""

from datetime import datetime, timedelta

from django.conf import settings

from tradewatch.core.backup_state import DONE
from tradewatch.core.models import Pulse
from tradewatch.core.pulse import CLOCK, LATE
from tradewatch.metrics.own.measures import COUNT, SECOND, Limits, Measure, Values
from tradewatch.metrics.own.registry import age_seconds, plain
from tradewatch.performance.readiness import run_check
from tradewatch.processes.beat import RARE
from tradewatch.processes.overdue import PREFIX
from tradewatch.processes.present import webs_in
from tradewatch.processes.readiness import check_broker
from tradewatch.processes.signs import WORKERS

GRACE = timedelta(minutes=20)  # one task every 20 s: after a night all of them take this long

MEASURES = (
    Measure(
        "clock_age_seconds",
        "The clock ran",
        SECOND,
        "Seconds since beat last asked and a worker answered.",
        label="clock",
        limits=Limits(60, 300),
        cure="Rules, messages and clean-up wait for it. Start beat and a worker (docs/growing.md); `serve` has both.",
    ),
    Measure(
        "late_tasks",
        "Tasks that are late",
        COUNT,
        "Tasks on the clock of ten minutes and more that have not run for twice as long as they may.",
        limits=Limits(0, 10),
        cure="The worker's log says why a task fails. One that never ends blocks others: restart the worker.",
    ),
    Measure(
        "workers",
        "Workers alive",
        COUNT,
        "Worker processes that showed a sign of life in the last minute.",
        limits=Limits(1, 1, is_below=True),
        cure="Start a worker (docs/growing.md); `serve` starts its own again when it ends: its log says why it does.",
    ),
    Measure(
        "web_processes",
        "Web processes alive",
        COUNT,
        "Web processes that showed a sign of life in the last minute.",
    ),
    Measure(
        "live_sockets",
        "Live connections",
        COUNT,
        "WebSockets of open pages, over all web processes, at their last sign of life (every 10 s).",
    ),
    Measure(
        "redis_seconds",
        "Redis answers in",
        SECOND,
        "Seconds that Redis took to answer; absent without REDIS_URL, and while it does not answer.",
        limits=Limits(0.25, 1.5),
        cure="Look at the load and memory of Redis' machine. Nothing is lost, but rate limits and live pages rest.",
    ),
    Measure("backup_age_seconds", "Last backup", SECOND, "Seconds since the last scheduled backup was made."),
    Measure(
        "backup_overdue_seconds",
        "Backup overdue",
        SECOND,
        "For how long a scheduled backup is overdue; 0 while none is, absent where none are scheduled.",
        limits=Limits(3600, 86_400),
        cure="The worker's log says why the last try failed: room in TRADEWATCH_BACKUP_FOLDER, rights to it.",
    ),
)


def read_processes(now: datetime) -> Values:
    """Return what one read of the pulses says, and what Redis does."""
    at = dict(Pulse.objects.values_list("name", "at"))
    clock = age_seconds(at.get(CLOCK), now)
    workers = [seen for name, seen in at.items() if name.startswith(WORKERS) and now - seen <= LATE]
    webs = webs_in(at, now)
    backup = age_seconds(at.get(DONE), now) if settings.BACKUP_FOLDER is not None else None
    return {
        "clock_age_seconds": {} if clock is None else {CLOCK: clock},
        **plain(
            late_tasks=late_tasks(at, now),
            workers=len(workers),
            web_processes=webs.processes,
            live_sockets=webs.sockets,
            redis_seconds=_redis_seconds(),
            backup_age_seconds=backup,
            backup_overdue_seconds=None if backup is None else max(0.0, backup - settings.BACKUP_EVERY.total_seconds()),
        ),
    }


def late_tasks(at: dict[str, datetime], now: datetime) -> int:
    """Return how many tasks last ran twice their period ago, and twenty minutes more. What never ran is not known."""
    return sum(
        (last := at.get(PREFIX + task)) is not None and now - last > 2 * timedelta(seconds=seconds) + GRACE
        for task, seconds in RARE.items()
    )


def _redis_seconds() -> float | None:
    if not settings.REDIS_URL:
        return None
    checked = run_check("broker", check_broker)
    return checked["seconds"] if checked["status"] == "ok" else None
