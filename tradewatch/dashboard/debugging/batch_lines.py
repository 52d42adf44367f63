"""The batches of a session as the page lists them, the newest first: how far each is, and what came of its replays."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models.fields.json import KeyTransform

from debugging.batches.ending import words_of
from debugging.batches.queries import Smallest, batches_of, counts_of, smallest_of
from debugging.choices import BatchKind, BatchState, ReplayState
from debugging.models import DebugSession, Replay, ReplayBatch
from tradewatch.core.actors import Actor
from tradewatch.dashboard import words
from tradewatch.dashboard.debugging.outcomes import Outcome, outcome_of, outcome_of_batch
from tradewatch.dashboard.debugging.waiting import asked_by

BATCHES_SHOWN, ROWS_SHOWN = 5, 50
UNDER_WAY = (BatchState.WAITING, BatchState.QUEUED, BatchState.RUNNING)
NOT_TRIED = (ReplayState.WAITING, ReplayState.QUEUED, ReplayState.RUNNING)


@dataclass(frozen=True, slots=True)
class Row:
    """One replay of a batch; `status` and `seconds` in words, empty without an answer."""

    replay: Replay
    outcome: Outcome
    status: str
    seconds: str


@dataclass(frozen=True, slots=True)
class BatchLine:
    """`tried` of `batch.total`, at most. `rows` of one matrix alone; `left_out`: so many more are in the API."""

    batch: ReplayBatch
    outcome: Outcome
    tried: int
    ratio: float
    words: str
    rows: Sequence[Row]
    left_out: int
    smallest: Smallest | None
    is_waiting: bool
    needs_you: bool
    may_cancel: bool
    is_ending: bool


def batch_lines(session: DebugSession, actor: Actor, *, opened: int | None) -> list[BatchLine]:
    """`opened`: the id of the batch whose rows are shown; else those of the newest matrix."""
    found = list(batches_of(session)[:BATCHES_SHOWN])
    newest = next((row.pk for row in found if row.kind == BatchKind.MATRIX), None)
    shown = opened if opened in {row.pk for row in found} else newest
    counts = counts_of(found)
    return [_line(row, counts.get(row.pk, {}), actor, with_rows=row.pk == shown) for row in found]


def _line(batch: ReplayBatch, counts: Mapping[str, int], actor: Actor, *, with_rows: bool) -> BatchLine:
    tried = sum(count for state, count in counts.items() if state not in NOT_TRIED)
    rows = _rows(batch) if with_rows else []
    is_waiting, is_under_way = batch.state == BatchState.WAITING, batch.state in UNDER_WAY
    return BatchLine(
        batch,
        outcome_of_batch(batch),
        tried,
        min(1.0, tried / batch.total) if batch.total else 0.0,
        "" if is_under_way else words_of(batch, counts),
        rows,
        max(0, sum(counts.values()) - len(rows)) if rows else 0,
        smallest_of(batch),
        is_waiting,
        is_waiting and not asked_by(batch, actor),
        is_under_way and batch.cancel_asked_at is None,
        is_under_way and batch.cancel_asked_at is not None,
    )


def _rows(batch: ReplayBatch) -> list[Row]:
    """Read without requests and answers: a body may be a quarter of a megabyte."""
    light = Replay.objects.filter(batch=batch).defer("asked", "request", "response", "diff").order_by("position")
    told = light.annotate(status=KeyTransform("status", "response"), took=KeyTransform("seconds", "response"))
    return [
        Row(each, outcome_of(each), str(each.status or ""), "" if each.took is None else words.seconds(each.took))
        for each in told[:ROWS_SHOWN]
    ]
