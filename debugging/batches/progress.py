"""What is stored of a search for the smallest request: its tries as replays, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction

from debugging.batches.claims import Claim, held
from debugging.batches.judging import Measure, Seen, Yardstick
from debugging.batches.plans import Plan
from debugging.batches.rows import Draft, insert_drafts
from debugging.batches.shrinking import Ending, Verdict
from debugging.batches.trees import Tree, body_bytes
from debugging.batches.variants import combined
from debugging.choices import ReplayState, Reproduced
from debugging.models import Replay, ReplayBatch
from debugging.replays.recording import settle
from debugging.replays.services import check_asked
from debugging.requests.captured import captured_request
from debugging.requests.modifying import modified
from debugging.requests.shapes import WebRequest
from debugging.sessions.opening import subject_of
from tradewatch.core.faults import Conflict

SENT = (ReplayState.ANSWERED, ReplayState.FAILED)


class SearchChanged(Exception):
    """A try that is stored is not the one that the search asks for: TradeWatch was changed while it was away."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`verdicts`: by the tries' positions. `smallest`: the position of the smallest that fails yet, whose body has
    `bytes_after`. `ending` None: it has not ended."""

    measure: Measure | None = None
    wait_seconds: float = 0.0
    smallest: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    verdicts: tuple[Verdict, ...] = ()
    ending: Ending | None = None

    @property
    def tries(self) -> int:
        return len(self.verdicts)

    @property
    def unknown(self) -> int:
        """How many tries gave no answer: what they would have shown is not known."""
        return self.verdicts.count(Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Ground:
    """`captured` is the error's request, `request` the one that is made smaller: that one with `modifications`."""

    batch: ReplayBatch
    captured: WebRequest
    request: WebRequest
    modifications: Mapping[str, Any]
    progress: Progress


def read_ground(plan: Plan) -> Ground:
    """Raises `Invalid` where the error has no request any more."""
    row = ReplayBatch.objects.select_related("session", "target").get(pk=plan.batch_id)
    captured = captured_request(subject_of(row.session).document)
    request = modified(captured, plan.modifications)
    return Ground(row, captured, request, plan.modifications, progress_of(row.result))


def progress_of(result: Mapping[str, Any]) -> Progress:
    """Read what `as_result` wrote; of an empty one: nothing has been tried."""
    if not result:
        return Progress()
    by, ending = result.get("judged_by"), result.get("ending")
    return Progress(
        measure=Measure(Yardstick(by), result["status"]) if by else None,
        wait_seconds=result["wait_seconds"],
        smallest=result["smallest"],
        bytes_before=result["bytes_before"],
        bytes_after=result["bytes_after"],
        verdicts=tuple(map(Verdict, result["verdicts"])),
        ending=Ending(ending) if ending else None,
    )


def as_result(progress: Progress) -> dict[str, Any]:
    measure = progress.measure
    return {
        "judged_by": None if measure is None else measure.by.value,
        "status": None if measure is None else measure.status,
        "wait_seconds": round(progress.wait_seconds, 2),
        "smallest": progress.smallest,
        "bytes_before": progress.bytes_before,
        "bytes_after": progress.bytes_after,
        "tries": progress.tries,
        "unknown": progress.unknown,
        "verdicts": [each.value for each in progress.verdicts],
        "ending": None if progress.ending is None else progress.ending.value,
    }


@transaction.atomic
def note_progress(claim: Claim, progress: Progress) -> None:
    # Once it is cancelled, or its target is off, no try is begun any more: that they got no answer tells nothing.
    going_on = held(claim).filter(cancel_asked_at=None, target__is_enabled=True)
    going_on.update(result=as_result(progress))


def try_row(ground: Ground, position: int, tree: Tree, modifications: Mapping[str, Any]) -> int:
    """Return the replay of a try: the one that is stored, or a new one that is queued.

    Raises `SearchChanged`, and `Fault` where the target does not take it (any more).
    """
    batch = ground.batch
    whole = combined(ground.captured, ground.modifications, modifications)
    known = Replay.objects.filter(batch=batch, position=position).first()
    if known is not None:
        if known.modifications != orjson.loads(orjson.dumps(whole)):
            raise SearchChanged(f"try {position} is another one")
        return known.pk
    if batch.target is None:
        raise Conflict("the target was deleted")
    prepared = check_asked(batch.session, batch.target, whole).prepared
    title = f"try {position + 1}: {body_bytes(tree['body'])} bytes"
    with transaction.atomic():
        return insert_drafts(batch, [Draft(position, title, whole, prepared)])[0].pk


def seen_of(replay_id: int, *, now: datetime) -> tuple[Seen, bool]:
    """Return what is known of a try, and whether it is settled. Looks for its error in our stream."""
    row = settle(replay_id, now=now)
    seen = Seen(row.response["status"] if row.response else None, Reproduced(row.reproduced))
    return seen, row.reproduced != Reproduced.PENDING or row.state not in SENT
