"""Which process works on which batch. A claim that nobody renews runs out, and another process goes on with the batch.

One batch at a time works on a target, so that what the target takes at once holds for all processes together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Q, QuerySet

from debugging.choices import BatchState, ReplayState
from debugging.models import Replay, ReplayBatch, ReplayTarget
from debugging.replays.recording import give_up

CLAIMED_FOR, RENEWED_EACH = timedelta(seconds=20), timedelta(seconds=5)
LONGEST_CLAIM = timedelta(minutes=5)  # a later end comes of a clock that was set back
DIED = "the process that sent it ended before it knew the answer: it may have arrived, and is not sent again"


@dataclass(frozen=True, slots=True)
class Claim:
    """`until` is what the claim is known by: whoever has another one does not write any more."""

    batch_id: int
    until: datetime


class Standing(StrEnum):
    """What whoever works on a batch is to do. Lost: another process has it. Stopped: its target is there no more."""

    HELD = "held"
    CANCELLED = "cancelled"
    STOPPED = "stopped"
    LOST = "lost"


def claim_due(now: datetime, *, limit: int) -> list[Claim]:
    """Claim batches that wait, and those whose process is gone, the oldest first."""
    if limit < 1 or not (due := list(_due(now).values_list("pk", "target")[:50])):  # an idle tick takes no write lock
        return []
    found: list[Claim] = []
    for batch_id, target_id in due:
        if len(found) < limit and (claim := _claim(batch_id, target_id, now=now)) is not None:
            found.append(claim)
    return found


def renewed(claim: Claim, now: datetime) -> tuple[Claim, Standing]:
    """Return how the claim stands, renewed when it is time to."""
    row = _mine(claim).values("cancel_asked_at", "target__is_enabled").first()
    if row is None:
        return claim, Standing.LOST
    if row["cancel_asked_at"] is not None:
        return claim, Standing.CANCELLED
    if not row["target__is_enabled"]:
        return claim, Standing.STOPPED
    until = now + CLAIMED_FOR
    if until - claim.until < RENEWED_EACH:
        return claim, Standing.HELD
    if not _mine(claim).update(claimed_until=until):
        return claim, Standing.LOST
    return Claim(claim.batch_id, until), Standing.HELD


def held(claim: Claim) -> QuerySet[ReplayBatch]:
    """Return the batch while the claim is the newest one, for a write in the caller's transaction."""
    return _mine(claim).select_for_update()


def _mine(claim: Claim) -> QuerySet[ReplayBatch]:
    return ReplayBatch.objects.filter(pk=claim.batch_id, claimed_until=claim.until, state=BatchState.RUNNING)


def _due(now: datetime) -> QuerySet[ReplayBatch]:
    is_free = Q(claimed_until=None) | Q(claimed_until__lt=now) | Q(claimed_until__gt=now + LONGEST_CLAIM)
    rows = ReplayBatch.objects.filter(Q(state=BatchState.QUEUED) | Q(is_free, state=BatchState.RUNNING))
    return rows.order_by("pk")


@transaction.atomic
def _claim(batch_id: int, target_id: int | None, *, now: datetime) -> Claim | None:
    """The target's row is locked first: two processes that look at it at once decide one after the other."""
    if target_id is not None:
        ReplayTarget.objects.select_for_update().filter(pk=target_id).first()
        others = ReplayBatch.objects.filter(target=target_id, state=BatchState.RUNNING).exclude(pk=batch_id)
        if others.filter(claimed_until__range=(now, now + LONGEST_CLAIM)).exists():
            return None
    row = _due(now).select_for_update().filter(pk=batch_id).first()
    if row is None:
        return None
    claim = Claim(row.pk, now + CLAIMED_FOR)
    row.state, row.claimed_until = BatchState.RUNNING, claim.until
    row.save(update_fields=["state", "claimed_until"])
    under_way = Replay.objects.filter(batch=row, state=ReplayState.RUNNING)
    give_up(under_way, ReplayState.UNKNOWN, DIED, now=now)
    return claim
