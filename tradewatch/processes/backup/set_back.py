"""Backups that were begun, made or failed while the clock was ahead, and that was set back (`core.set_back`)."""

from datetime import datetime, timedelta

from tradewatch.core.backup_state import DONE, FAILED, TRIED
from tradewatch.core.models import Pulse


def plan_anew(now: datetime, ahead: timedelta) -> None:
    """Note when they truly were: else a failure outlives good backups, and one that stays away is missed too late."""
    for row in Pulse.objects.filter(name__in=(DONE, FAILED, TRIED), at__gt=now):
        Pulse.objects.filter(name=row.name, at=row.at).update(at=min(row.at - ahead, now))
