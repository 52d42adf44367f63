from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from alerts.choices import AlertSeverity, AlertState, DeliveryEvent, DeliveryState, EntryKind
from alerts.models import Notification
from alerts.retries import is_sent_again
from alerts.services.timeline import note

LEASE = timedelta(minutes=2)  # longer than one mail takes: EMAIL_TIMEOUT is 10 s for each step of the dialogue


def claim_next(now: datetime) -> Notification | None:
    """Take the next due notification for this worker alone, until its lease runs out. None: nothing is due."""
    if not _due(now).exists():  # an idle sweep takes no write lock
        return None
    with transaction.atomic():
        free = _due(now).select_for_update(skip_locked=True, of=("self",)).select_related("alert__project")
        notification = free.first()
        if notification is None:
            return None
        notification.state, notification.lease_until = DeliveryState.SENDING, now + LEASE
        notification.attempts += 1  # the row is locked
        notification.save(update_fields=["state", "lease_until", "attempts"])
    return notification


def settle_expired_leases(now: datetime) -> None:
    """Decide on mails whose worker was lost while it sent them."""
    expired = Notification.objects.filter(state=DeliveryState.SENDING, lease_until__lt=now)
    if not expired.exists():
        return
    with transaction.atomic():
        rows = expired.select_for_update(skip_locked=True, of=("self",)).select_related("alert").order_by("id")
        for notification in rows[:100]:
            _settle_expired(notification, now=now)


def _due(now: datetime) -> QuerySet[Notification]:
    """The end waits while its firing mail is under way: until that is settled nobody knows whether it is wanted."""
    under_way = Notification.objects.filter(
        alert=OuterRef("alert"), target=OuterRef("target"), event=DeliveryEvent.FIRING, state=DeliveryState.SENDING
    )
    due = Notification.objects.filter(state=DeliveryState.PENDING, next_due_at__lte=now)
    return due.exclude(Exists(under_way), event=DeliveryEvent.RESOLVED).order_by("next_due_at", "id")


def _settle_expired(notification: Notification, *, now: datetime) -> None:
    alert = notification.alert
    is_again = is_sent_again(
        severity=AlertSeverity(alert.severity),
        event=DeliveryEvent(notification.event),
        state=AlertState(alert.state),
        attempts=notification.attempts,
    )
    notification.state = DeliveryState.PENDING if is_again else DeliveryState.UNKNOWN
    notification.next_due_at = now if is_again else None
    notification.may_be_repeat = True
    notification.answer = "no answer: the worker that sent it was lost"
    notification.lease_until = None
    notification.save(update_fields=["state", "next_due_at", "may_be_repeat", "answer", "lease_until"])
    then = "Sent again, marked as a possible repeat." if is_again else "Not sent again."
    note(alert, EntryKind.UNKNOWN, f"Not known whether the mail to {notification.target} arrived. {then}", now=now)
