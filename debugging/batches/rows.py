"""The replays of a batch as rows: written with what will be sent, which is held against it when it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from debugging.choices import BatchState, ReplayState
from debugging.models import Replay, ReplayBatch
from debugging.replays.preparing import new_trace_id, scrubbed, traced
from debugging.replays.recording import label_of
from debugging.targets.filling import Prepared
from tradewatch.core.bulk import update_objects


@dataclass(frozen=True, slots=True)
class Draft:
    """One replay that is not written yet. `modifications` are of the captured request, whole."""

    position: int
    title: str
    modifications: Mapping[str, Any]
    prepared: Prepared


def insert_drafts(batch: ReplayBatch, drafts: Sequence[Draft]) -> list[Replay]:
    """Write them, in the caller's transaction: they wait as their batch does."""
    rows = Replay.objects.bulk_create([_row(batch, draft) for draft in drafts])
    for row, draft in zip(rows, drafts, strict=True):  # whose label has the id that they have now
        prepared = traced(draft.prepared, trace_id=row.trace_id, label=label_of(row))
        row.request = scrubbed(batch.session.project, prepared.shown)
    update_objects(rows, ["request"])
    return rows


def _row(batch: ReplayBatch, draft: Draft) -> Replay:
    return Replay(
        session=batch.session,
        target=batch.target,
        target_name=batch.target_name,
        target_kind=batch.target.kind if batch.target is not None else "",
        batch=batch,
        position=draft.position,
        title=draft.title,
        state=ReplayState.WAITING if batch.state == BatchState.WAITING else ReplayState.QUEUED,
        asked=orjson.dumps(draft.modifications).decode(),
        trace_id=new_trace_id(),
        requested_at=batch.requested_at,
        requested_by=batch.requested_by,
        requested_kind=batch.requested_kind,
        requested_id=batch.requested_id,
        approved_by=batch.approved_by,
    )
