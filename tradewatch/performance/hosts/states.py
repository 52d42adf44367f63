"""How a host stands. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

SILENT_AFTER = timedelta(minutes=3)
MISSED_REPORTS = 3


class HostState(StrEnum):
    REPORTS = "reports"
    SILENT = "silent"
    RETIRED = "retired"


def silent_after(interval: timedelta) -> timedelta:
    """Return how long no news is no news: three minutes, or three reports of a host that reports less often."""
    return max(SILENT_AFTER, MISSED_REPORTS * interval)


def state_of(last_seen_at: datetime, interval: timedelta, *, retired_at: datetime | None, now: datetime) -> HostState:
    if retired_at is not None:
        return HostState.RETIRED
    return HostState.SILENT if now - last_seen_at > silent_after(interval) else HostState.REPORTS
