from datetime import datetime, timedelta
from enum import StrEnum

WARN_BEFORE = timedelta(minutes=15)


class SilenceState(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    EXPIRED = "expired"


def silence_state(starts_at: datetime, ends_at: datetime, *, now: datetime) -> SilenceState:
    """Return the state at `now`; a silence is active from its start on and no longer at its end."""
    if now >= ends_at:
        return SilenceState.EXPIRED
    return SilenceState.PENDING if now < starts_at else SilenceState.ACTIVE


def is_warning_due(starts_at: datetime, ends_at: datetime, *, now: datetime) -> bool:
    """Return whether it is time to warn that the silence runs out: 15 minutes before, or in its last quarter."""
    lead = min(WARN_BEFORE, (ends_at - starts_at) / 4)
    return ends_at - lead <= now < ends_at
