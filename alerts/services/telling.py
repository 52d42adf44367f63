"""Outbox rows: who is told that an alert fires, and that it ended. Written in the transaction of the decision."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from alerts.choices import AlertSeverity, DeliveryEvent, DeliveryState, EntryKind
from alerts.models import Alert, Notification
from alerts.queries import maybe_told
from alerts.recipients import Recipient, recipients_of
from alerts.services.timeline import note, note_once
from tradewatch.core.kick import kick

MAILS_PER_HOUR = 30  # per project, below critical: more are read by nobody and get the sender blocked


def tell_it_fires(alert: Alert, *, now: datetime) -> None:
    """Queue a mail to each recipient, or say in the timeline why there is none."""
    recipients = recipients_of(alert.project)
    if not recipients:
        text = f"Nobody to tell: no member of {alert.project.name} and no administrator has an e-mail address."
        note_once(alert, EntryKind.NOBODY, text, now=now)
    elif alert.severity != AlertSeverity.CRITICAL and _is_flooded(alert.project_id, len(recipients), now=now):
        text = f"No mail: {alert.project.name} reached {MAILS_PER_HOUR} mails below critical within the hour."
        note_once(alert, EntryKind.HELD, text, now=now)
    else:
        _queue(alert, DeliveryEvent.FIRING, _not_yet_queued(alert, recipients), now=now)


def tell_it_ended(alert: Alert, *, now: datetime) -> None:
    """Drop the firing mails that have not left, and queue the end to each address that may have heard of it."""
    firing = alert.notifications.filter(event=DeliveryEvent.FIRING)
    # First drop, then look who was told: what a worker claims in between is no longer pending and counts as told.
    dropped = firing.filter(state=DeliveryState.PENDING).update(state=DeliveryState.SUPERSEDED, next_due_at=None)
    told = {row.target: Recipient(row.target, row.why) for row in maybe_told(firing)}
    if dropped:
        note(alert, EntryKind.SUPERSEDED, f"{dropped} unsent mails dropped: it ended first.", now=now)
    _queue(alert, DeliveryEvent.RESOLVED, list(told.values()), now=now)


def is_anyone_addressed(alert: Alert) -> bool:
    return alert.notifications.filter(event=DeliveryEvent.FIRING).exists()


def _queue(alert: Alert, event: DeliveryEvent, recipients: list[Recipient], *, now: datetime) -> None:
    if not recipients:
        return
    last = alert.notifications.filter(event=event).aggregate(last=Max("sequence"))["last"] or 0
    Notification.objects.bulk_create(
        Notification(
            alert=alert,
            target=recipient.address,
            why=recipient.why[:300],
            event=event,
            sequence=last + 1,
            next_due_at=now,
            created_at=now,
        )
        for recipient in recipients
    )
    transaction.on_commit(lambda: kick("deliver"))


def _not_yet_queued(alert: Alert, recipients: list[Recipient]) -> list[Recipient]:
    """A mail that has not left speaks of the alert as it is when it leaves: no second one beside it."""
    waiting = alert.notifications.filter(event=DeliveryEvent.FIRING, state=DeliveryState.PENDING)
    targets = set(waiting.values_list("target", flat=True))
    return [recipient for recipient in recipients if recipient.address not in targets]


def _is_flooded(project_id: int, more: int, *, now: datetime) -> bool:
    recent = Notification.objects.filter(
        alert__project_id=project_id, event=DeliveryEvent.FIRING, created_at__gt=now - timedelta(hours=1)
    ).exclude(alert__severity=AlertSeverity.CRITICAL)
    return recent.count() + more > MAILS_PER_HOUR
