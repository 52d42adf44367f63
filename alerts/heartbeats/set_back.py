"""Heartbeats that reported while the clock was ahead, and that was set back (`core.set_back`)."""

import contextlib
from datetime import datetime, timedelta

from django.db import transaction

from alerts.heartbeats.services import plan_again
from alerts.models import Heartbeat
from tradewatch.core.faults import Invalid

_DONE = ("arrived_at", "succeeded_at", "running_since")
_PLANNED = ("expected_at", "next_due_at")


@transaction.atomic
def plan_anew(now: datetime, ahead: timedelta) -> None:
    """Expect the next report by when the last one truly came: else one that stays away is missed too late."""
    for row in Heartbeat.objects.filter(arrived_at__gt=now).select_for_update():
        for name in _DONE:
            moment = getattr(row, name)
            if moment is not None and moment > now:
                setattr(row, name, moment - ahead)
        with contextlib.suppress(Invalid):  # nothing here may keep the clock from running
            plan_again(row, now=now)
        row.save(update_fields=[*_DONE, *_PLANNED])
