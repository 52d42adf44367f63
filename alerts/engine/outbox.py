"""Outbox rows of a locked group: written in the transaction of the decision that they carry out."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from alerts.choices import DeliveryEvent, DeliveryState, EntryKind, Simulated
from alerts.engine.receivers import Receiver
from alerts.models import CONFIGURED, ROUTE_STEP, AlertGroup, Notification, NotificationChannel, TimelineEntry
from alerts.queries import maybe_told
from alerts.timeline import entry
from tradewatch.core.kick import kick


def queue(
    group: AlertGroup, event: DeliveryEvent, receivers: Sequence[Receiver], *, now: datetime, step: int = ROUTE_STEP
) -> None:
    """Write a row for each receiver, under the group's present sequence.

    A row that has not left speaks of the group as it is when it leaves: no second one beside it. Of a simulated group
    that is held nothing is written here, and so nothing can leave: its timeline says who would have been told.
    """
    if group.simulated == Simulated.HELD:
        _note_held(group, event, receivers, now=now)
        return
    # Locked: a worker that claimed one now would word it before what is decided here can be read.
    rows = group.notifications.filter(event=event, step=step, state=DeliveryState.PENDING).select_for_update()
    waiting = set(rows.values_list("channel", "target")) if event == DeliveryEvent.FIRING else set()
    Notification.objects.bulk_create(
        Notification(
            group=group,
            step=step,
            channel=receiver.channel,
            target=receiver.target,
            user_id=receiver.user_id,
            why=receiver.why[:300],
            event=event,
            sequence=group.sequence,
            next_due_at=now + receiver.delay,
            created_at=now,
        )
        for receiver in receivers
        if (receiver.channel, receiver.target) not in waiting
    )
    transaction.on_commit(lambda: kick("deliver"))


def _note_held(group: AlertGroup, event: DeliveryEvent, receivers: Sequence[Receiver], *, now: datetime) -> None:
    what = "" if event == DeliveryEvent.FIRING else f" ({event.label.lower()})"
    entries = [
        entry(group, EntryKind.HELD, f"Would have told {each.sentence(now)}{what}, held back: simulated.", now=now)
        for each in receivers
    ]
    TimelineEntry.objects.bulk_create(entries)


def drop_unsent(group: AlertGroup, events: Iterable[DeliveryEvent], *, from_step: int = ROUTE_STEP) -> int:
    """Take back what has not left. Returns how many."""
    unsent = group.notifications.filter(state=DeliveryState.PENDING, event__in=list(events), step__gte=from_step)
    return unsent.update(state=DeliveryState.SUPERSEDED, next_due_at=None)


def who_hear_of_ends(receivers: Sequence[Receiver]) -> list[Receiver]:
    """Leave out the channels that are set not to be told of ends."""
    named = [one.target for one in receivers if one.channel == CONFIGURED]
    deaf = NotificationChannel.objects.filter(pk__in=named, sends_resolves=False).values_list("pk", flat=True)
    spared = {(CONFIGURED, str(pk)) for pk in deaf}
    return [one for one in receivers if (one.channel, one.target) not in spared]


def told_receivers(group: AlertGroup) -> list[Receiver]:
    """Return each receiver that may know that the group fires, and was not told since that it ended."""
    # A digest tells of many groups and is repeated by their own messages: nobody is owed an end because of it.
    rows = maybe_told(group.notifications.exclude(event__in=[DeliveryEvent.RESOLVED, DeliveryEvent.DIGEST]))
    found: dict[tuple[str, str], Receiver] = {}
    for row in rows.filter(sequence__gt=group.ended_sequence).order_by("id"):
        known = Receiver(row.channel, row.target, row.why, user_id=row.user_id)
        found.setdefault((row.channel, row.target), known)
    return list(found.values())
