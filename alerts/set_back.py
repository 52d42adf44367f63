"""Moments of alerts that were planned by a clock that was ahead, and was set back (`core.set_back`)."""

from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import F, Q

from alerts.choices import DeliveryState, GroupState
from alerts.delivery.claiming import LEASE
from alerts.models import AlertGroup, Notification, WeeklyReport
from alerts.reports import weekly

_DONE = ("opened_at", "looked_at", "told_at", "acknowledged_at")
_PLANNED = ("look_at", "step_at", "timer_at", "next_due_at")


def plan_anew(now: datetime, ahead: timedelta) -> None:
    """Bring back what a group planned after it did something in the future; let messages be tried now.

    A message that waited for another reason is tried once more: better than an hour too late.
    """
    groups = AlertGroup.objects.exclude(state=GroupState.ENDED)
    misled = reduce(or_, (Q(**{f"{name}__gt": now}) for name in _DONE))
    groups.filter(misled).update(**{name: F(name) - ahead for name in _PLANNED})
    for name in _DONE:
        groups.filter(**{f"{name}__gt": now}).update(**{name: F(name) - ahead})
    Notification.objects.filter(state=DeliveryState.PENDING, next_due_at__gt=now).update(next_due_at=now)
    Notification.objects.filter(state=DeliveryState.SENDING, lease_until__gt=now + LEASE).update(
        lease_until=now + LEASE
    )
    WeeklyReport.objects.filter(lease_until__gt=now + weekly.LEASE).update(lease_until=now + weekly.LEASE)
