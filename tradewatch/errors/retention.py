"""How long events are kept, and their deletion in steps that hold the write lock only briefly.

Issues stay, with their counters: how often something happened outlives the proof.
"""

from datetime import datetime, timedelta

from django.conf import settings

from tradewatch.core import bulk
from tradewatch.errors.models import Event, EventPayload, InternalError
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
    deleted = 0
    for _ in range(_MAX_STEPS):
        step = list(old.values_list("pk", flat=True)[:EVENTS_A_STEP])
        if not step:
            break
        EventPayload.objects.filter(event__in=step).delete()
        Event.objects.filter(pk__in=step).delete()
        deleted += len(step)
    return deleted
