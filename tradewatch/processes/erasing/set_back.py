"""Erasures whose process was lost while the clock was ahead, and that was set back (`core.set_back`)."""

from datetime import datetime, timedelta

from tradewatch.processes.erasing.running import LEASE
from tradewatch.processes.models import Erasure


def plan_anew(now: datetime, ahead: timedelta) -> None:
    """Let the lease of a lost process end in time; a living one renews its own."""
    Erasure.objects.filter(leased_until__gt=now + LEASE).update(leased_until=now + LEASE)
