"""How long events are kept, and their deletion in steps that hold the write lock only briefly.

Issues stay, with their counters: how often something happened outlives the proof. So do events that an app above still
needs, such as one that a debugging session is about.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import RestrictedError

from tradewatch.core import bulk
from tradewatch.errors.models import Event, EventPayload, InternalError
from tradewatch.errors.needed import needed_events
from tradewatch.projects.models import Project

INTERNAL_ERRORS_KEPT = timedelta(days=30)
EVENTS_A_STEP = 500
_MAX_STEPS = 2000  # a million events a run; the next run takes the rest


def delete_old(now: datetime) -> int:
    """Delete events older than TRADEWATCH_EVENT_RETENTION_DAYS with their documents; return how many."""
    InternalError.objects.filter(at__lt=now - INTERNAL_ERRORS_KEPT).delete()
    projects = Project.objects.order_by("pk").values_list("pk", flat=True)
    deleted = sum(_delete_of(project_id, before=now - settings.EVENT_RETENTION) for project_id in projects)
    if deleted:
        bulk.give_back_space()
    return deleted


def _delete_of(project_id: int, *, before: datetime) -> int:
    """Asked per project: that is how the index of timestamps runs."""
    old = Event.objects.filter(project=project_id, timestamp__lt=before).order_by("timestamp")
    for event_ids in needed_events():
        old = old.exclude(pk__in=event_ids)
    deleted = 0
    for _ in range(_MAX_STEPS):
        step = list(old.values_list("pk", flat=True)[:EVENTS_A_STEP])
        if not step:
            break
        if not _delete_step(step):
            break
        deleted += len(step)
    return deleted


def _delete_step(step: list[int]) -> bool:
    """Return False where one of them came to be needed at this moment: the next run leaves it out."""
    try:
        with transaction.atomic():
            EventPayload.objects.filter(event__in=step).delete()
            Event.objects.filter(pk__in=step).delete()
    except (RestrictedError, IntegrityError):
        return False
    return True
