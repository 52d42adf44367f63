"""When CI is told, where that was planned by a clock that was ahead, and was set back (`core.set_back`)."""

from datetime import datetime, timedelta

from releases.choices import RollbackState
from releases.models import Rollback
from releases.rollbacks.telling import LEASE


def plan_anew(now: datetime, ahead: timedelta) -> None:
    """Let CI be told within a lease, as of a worker that was lost: one may be telling it right now."""
    waiting = Rollback.objects.filter(state=RollbackState.REQUESTED)
    waiting.filter(next_try_at__gt=now + LEASE).update(next_try_at=now + LEASE)
