"""How much of recordings is kept: TRADEWATCH_REPLAY_QUOTA_MB a project, TRADEWATCH_REPLAY_RETENTION_DAYS at most, or
the days of the project.

The oldest go first. One that shows the error of an open session stays for as long as that is open.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Sum

from debugging.choices import RefKind, SessionState
from debugging.models import BrowserReplay, DebugSession
from debugging.recordings.tying import replay_id_in
from tradewatch.core import bulk
from tradewatch.core.deleting import delete_counted
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.projects.retention import kept_from

EVICTED = "replays.evicted"
MOST_AT_ONCE = 50
ROWS_A_STEP, MOST_STEPS = 20, 500


def quota_bytes() -> int:
    return settings.REPLAY_QUOTA_MB * 1024 * 1024


def used_bytes(project_id: int) -> int:
    found = BrowserReplay.objects.filter(project=project_id).aggregate(used=Sum("stored_bytes"))["used"]
    return int(found or 0)


def make_room(row: BrowserReplay, size: int, *, now: datetime) -> bool:
    """Let the oldest replays of the project go until `size` bytes more fit. False: they do not, whatever goes.

    What goes for room is counted under `replays.evicted`.
    """
    missing = used_bytes(row.project_id) + size - quota_bytes()
    if missing <= 0:
        return True
    others = _unpinned(BrowserReplay.objects.filter(project=row.project_id)).exclude(pk=row.pk)
    going: list[int] = []
    for pk, stored in others.order_by("received_at", "id").values_list("pk", "stored_bytes")[:MOST_AT_ONCE]:
        if missing <= 0:
            break
        going.append(pk)
        missing -= stored
    if missing > 0:
        return False
    BrowserReplay.objects.filter(pk__in=going).delete()
    add_counts([CountRow(row.project_id, "", EVICTED, now.timestamp(), len(going), len(going))])
    return True


def delete_old_recordings(now: datetime) -> int:
    """Delete what is older than it is kept, in steps that hold the write lock only briefly; return how many replays."""
    deleted = sum(delete_recordings_before(kept_from("recording_days", now)))
    if deleted:
        bulk.give_back_space()
    return deleted


def delete_recordings_before(moments: Mapping[int, datetime]) -> Iterator[int]:
    """Delete the replays of each project that came before its moment, oldest first; yield how many a step took."""
    for project_id, before in moments.items():
        old = _unpinned(BrowserReplay.objects.filter(project=project_id, received_at__lt=before))
        for _ in range(MOST_STEPS):
            step = list(old.order_by("received_at", "id").values_list("pk", flat=True)[:ROWS_A_STEP])
            if not step:
                break
            yield delete_counted(BrowserReplay.objects.filter(pk__in=step))


def pinned_by(sessions: Iterable[DebugSession]) -> tuple[Collection[UUID], Collection[UUID]]:
    """Return the ids of errors, and of replays that their documents name."""
    errors, replays = set(), set()
    for session in sessions:
        error = session.event or session.context
        if error is None:
            continue
        errors.add(session.event.event_id if session.event else error.error_id)  # type: ignore[union-attr]  # one is there
        if (named := replay_id_in(error.payload)) is not None:
            replays.add(named)
    return errors, replays


def _unpinned(rows: QuerySet[BrowserReplay]) -> QuerySet[BrowserReplay]:
    is_open = DebugSession.objects.filter(state=SessionState.OPEN, project__in=rows.order_by().values("project"))
    errors, replays = pinned_by(is_open.select_related("event__stored", "context"))
    if errors:
        held = BrowserReplay.objects.filter(refs__kind=RefKind.ERROR, refs__value__in=errors).values("pk")
        rows = rows.exclude(pk__in=held)
    return rows.exclude(replay_id__in=replays) if replays else rows
