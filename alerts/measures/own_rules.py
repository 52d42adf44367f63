"""The rules about TradeWatch itself that every installation begins with: what the migration stores, and what restoring
brings back. People change them, or switch them off, like any other."""

from collections.abc import Mapping
from typing import Any

OWN_HEALTH, CLOCK = "own_health", "clock"


def _above(series: str, threshold: float, severity: str, *, minutes: int) -> dict[str, Any]:
    """Fires when each of so many minutes in a row was above; ends after three minutes that were not."""
    return _rule(series, threshold, severity, minutes, "above")


def _below(series: str, threshold: float, severity: str, *, minutes: int) -> dict[str, Any]:
    return _rule(series, threshold, severity, minutes, "below")


def _rule(series: str, threshold: float, severity: str, minutes: int, comparison: str) -> dict[str, Any]:
    return {
        "kind": OWN_HEALTH,
        "series": series,
        "threshold": threshold,
        "severity": severity,
        "comparison": comparison,
        "window_seconds": 60 * min(minutes, 3),
        "for_seconds": 60 * minutes,
        "minimum_count": 0,
    }


OWN_RULES: Mapping[str, Mapping[str, Any]] = {
    "TradeWatch's clock stands": {"kind": CLOCK, "severity": "critical"},
    "Inbox falls behind": _above("inbox_oldest_age_seconds", 120, "warning", minutes=3),
    "Digest stands still": _above("digest_stalled_seconds", 300, "critical", minutes=2),
    "Dead letters wait": _above("dead_letters", 0, "warning", minutes=5),
    "News waits to be judged": _above("queue_oldest_age_seconds", 120, "error", minutes=3),
    "Messages do not leave": _above("deliveries_oldest_age_seconds", 900, "error", minutes=3),
    "Messages failed for good": _above("deliveries_failed", 0, "error", minutes=1),
    "Relay spool fills": _above("spool_ratio", 0.5, "warning", minutes=5),
    "Ingest fails": _above("ingest_failed_per_minute", 0, "error", minutes=2),
    "Disk is full within a week": _below("disk_days_left", 7, "warning", minutes=30),
    "Disk above its high mark": _above("disk_level", 0, "error", minutes=3),
    "Disk almost full": _below("disk_free_bytes", 1e9, "critical", minutes=3),
    "Tasks are late": _above("late_tasks", 0, "warning", minutes=30),
    "Database is slow": _above("database_seconds", 1.0, "warning", minutes=5),
    "Redis is slow": _above("redis_seconds", 0.5, "warning", minutes=5),
    "Batches of replays wait": _above("replay_batches_oldest_age_seconds", 3600, "warning", minutes=5),
}
