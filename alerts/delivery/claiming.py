from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from alerts.choices import DeliveryEvent, DeliveryState, EntryKind
from alerts.delivery.buckets import Bucket, take
from alerts.delivery.lines import line_key, line_of, on_lines
from alerts.models import AlertGroup, Notification, TokenBucket
from alerts.retries import is_sent_again
from alerts.timeline import note

LEASE = timedelta(minutes=2)  # longer than one mail takes: EMAIL_TIMEOUT is 10 s for each step of the dialogue
MOST_POSTPONED = 100


def claim_next(now: datetime, *, resting: set[str] | None = None) -> Notification | None:
    """Take the next due notification for this worker alone, until its lease runs out. None: nothing is due.

    Lines in `resting` are left out; one whose bucket is empty joins them, its row waits for the next token.
    """
    resting = set() if resting is None else resting
    for _ in range(MOST_POSTPONED):
        if not _due(now, resting).exists():  # an idle sweep takes no write lock
            return None
        with transaction.atomic():
            free = _due(now, resting).select_for_update(skip_locked=True, of=("self",)).select_related("group__project")
            row = free.first()
            if row is None:
                return None
            pause = _take_token(row, now=now)
            if not pause:
                row.state, row.lease_until = DeliveryState.SENDING, now + LEASE
                row.attempts += 1  # the row is locked
                row.save(update_fields=["state", "lease_until", "attempts"])
                return row
            row.next_due_at = now + pause
            row.save(update_fields=["next_due_at"])
            resting.add(line_key(row))
    return None


def settle_expired_leases(now: datetime) -> None:
    """Decide on messages whose worker was lost while it sent them."""
    expired = Notification.objects.filter(state=DeliveryState.SENDING, lease_until__lt=now)
    for pk, group_id in list(expired.order_by("id").values_list("pk", "group_id")[:100]):
        with transaction.atomic():
            # The group first, as whoever settles: one that ends meanwhile must find this row as told, or take it back.
            group = AlertGroup.objects.select_for_update(no_key=True).filter(pk=group_id).first()
            row = expired.filter(pk=pk).select_for_update().first()
            if group is not None and row is not None:
                row.group = group
                _settle_expired(row, now=now)


def is_over(row: Notification) -> bool:
    """Return whether what the row says was overtaken: its group ended, or said so, after the row was written."""
    if row.event in (DeliveryEvent.RESOLVED, DeliveryEvent.DIGEST):  # a digest tells of other groups too
        return False
    return not row.group.is_open or row.sequence < row.group.ended_sequence


def was_overtaken(row: Notification) -> bool:
    """Return the same of its group as it is by now, which may have ended since the row was claimed."""
    row.group.refresh_from_db(fields=["state", "ended_sequence"])
    return is_over(row)


def _due(now: datetime, resting: set[str]) -> QuerySet[Notification]:
    """The end waits while its firing message is under way: until that is settled nobody knows whether it is wanted."""
    under_way = Notification.objects.filter(
        ~Q(event=DeliveryEvent.RESOLVED),
        group=OuterRef("group"),
        channel=OuterRef("channel"),
        target=OuterRef("target"),
        state=DeliveryState.SENDING,
    )
    due = Notification.objects.filter(state=DeliveryState.PENDING, next_due_at__lte=now).exclude(on_lines(resting))
    return due.exclude(Exists(under_way), event=DeliveryEvent.RESOLVED).order_by("next_due_at", "id")


def _take_token(row: Notification, *, now: datetime) -> timedelta:
    """Return zero when the row may leave now, else how long its line must wait."""
    limit = line_of(row).per_minute
    if limit is None:
        return timedelta(0)
    key = line_key(row)
    kept, _ = TokenBucket.objects.get_or_create(key=key, defaults={"tokens": limit, "filled_at": now})
    kept = TokenBucket.objects.select_for_update().get(pk=kept.pk)
    bucket, pause = take(Bucket(kept.tokens, kept.filled_at), per_minute=limit, now=now)
    kept.tokens, kept.filled_at = bucket.tokens, bucket.filled_at
    kept.save()
    return pause


def _settle_expired(row: Notification, *, now: datetime) -> None:
    line = line_of(row)
    is_again = is_sent_again(
        is_critical=row.group.told_critical,
        is_end=row.event == DeliveryEvent.RESOLVED,
        is_safe=line.is_safe_to_repeat,
        is_over=is_over(row),
        attempts=row.attempts,
    )
    row.state = DeliveryState.PENDING if is_again else DeliveryState.UNKNOWN
    row.next_due_at = now if is_again else None
    row.may_be_repeat = True
    row.answer = "no answer: the worker that sent it was lost"
    row.lease_until = None
    row.save(update_fields=["state", "next_due_at", "may_be_repeat", "answer", "lease_until"])
    then = "Sent again, marked as a possible repeat." if is_again else "Not sent again."
    note(row.group, EntryKind.UNKNOWN, f"Not known whether the message to {line.name} arrived. {then}", now=now)
