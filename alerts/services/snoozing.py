"""Snooze: nobody is told of an alert for a while, its pending step moves by as long."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from alerts.choices import EntryKind
from alerts.engine.acknowledging import open_groups_of, push_back
from alerts.engine.placing import wake
from alerts.models import Alert, AlertGroup
from alerts.services.handling import lock, require_responder
from alerts.timeline import note as write_entry
from alerts.words import clock_words
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.kick import kick
from tradewatch.core.live import push

LONGEST = timedelta(days=30)


@transaction.atomic
def snooze_alert(actor: Actor, alert: Alert, until: datetime, note: str = "") -> Alert:
    """Hold the alert's messages `until` then; an earlier snooze is replaced. A moment that has passed wakes it.

    Raises `NotAllowed`, `Conflict` when it has ended, `Invalid` beyond 30 days.
    """
    require_responder(actor, alert.project_id)
    row = lock(alert)
    if not row.is_open:
        raise Conflict("it has ended")
    now = timezone.now()
    if until > now + LONGEST:
        raise Invalid("too long a snooze", errors={"until": [f"at most {LONGEST.days} days"]})
    before, row.snoozed_until = row.snoozed_until, until if until > now else None
    row.snoozed_by = actor.label[:200]
    row.save(update_fields=["snoozed_until", "snoozed_by"])
    words = f"Snoozed by {actor.label} until {clock_words(until, now=now)}"
    words = words if until > now else f"Woken by {actor.label}"
    write_entry(row, EntryKind.SNOOZED, f"{words}: {note}" if note else f"{words}.", now=now, actor_label=actor.label)
    changes = {"snoozed_until": [before and before.isoformat(), row.snoozed_until and row.snoozed_until.isoformat()]}
    audit.record(actor, "alert.snooze", row, project_id=row.project_id, changes=changes)
    _move_groups(row, until - max(now, before or now), now=now)
    transaction.on_commit(lambda: push("alerts", row.project_id))
    transaction.on_commit(lambda: kick("alerts"))
    return row


def _move_groups(alert: Alert, by: timedelta, *, now: datetime) -> None:
    for group in open_groups_of([alert]):
        if by > timedelta(0):
            push_back(group, by, now=now)
        else:
            wake(AlertGroup.objects.filter(pk=group.pk), now=now)
