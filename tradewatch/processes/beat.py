"""The one table of everything on a clock. Each entry is an idempotent tick: two beats, or a late one, do no harm.

Beat counts from its own start. What is due every ten minutes or less often would never be on an installation that
restarts more often than that: a tick of its own runs it, by when it last ran (see `overdue`).
"""

from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings

HOUR = 3600
RARE_SECONDS = 600.0
# Workers take ticks in the order in which they were queued. Were those of every second or two to expire as fast, then
# where the others take longer than that none of them would ever run: nothing would be relayed, nothing swept up.
PATIENCE_SECONDS = 15.0
_STARTED_AT, _STARTED = datetime.now(UTC), monotonic()


def steady_now() -> datetime:
    """Return the time since this process's start on a clock that nobody sets.

    By the machine's clock beat would stand still for the hour by which a wrong one is set back.
    """
    return _STARTED_AT + timedelta(seconds=monotonic() - _STARTED)


def _every(seconds: float, task: str) -> dict[str, Any]:
    return {"task": task, "schedule": seconds, "options": {"expires": max(seconds, PATIENCE_SECONDS)}}


SCHEDULE = {
    entry["task"]: entry
    for entry in [
        _every(2, "alerts.tasks.judge"),
        _every(15, "alerts.tasks.judge_rates"),
        _every(15, "alerts.tasks.judge_measures"),
        _every(5, "alerts.tasks.deliver"),
        _every(15, "alerts.tasks.end_silent_alerts"),
        _every(30, "alerts.tasks.send_digests"),
        _every(HOUR, "alerts.tasks.warn_of_calendars"),
        _every(600, "alerts.tasks.send_weekly_reports"),
        _every(5, "alerts.tasks.look_at_heartbeats"),
        _every(30, "alerts.tasks.watch"),
        _every(2, "tradewatch.performance.checks.tasks.run_checks"),
        _every(settings.SENTRY_METRICS_FLUSH_INTERVAL, "tradewatch.performance.hosts.tasks.collect_own_host"),
        _every(15, "tradewatch.performance.hosts.tasks.look_at_hosts"),
        _every(10, "tradewatch.performance.traces.tasks.examine_traces"),
        _every(10, "releases.tasks.tend"),
        _every(5, "releases.tasks.tell_rollbacks"),
        _every(10, "releases.tasks.read_commits"),
        _every(HOUR, "releases.tasks.clean_gate_answers"),
        _every(HOUR, "releases.tasks.clean_uploads"),
        _every(60, "sla.collecting.tasks.collect"),
        _every(HOUR, "sla.collecting.tasks.delete_old_minutes"),
        _every(60, "sla.burning.tasks.tell_burns"),
        _every(300, "sla.burning.tasks.tell_states"),
        _every(60, "sla.reports.tasks.close_periods"),
        _every(30, "sla.reports.tasks.send_reports"),
        _every(15, "tradewatch.ingest.tasks.watch_upstreams"),
        _every(5, "tradewatch.core.tasks.beat"),
        _every(20, "tradewatch.processes.tasks.run_overdue"),
        _every(60, "tradewatch.processes.tasks.back_up"),
        _every(15, "tradewatch.processes.tasks.erase_persons"),
        _every(60, "tradewatch.metrics.tasks.keep_own"),
        _every(5, "tradewatch.processes.tasks.watch_disk"),
        _every(60, "tradewatch.inbox.tasks.clean_inbox"),
        _every(60, "tradewatch.calendars.tasks.refresh_calendars"),
        _every(60, "tradewatch.errors.tasks.wake_ignored_issues"),
        _every(HOUR, "tradewatch.inbox.tasks.clean_kept"),
        _every(HOUR, "tradewatch.errors.tasks.delete_old_events"),
        _every(HOUR, "tradewatch.metrics.tasks.delete_old_metrics"),
        _every(HOUR, "tradewatch.performance.logs.tasks.delete_old_logs"),
        _every(HOUR, "tradewatch.performance.traces.tasks.delete_old_traces"),
        _every(300, "tradewatch.performance.logs.tasks.pack_logs"),
        _every(60, "tradewatch.performance.disk.tasks.sample_disk"),
        _every(HOUR, "tradewatch.core.tasks.clean_idempotent_answers"),
        _every(HOUR, "tradewatch.core.tasks.clean_audit_entries"),
        _every(15, "debugging.tasks.settle_simulations"),
        _every(HOUR, "alerts.tasks.clean_up"),
        _every(2, "debugging.tasks.run_batches"),
        _every(HOUR, "debugging.tasks.clean_up"),
        _every(60, "debugging.tasks.find_patterns"),
        _every(5, "debugging.tasks.tend_replays"),
        _every(HOUR, "tradewatch.performance.checks.tasks.clean_checks"),
        _every(HOUR, "tradewatch.performance.hosts.tasks.clean_hosts"),
        _every(HOUR, "tradewatch.accounts.tasks.clean_sessions"),
    ]
}
RARE = {task: entry["schedule"] for task, entry in SCHEDULE.items() if entry["schedule"] >= RARE_SECONDS}
OFTEN = {task: entry for task, entry in SCHEDULE.items() if task not in RARE}  # what beat itself counts
# Grown alone: embedded, the worker's own loop and process do these.
GROWN = {
    entry["task"]: entry
    for entry in [_every(1, "tradewatch.processes.tasks.sweep"), _every(2, "tradewatch.ingest.tasks.relay")]
}
