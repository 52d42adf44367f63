"""What lists say of sessions: how many replays, which wait for a second person, which batches run, a fix verified."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from debugging.choices import BatchState, EntryKind, ReplayState
from debugging.models import Replay, ReplayBatch, SessionEntry

UNDER_WAY = (BatchState.QUEUED, BatchState.RUNNING)


@dataclass(frozen=True, slots=True)
class Tally:
    """`waiting`: replays and batches that need a second person. `running`: batches under way."""

    replays: int = 0
    waiting: int = 0
    running: int = 0
    is_verified: bool = False


def tallies_of(session_ids: Sequence[int]) -> dict[int, Tally]:
    """Return one for each session, in three reads."""
    alone = Q(batch=None)
    replays = _counted(
        Replay.objects.filter(session__in=session_ids),
        all=Count("pk"),
        waiting=Count("pk", filter=Q(state=ReplayState.WAITING) & alone),
    )
    batches = _counted(
        ReplayBatch.objects.filter(session__in=session_ids),
        waiting=Count("pk", filter=Q(state=BatchState.WAITING)),
        running=Count("pk", filter=Q(state__in=UNDER_WAY)),
    )
    verified = SessionEntry.objects.filter(session__in=session_ids, kind=EntryKind.VERIFIED)
    verified_ids = set(verified.values_list("session", flat=True))
    return {
        each: Tally(
            replays.get(each, {}).get("all", 0),
            replays.get(each, {}).get("waiting", 0) + batches.get(each, {}).get("waiting", 0),
            batches.get(each, {}).get("running", 0),
            each in verified_ids,
        )
        for each in session_ids
    }


def _counted(rows: QuerySet[Any], **counts: Count) -> dict[int, dict[str, int]]:
    return {row.pop("session"): row for row in rows.order_by().values("session").annotate(**counts)}
