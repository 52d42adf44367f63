"""What people do with batches: ask for a matrix or a shrink, let one go to production, cancel it.

What a single replay is refused for, each variant of a matrix is refused for: before anything is sent.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from django.db import transaction

from debugging.batches.ending import close
from debugging.batches.plans import MOST_AT_ONCE
from debugging.batches.rows import Draft, insert_drafts
from debugging.batches.shrinking import MOST_TRIES
from debugging.batches.simplifying import steps
from debugging.batches.trees import tree_of
from debugging.batches.variants import Variant, read_variants
from debugging.choices import BatchKind, BatchState, EntryKind, ReplayState, TargetKind
from debugging.models import DebugSession, Replay, ReplayBatch, ReplayTarget
from debugging.replays.persons import require_second_person
from debugging.replays.preparing import Ground, ground_of
from debugging.replays.services import check_asked, check_on, target_named
from debugging.sessions.changing import locked_session, require_responder
from debugging.sessions.trail import note_entry
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.core.kick import kick
from tradewatch.core.lookup import the_one

SHRINK_AT_ONCE = 4
ENDED = (BatchState.DONE, BatchState.CANCELLED, BatchState.FAILED)


def ask_matrix(
    actor: Actor,
    session: DebugSession,
    target: str,
    *,
    variants: Any = None,
    axes: Any = None,
    modifications: Mapping[str, Any] | None = None,
    at_once: int | None = None,
    now: datetime,
) -> ReplayBatch:
    """Have variants of the captured request sent to a target, `at_once` at a time. See `variants.read_variants`.

    Raises `NotAllowed`, `Unknown` or `Invalid` by field, and `Conflict` for a session that is not open.
    """
    require_responder(actor, session.project_id)
    listed = target_named(session.project_id, target)
    ground = ground_of(session, listed)
    found = read_variants(ground.captured, variants=variants, axes=axes, modifications=modifications)
    drafts = _checked(ground, found, "axes" if variants is None else "variants")
    asked = {"at_once": _at_once(at_once, MOST_AT_ONCE)}
    batch = _batch(actor, session, listed, BatchKind.MATRIX, asked, total=len(found), now=now)
    return _begun(actor, batch, drafts, words=f"Matrix of {len(found)}")


def ask_shrink(
    actor: Actor,
    session: DebugSession,
    target: str,
    *,
    modifications: Mapping[str, Any] | None = None,
    most_tries: int | None = None,
    at_once: int | None = None,
    now: datetime,
) -> ReplayBatch:
    """Have the smallest request looked for that still fails the same way, in at most `most_tries` replays.

    Raises `NotAllowed`, `Unknown` or `Invalid` by field, and `Conflict` for a session that is not open.
    """
    require_responder(actor, session.project_id)
    listed = target_named(session.project_id, target)
    checked = check_asked(session, listed, modifications or {})
    if not steps(tree_of(checked.request)):
        raise Invalid("nothing to shrink", errors={"modifications": ["no body, query or header can be left out"]})
    tries = MOST_TRIES if most_tries is None else most_tries
    if not 1 <= tries <= MOST_TRIES:
        raise Invalid("bad bound", errors={"most_tries": [f"expected a number from 1 to {MOST_TRIES}"]})
    asked = {"at_once": _at_once(at_once, SHRINK_AT_ONCE), "modifications": dict(modifications or {})}
    batch = _batch(actor, session, listed, BatchKind.SHRINK, asked, total=tries, now=now)
    return _begun(actor, batch, words="Shrink")


@transaction.atomic
def approve(actor: Actor, batch: ReplayBatch, *, now: datetime) -> ReplayBatch:
    """Let a batch that waits go to production, as a second person. Raises `NotAllowed`, and `Conflict`."""
    session = locked_session(actor, batch.session)
    row = the_one(ReplayBatch.objects.select_for_update(), batch.pk, "batch")
    require_second_person(actor, row)
    if row.state != BatchState.WAITING:
        raise Conflict(f"the batch is {row.state}", errors={"state": [f"is {row.state}"]})
    row.state, row.approved_by = BatchState.QUEUED, actor.label[:200]
    row.save(update_fields=["state", "approved_by"])
    waiting = Replay.objects.filter(batch=row, state=ReplayState.WAITING)
    waiting.update(state=ReplayState.QUEUED, approved_by=row.approved_by)
    text = f"{row.get_kind_display()} at {row.target_name} approved"
    note_entry(actor, session, EntryKind.REPLAY, text, now=now)
    transaction.on_commit(partial(kick, "batches"))
    return row


@transaction.atomic
def cancel(actor: Actor, batch: ReplayBatch, *, now: datetime) -> ReplayBatch:
    """Send no more of a batch, and cut off what is under way, within a second. Told again it changes nothing.

    Raises `NotAllowed`, and `Conflict` for one that has ended otherwise.
    """
    session = locked_session(actor, batch.session, may_be_closed=True)
    row = the_one(ReplayBatch.objects.select_for_update().select_related("session"), batch.pk, "batch")
    if row.state == BatchState.CANCELLED or (row.cancel_asked_at is not None and row.state not in ENDED):
        return row
    if row.state in ENDED:
        raise Conflict(f"the batch is {row.state}", errors={"state": [f"is {row.state}"]})
    note_entry(actor, session, EntryKind.REPLAY, f"{row.get_kind_display()} at {row.target_name} cancelled", now=now)
    row.cancel_asked_at = now
    row.save(update_fields=["cancel_asked_at"])
    if row.state in (BatchState.WAITING, BatchState.QUEUED):
        close(row, is_cancelled=True, now=now)
    else:
        transaction.on_commit(partial(kick, "batches"))  # for one whose process is gone
    return row


def _checked(ground: Ground, found: Sequence[Variant], field: str) -> list[Draft]:
    """Return what would be sent for each variant. What one is refused for is told under its name."""
    drafts: list[Draft] = []
    errors: dict[str, list[str]] = {}
    for place, variant in enumerate(found):
        try:
            asked = check_on(ground, variant.modifications)
        except Invalid as fault:
            errors |= {_field(field, place, name): texts for name, texts in fault.errors.items()}
        else:
            drafts.append(Draft(place, variant.title, variant.modifications, asked.prepared))
    if errors:
        raise Invalid("a variant cannot be sent", errors=errors)
    return drafts


def _field(field: str, place: int, name: str) -> str:
    """What the target refuses is told of the target, once."""
    if name == "target":
        return name
    return f"{field}.{place}.{name}" if field == "variants" else field


def _at_once(said: int | None, default: int) -> int:
    if said is None:
        return default
    if not 1 <= said <= MOST_AT_ONCE:
        raise Invalid("bad limit", errors={"at_once": [f"expected a number from 1 to {MOST_AT_ONCE}"]})
    return said


def _batch(
    actor: Actor,
    session: DebugSession,
    target: ReplayTarget,
    kind: BatchKind,
    asked: Mapping[str, Any],
    *,
    total: int,
    now: datetime,
) -> ReplayBatch:
    is_production = target.kind == TargetKind.PRODUCTION
    return ReplayBatch(
        session=session,
        target=target,
        target_name=target.name,
        kind=kind,
        state=BatchState.WAITING if is_production else BatchState.QUEUED,
        total=total,
        asked=orjson.dumps(asked).decode(),
        requested_at=now,
        requested_by=actor.label[:200],
        requested_kind=actor.kind,
        requested_id=actor.id,
    )


@transaction.atomic
def _begun(actor: Actor, batch: ReplayBatch, drafts: Sequence[Draft] = (), *, words: str) -> ReplayBatch:
    row = locked_session(actor, batch.session)
    batch.save(force_insert=True)
    if drafts:
        insert_drafts(batch, drafts)
    waits = ": waits for a second person" if batch.state == BatchState.WAITING else ""
    text = f"{words} asked for at {batch.target_name}{waits}"
    note_entry(actor, row, EntryKind.REPLAY, text, now=batch.requested_at)
    transaction.on_commit(partial(kick, "batches"))
    return batch
