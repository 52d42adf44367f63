"""Reads: the batches of a session, the table of one, and what a shrink found."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from debugging.batches.progress import progress_of
from debugging.batches.shrinking import Ending
from debugging.batches.words import diff_words, ending_words, measure_words
from debugging.choices import BatchKind, ReplayState, Reproduced
from debugging.models import DebugSession, Replay, ReplayBatch


@dataclass(frozen=True, slots=True)
class Line:
    """One replay of a batch. `status` None: no answer. `diff`: against the original's answer, in a line."""

    replay_id: int
    position: int
    title: str
    state: ReplayState
    status: int | None
    seconds: float | None
    reproduced: Reproduced
    reproduced_why: str
    event_id: UUID | None
    diff: str
    fault: str


@dataclass(frozen=True, slots=True)
class Smallest:
    """The smallest request that still failed, as far as the shrink came. `request` as a replay's, without secrets.

    `judged_by` says what "fails the same way" meant; `unknown`: tries that gave no answer.
    """

    replay_id: int
    request: Mapping[str, Any]
    bytes_before: int
    bytes_after: int
    tries: int
    unknown: int
    ending: Ending | None
    ending_words: str
    judged_by: str
    judged_by_words: str

    @property
    def body(self) -> Any:
        return self.request.get("body")


def batches_of(session: DebugSession) -> QuerySet[ReplayBatch]:
    """Return them, the newest first."""
    return ReplayBatch.objects.filter(session=session).select_related("target").order_by("-id")


def counts_of(batches: Sequence[ReplayBatch]) -> Mapping[int, Mapping[str, int]]:
    """Return how many replays of each batch are in which state: {batch: {state: number}}."""
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    rows = Replay.objects.filter(batch__in=batches).values_list("batch", "state").annotate(n=Count("pk")).order_by()
    for batch_id, state, count in rows:
        if batch_id is not None:
            found[batch_id][state] = count
    return found


def table_of(batch: ReplayBatch) -> list[Line]:
    """Return a line for each replay, in the order in which they were asked for, or tried."""
    rows = Replay.objects.filter(batch=batch).defer("asked", "request").order_by("position")
    return [_line(row) for row in rows]


def smallest_of(batch: ReplayBatch) -> Smallest | None:
    """Return what a shrink found; None: it is none, or nothing failed yet."""
    if batch.kind != BatchKind.SHRINK:
        return None
    progress = progress_of(batch.result)
    if progress.measure is None:
        return None
    row = Replay.objects.filter(batch=batch, position=progress.smallest).first()
    if row is None:
        return None
    return Smallest(
        replay_id=row.pk,
        request=row.request,
        bytes_before=progress.bytes_before,
        bytes_after=progress.bytes_after,
        tries=progress.tries,
        unknown=progress.unknown,
        ending=progress.ending,
        ending_words=ending_words(progress.ending),
        judged_by=progress.measure.by.value,
        judged_by_words=measure_words(progress.measure),
    )


def _line(row: Replay) -> Line:
    return Line(
        replay_id=row.pk,
        position=row.position,
        title=row.title,
        state=ReplayState(row.state),
        status=None if row.response is None else int(row.response["status"]),
        seconds=None if row.response is None else row.response["seconds"],
        reproduced=Reproduced(row.reproduced),
        reproduced_why=row.reproduced_why,
        event_id=row.event_id,
        diff=diff_words(row.diff),
        fault=row.fault,
    )
