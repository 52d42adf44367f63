"""Whether error tracking works, in numbers: what `/error-tracking/status` answers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from tradewatch.core.status import status_sections
from tradewatch.errors.switches import switches
from tradewatch.inbox.models import Cursor, DeadLetter
from tradewatch.inbox.queries import backlog
from tradewatch.inbox.queue import DIGEST_CURSOR
from tradewatch.metrics.queries import top_series
from tradewatch.projects.models import ProjectKey, Release

DISCARDED = "discarded."
DISCARDED_WINDOW = timedelta(hours=24)


def tracking_status(project_ids: Sequence[int], *, environment: str | None, now: datetime) -> dict[str, Any]:
    """Return the state of ingest and of every switch. `release` is the newest that any of the projects sent."""
    newest = Release.objects.filter(project__in=project_ids).order_by("-first_seen_at", "-id").first()
    return {
        "initialized": ProjectKey.objects.filter(project__in=project_ids, revoked_at=None).exists(),
        "environment": environment or settings.SENTRY_ENVIRONMENT,
        "release": newest.version if newest else None,
        "ingest": _ingest(project_ids, now),
        "features": switches({name: getattr(settings, name) for name in sentry_options()}),
        **status_sections(),
    }


def sentry_options() -> list[str]:
    return [name for name in dir(settings) if name.startswith("SENTRY_")]


def _ingest(project_ids: Sequence[int], now: datetime) -> dict[str, Any]:
    """The queue and its cursor are one for all projects; dead letters and discarded items are the projects' own."""
    waiting = backlog()
    cursor = Cursor.objects.filter(name=DIGEST_CURSOR).first()
    oldest = waiting.oldest_received_at
    dead = DeadLetter.objects.filter(Q(project_id__in=project_ids) | Q(project_id=None))
    return {
        "pending": waiting.pending,
        "oldest_seconds": None if oldest is None else round(max(0.0, now.timestamp() - oldest), 3),
        "dead": dead.filter(state=DeadLetter.State.WAITING).count(),
        "digested": cursor.digested_count if cursor else 0,
        "last_digested_at": cursor.last_digested_at if cursor else None,
        "discarded_24h": _discarded(project_ids, now),
    }


def _discarded(project_ids: Sequence[int], now: datetime) -> dict[str, int]:
    """{item type: how many were counted and not kept}: profiles, replays, and what a switch turned off."""
    end = int(now.timestamp()) + 60  # the running minute too
    start = end - int(DISCARDED_WINDOW.total_seconds())
    found = top_series(project_ids, DISCARDED, start, end, limit=50)
    return {series.removeprefix(DISCARDED): totals.count for series, totals in found}
