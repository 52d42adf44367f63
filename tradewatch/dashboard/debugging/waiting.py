"""What waits for a second person, and what runs, over all sessions: for the list and the dashboard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import QuerySet

from debugging.choices import BatchState, ReplayState
from debugging.models import DebugSession, Replay, ReplayBatch
from tradewatch.core.actors import Actor
from tradewatch.dashboard.debugging.tallies import UNDER_WAY

SHOWN = 5
Row = TypeVar("Row", Replay, ReplayBatch)


@dataclass(frozen=True, slots=True)
class Waiting:
    """`is_own`: whoever looks asked for it, so somebody else must approve it."""

    session: DebugSession
    words: str
    target_name: str
    by: str
    at: datetime
    is_own: bool = False


def waiting_in(project_ids: Sequence[int], environment: str, actor: Actor | None = None) -> list[Waiting]:
    """Return the newest that wait for a second person, those that `actor` may decide on first."""
    replays = _in(Replay.objects.filter(state=ReplayState.WAITING, batch=None), project_ids, environment)
    batches = _in(ReplayBatch.objects.filter(state=BatchState.WAITING), project_ids, environment)
    found = [_waiting(each, "Replay", actor) for each in replays[:SHOWN]]
    found += [_waiting(each, each.get_kind_display(), actor) for each in batches[:SHOWN]]
    return sorted(found, key=lambda each: (each.is_own, -each.at.timestamp()))


def running_in(project_ids: Sequence[int], environment: str) -> list[ReplayBatch]:
    return list(_in(ReplayBatch.objects.filter(state__in=UNDER_WAY), project_ids, environment)[:SHOWN])


def asked_by(row: Replay | ReplayBatch, actor: Actor | None) -> bool:
    return actor is not None and (row.requested_kind, row.requested_id) == (actor.kind, actor.id)


def _waiting(row: Replay | ReplayBatch, words: str, actor: Actor | None) -> Waiting:
    return Waiting(row.session, words, row.target_name, row.requested_by, row.requested_at, asked_by(row, actor))


def _in(rows: QuerySet[Row], project_ids: Sequence[int], environment: str) -> QuerySet[Row]:
    rows = rows.filter(session__project__in=project_ids).select_related("session").order_by("-id")
    return rows.filter(session__environment=environment) if environment else rows
