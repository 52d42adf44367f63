"""How long contexts and sessions are kept. An open session keeps its error for as long as it is open."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from debugging.choices import SessionState
from debugging.models import DebugSession, ErrorContext
from debugging.recordings.quota import delete_old_recordings
from tradewatch.projects.retention import kept_from

ROWS_A_STEP, MOST_STEPS = 200, 100


def events_in_sessions() -> QuerySet[Any, Any]:
    """Return the ids of events that a session is about: their retention waits (see `errors.retention`)."""
    return DebugSession.objects.exclude(event=None).values("event")


def delete_old(now: datetime) -> int:
    """Delete sessions that ended long enough ago, then contexts and recordings without one; return how many rows."""
    ended = DebugSession.objects.exclude(state=SessionState.OPEN)
    deleted = _delete(ended.filter(closed_at__lt=now - settings.DEBUG_SESSION_RETENTION))
    for project_id, before in kept_from("context_days", now).items():
        unused = ErrorContext.objects.filter(debug_sessions=None, project=project_id)
        deleted += _delete(unused.filter(captured_at__lt=before))
    return deleted + delete_old_recordings(now)


def _delete(rows: QuerySet[DebugSession] | QuerySet[ErrorContext]) -> int:
    """In steps that hold the write lock only briefly."""
    deleted = 0
    for _ in range(MOST_STEPS):
        step = list(rows.order_by("pk").values_list("pk", flat=True)[:ROWS_A_STEP])
        if not step:
            break
        rows.model._default_manager.filter(pk__in=step).delete()
        deleted += len(step)
    return deleted
