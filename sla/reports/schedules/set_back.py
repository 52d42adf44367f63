"""Mailings of reports that were planned by a clock that was ahead, and was set back (`core.set_back`)."""

from datetime import datetime, timedelta

from sla.models import ReportMailing
from sla.reports.schedules.sending import LEASE


def plan_anew(now: datetime, ahead: timedelta) -> None:
    """Let what failed be tried now, and a lost sender's lease end in time."""
    unsent = ReportMailing.objects.filter(sent_at=None)
    unsent.filter(next_try_at__gt=now).update(next_try_at=now)
    unsent.filter(lease_until__gt=now + LEASE).update(lease_until=now + LEASE)
