"""How long events are kept, and their deletion in steps that hold the write lock only briefly.

Issues stay, with their counters: how often something happened outlives the proof. So do events that an app above still
needs, such as one that a debugging session is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from tradewatch.core import bulk
from tradewatch.core.deleting import delete_counted
from tradewatch.errors.models import Event, EventPayload, InternalError
from tradewatch.errors.needed import needed_events
from tradewatch.inbox.companions import companions_of, delete_companions
from tradewatch.projects.retention import kept_from

INTERNAL_ERRORS_KEPT = timedelta(days=30)
EVENTS_A_STEP = 500
EVENTS_WITH_FILES_A_STEP = 20  # each file may be of some MiB
_MAX_STEPS = 2000  # a million events a run; the next run takes the rest


def delete_old(now: datetime) -> int:
    """Delete events older than their project keeps them, with all that came with them; return how many."""
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
            if not step or not (taken := delete_events(project_id, step)):
                break
            yield taken


def delete_events(project_id: int, step: Sequence[int]) -> int:
    """Delete these events of the project with all that came with them; return how many went.

    Left are those beside one that came to be needed at this moment: the next run leaves that out.
    """
    events = list(Event.objects.filter(pk__in=step).order_by("pk").values_list("pk", "event_id"))
    has_files = companions_of(project_id, [event_id for _, event_id in events]).exists()
    a_step = EVENTS_WITH_FILES_A_STEP if has_files else EVENTS_A_STEP
    parts = (events[start : start + a_step] for start in range(0, len(events), a_step))
    return sum(_delete(project_id, part) for part in parts)


def _delete(project_id: int, events: Sequence[tuple[int, UUID]]) -> int:
    keys = [key for key, _ in events]
    try:
        with transaction.atomic():
            EventPayload.objects.filter(event__in=keys).delete()
            gone = delete_counted(Event.objects.filter(pk__in=keys))
            delete_companions(project_id, [event_id for _, event_id in events])
    except (RestrictedError, IntegrityError):
        return 0
    return gone
