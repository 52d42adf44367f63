import logging
from datetime import datetime

from django.db import transaction

from alerts.channels.outcome import Outcome
from alerts.choices import DeliveryEvent, DeliveryState, EntryKind
from alerts.models import Alert, Notification
from alerts.queries import maybe_told
from alerts.retries import delay_after
from alerts.services.timeline import note
from alerts.words import duration_words, one_line
from tradewatch.core.live import push

logger = logging.getLogger(__name__)
_SUBJECTS = {DeliveryEvent.FIRING: "that it fires", DeliveryEvent.RESOLVED: "that it ended"}


@transaction.atomic
def settle(notification: Notification, outcome: Outcome, *, now: datetime) -> None:
    """Write what came of the attempt, with its timeline entry. A worker whose lease went to another is ignored."""
    alert = Alert.objects.select_for_update(no_key=True).get(pk=notification.alert_id)
    held = Notification.objects.filter(
        pk=notification.pk,
        attempts=notification.attempts,
        state__in=[DeliveryState.SENDING, DeliveryState.UNKNOWN],
    )
    row = held.select_for_update().first()
    if row is None:
        logger.warning("late mail result notification=%s attempt=%s", notification.pk, notification.attempts)
        return
    row.answer, row.lease_until = one_line(outcome.answer, limit=300), None
    if outcome.is_sent:
        _sent(alert, row, now=now)
    elif row.event == DeliveryEvent.FIRING and not alert.is_open:
        _superseded(alert, row, now=now)
    else:
        _failed(alert, row, outcome, now=now)
    row.save(update_fields=["state", "answer", "lease_until", "next_due_at", "sent_at"])
    transaction.on_commit(lambda: push("alerts", alert.project_id))


def _sent(alert: Alert, row: Notification, *, now: datetime) -> None:
    row.state, row.sent_at, row.next_due_at = DeliveryState.SENT, now, None
    text = f"Told {row.target} by e-mail {_SUBJECTS[DeliveryEvent(row.event)]}: {row.answer}."
    note(alert, EntryKind.TOLD, text, now=now)


def _failed(alert: Alert, row: Notification, outcome: Outcome, *, now: datetime) -> None:
    delay = None if outcome.is_permanent else delay_after(row.attempts, asked=outcome.retry_after)
    if delay is None:
        row.state, row.next_due_at = DeliveryState.FAILED, None
        tries = "" if outcome.is_permanent else f" after {row.attempts} attempts"
        note(alert, EntryKind.FAILED, f"The mail to {row.target} failed for good{tries}: {row.answer}.", now=now)
    else:
        row.state, row.next_due_at = DeliveryState.PENDING, now + delay
        text = f"The mail to {row.target} did not leave, next attempt in {duration_words(delay)}: {row.answer}."
        note(alert, EntryKind.DELAYED, text, now=now)


def _superseded(alert: Alert, row: Notification, *, now: datetime) -> None:
    """The alert ended while its firing mail failed: who has not heard of it needs no end either."""
    row.state, row.next_due_at = DeliveryState.SUPERSEDED, None
    others = alert.notifications.filter(target=row.target).exclude(pk=row.pk)
    if not row.may_be_repeat and not maybe_told(others.filter(event=DeliveryEvent.FIRING)).exists():
        others.filter(event=DeliveryEvent.RESOLVED, state=DeliveryState.PENDING).update(
            state=DeliveryState.SUPERSEDED, next_due_at=None
        )
    note(alert, EntryKind.SUPERSEDED, f"The mail to {row.target} did not leave: it ended first. {row.answer}.", now=now)
