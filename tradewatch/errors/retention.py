"""How long events are kept, and their deletion in steps that hold the write lock only briefly.

Issues stay, with their counters: how often something happened outlives the proof. So do events that an app above still
needs, such as one that a debugging session is about.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from tradewatch.core import bulk
from tradewatch.errors.models import Event, EventPayload, InternalError
from tradewatch.errors.needed import needed_events
from tradewatch.projects.retention import kept_from

INTERNAL_ERRORS_KEPT = timedelta(days=30)
EVENTS_A_STEP = 500
_MAX_STEPS = 2000  # a million events a run; the next run takes the rest


def delete_old(now: datetime) -> int:
    """Delete events older than their project keeps them, with their documents; return how many."""
    InternalError.objects.filter(at__lt=now - INTERNAL_ERRORS_KEPT).delete()
    deleted = sum(delete_before(kept_from("event_days", now)))
    if deleted:
        bulk.give_back_space()
    return deleted


def delete_before(moments: Mapping[int, datetime]) -> Iterator[int]:
    """Delete the events of each project before its moment, oldest first; yield how many a step took.

    Asked per project: that is how the index of timestamps runs.
    """
    for project_id, before in moments.items():
        old = Event.objects.filter(project=project_id, timestamp__lt=before).order_by("timestamp")
        for event_ids in needed_events():
            old = old.exclude(pk__in=event_ids)
        for _ in range(_MAX_STEPS):
            step = list(old.values_list("pk", flat=True)[:EVENTS_A_STEP])
            if not step or not delete_events(step):
                break
            yield len(step)


def delete_events(step: list[int]) -> bool:
    """Return False where one of them came to be needed at this moment: the next run leaves it out."""
    try:
        with transaction.atomic():
            EventPayload.objects.filter(event__in=step).delete()
            Event.objects.filter(pk__in=step).delete()
    except (RestrictedError, IntegrityError):
        return False
    return True
