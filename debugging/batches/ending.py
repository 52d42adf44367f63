"""How a batch ends: what was not sent is not any more, and the session's trail says what came of it."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from debugging.batches.claims import Claim, Standing, held
from debugging.batches.progress import progress_of
from debugging.batches.queries import counts_of
from debugging.batches.shrinking import Ending
from debugging.batches.words import matrix_words, shrink_words
from debugging.choices import BatchKind, BatchState, EntryKind, ReplayState, Reproduced
from debugging.models import DebugSession, Replay, ReplayBatch
from debugging.replays.tending import LONGEST_WAITING, MOST_AT_ONCE, UNAPPROVED
from debugging.sessions.trail import note_entry
from tradewatch.core.actors import SYSTEM

UNKNOWN = Reproduced.UNKNOWN
CUT_OFF = "cancelled while it was under way: it may have arrived"
NEVER_SENT = "cancelled before it was sent"
TARGET_GONE = "the target was switched off or removed meanwhile"


def end_unapproved(now: datetime) -> int:
    """End batches that nobody let go to production within the time that a single replay waits; return how many."""
    waiting = ReplayBatch.objects.filter(state=BatchState.WAITING, requested_at__lt=now - LONGEST_WAITING)
    return sum(_end_unapproved(row, now=now) for row in list(waiting.order_by("pk")[:MOST_AT_ONCE]))


@transaction.atomic
def _end_unapproved(batch: ReplayBatch, *, now: datetime) -> bool:
    DebugSession.objects.select_for_update().filter(pk=batch.session_id).first()  # first, as whoever approves locks it
    row = ReplayBatch.objects.select_for_update().filter(pk=batch.pk, state=BatchState.WAITING).first()
    if row is None:
        return False
    close(row, fault=UNAPPROVED, is_cancelled=True, now=now)
    return True


@transaction.atomic
def end_batch(claim: Claim, standing: Standing, fault: str, *, now: datetime) -> None:
    """Write the end of a batch that this claim still holds."""
    row = held(claim).select_related("session").first()
    if row is None:
        return
    if standing == Standing.STOPPED:
        fault = TARGET_GONE
    close(row, fault=fault, is_cancelled=standing == Standing.CANCELLED, now=now)


def close(row: ReplayBatch, *, fault: str = "", is_cancelled: bool = False, now: datetime) -> None:
    """End a batch, in the caller's transaction, with its row locked. One that was all done by then is done."""
    left = Replay.objects.filter(batch=row, state__in=(ReplayState.QUEUED, ReplayState.WAITING))
    was_left = bool(left.update(state=ReplayState.CANCELLED, fault=NEVER_SENT, ended_at=now, reproduced=UNKNOWN))
    under_way = Replay.objects.filter(batch=row, state=ReplayState.RUNNING)
    was_left |= bool(under_way.update(state=ReplayState.UNKNOWN, fault=CUT_OFF, ended_at=now, reproduced=UNKNOWN))
    was_left |= row.kind == BatchKind.SHRINK and progress_of(row.result).ending is None
    row.state = _state(row, fault, is_cancelled=is_cancelled, was_left=was_left)
    row.fault, row.ended_at, row.claimed_until = fault[:500], now, None
    row.save(update_fields=["state", "fault", "ended_at", "claimed_until"])
    words = words_of(row, counts_of([row]).get(row.pk, {}))
    note_entry(SYSTEM, row.session, EntryKind.REPLAY, f"{words}{f': {fault}' if fault else ''}", now=now)


def words_of(row: ReplayBatch, states: Mapping[str, int]) -> str:
    """Return what came of a batch, in a line. `states`: see `queries.counts_of`."""
    if row.kind == BatchKind.MATRIX:
        return matrix_words(row.target_name, states, total=row.total, state=BatchState(row.state))
    return shrink_words(row.target_name, progress_of(row.result), state=BatchState(row.state))


def _state(row: ReplayBatch, fault: str, *, is_cancelled: bool, was_left: bool) -> BatchState:
    if is_cancelled and was_left:
        return BatchState.CANCELLED
    if fault or was_left:
        return BatchState.FAILED
    is_empty = row.kind == BatchKind.SHRINK and progress_of(row.result).ending == Ending.UNKNOWN
    return BatchState.FAILED if is_empty else BatchState.DONE
