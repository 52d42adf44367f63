import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from alerts.channels.outcome import Outcome
from alerts.choices import DeliveryEvent, DeliveryState, EntryKind
from alerts.delivery.claiming import is_over
from alerts.delivery.lines import line_of
from alerts.models import AlertGroup, Notification
from alerts.queries import maybe_told
from alerts.retries import delay_after
from alerts.timeline import note
from alerts.words import duration_words, one_line
from tradewatch.core.live import push

logger = logging.getLogger(__name__)
_SUBJECTS = {
    DeliveryEvent.FIRING: "that it fires",
    DeliveryEvent.ACKNOWLEDGED: "that it is acknowledged",
    DeliveryEvent.REMINDER: "that it is acknowledged and still fires",
    DeliveryEvent.RESOLVED: "that it ended",
    DeliveryEvent.DIGEST: "of what was held",
}
_FIELDS = ["state", "answer", "may_be_repeat", "lease_until", "next_due_at", "sent_at"]
_UNSETTLED = (DeliveryState.SENDING, DeliveryState.UNKNOWN)


@transaction.atomic
def settle(notification: Notification, outcome: Outcome, *, now: datetime) -> None:
    """Write what came of the attempt, with its timeline entry. A worker whose lease went to another is ignored.

    One whose lease ran out, with nobody at it since, still has its word: what it knows to be sent is not sent again.
    """
    row = _still_ours(notification, (*_UNSETTLED, DeliveryState.PENDING) if outcome.is_sent else _UNSETTLED)
    if row is None:
        logger.warning("late result notification=%s attempt=%s", notification.pk, notification.attempts)
        return
    row.answer, row.lease_until = one_line(outcome.answer, limit=300), None
    row.may_be_repeat |= outcome.may_have_arrived
    if outcome.is_sent:
        _sent(row, now=now)
    elif is_over(row):
        what = "is not sent again" if row.may_be_repeat else "did not leave"
        _superseded(row, f"{what}: it ended first. {row.answer}.", now=now)
    else:
        _failed(row, outcome, now=now)
    row.save(update_fields=_FIELDS)
    transaction.on_commit(lambda: push("alerts", row.group.project_id))


@transaction.atomic
def drop_as_over(notification: Notification, *, now: datetime) -> None:
    """Take back a claimed message that has nothing to say any more: all of it ended before it left."""
    row = _still_ours(notification)
    if row is not None:
        row.lease_until = None
        _superseded(row, "was dropped unsent: it ended first.", now=now)
        row.save(update_fields=_FIELDS)


def _still_ours(notification: Notification, states: Sequence[DeliveryState] = _UNSETTLED) -> Notification | None:
    """Return the row with its locked group, unless another worker took it over meanwhile."""
    group = AlertGroup.objects.select_for_update(no_key=True).get(pk=notification.group_id)
    held = Notification.objects.filter(pk=notification.pk, attempts=notification.attempts, state__in=states)
    row = held.select_for_update().first()
    if row is not None:
        row.group = group
    return row


def _sent(row: Notification, *, now: datetime) -> None:
    row.state, row.sent_at, row.next_due_at = DeliveryState.SENT, now, None
    line = line_of(row)
    text = f"Told {line.name} {line.phrase} {_SUBJECTS[DeliveryEvent(row.event)]}: {row.answer}."
    note(row.group, EntryKind.TOLD, text, now=now)


def _failed(row: Notification, outcome: Outcome, *, now: datetime) -> None:
    delay = None if outcome.is_permanent else delay_after(row.attempts, asked=outcome.retry_after)
    if delay is None:
        row.state, row.next_due_at = DeliveryState.FAILED, None
        tries = "" if outcome.is_permanent else f" after {row.attempts} attempts"
        text = f"The message to {line_of(row).name} failed for good{tries}: {row.answer}."
        note(row.group, EntryKind.FAILED, text, now=now)
    else:
        row.state, row.next_due_at = DeliveryState.PENDING, now + delay
        what = "may have arrived or not" if outcome.may_have_arrived else "did not leave"
        text = f"The message to {line_of(row).name} {what}, next attempt in {duration_words(delay)}: {row.answer}."
        note(row.group, EntryKind.DELAYED, text, now=now)


def _superseded(row: Notification, what: str, *, now: datetime) -> None:
    """It ended while the firing message failed: who has not heard of it needs no end either."""
    row.state, row.next_due_at = DeliveryState.SUPERSEDED, None
    if not row.may_be_repeat:
        _spare_the_end(row)
    note(row.group, EntryKind.SUPERSEDED, f"The message to {line_of(row).name} {what}", now=now)


def _spare_the_end(row: Notification) -> None:
    """Take back the end that waits for the row's fate, unless its receiver heard otherwise of what ended.

    Counted since the end before: a group may end and live on, and each of its ends has an audience of its own.
    """
    others = row.group.notifications.filter(channel=row.channel, target=row.target).exclude(pk=row.pk)
    ends = others.filter(event=DeliveryEvent.RESOLVED)
    end = ends.filter(sequence__gt=row.sequence).order_by("sequence").first()
    if end is None or end.state != DeliveryState.PENDING:
        return
    before = ends.filter(sequence__lt=row.sequence).aggregate(last=Max("sequence"))["last"] or 0
    # As `told_receivers` counted: a digest is repeated by the groups' own messages.
    firing = others.exclude(event__in=[DeliveryEvent.RESOLVED, DeliveryEvent.DIGEST])
    if not maybe_told(firing.filter(sequence__gt=before, sequence__lt=end.sequence)).exists():
        end.state, end.next_due_at = DeliveryState.SUPERSEDED, None
        end.save(update_fields=["state", "next_due_at"])
