"""One replay's way through the database: begun, its outcome written, whether the error came back settled.

Each step is a transaction of its own, and nothing is sent within one: what was begun is stored before anything leaves,
so that a process that dies leaves a replay that is under way, and nobody sends it a second time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from debugging.choices import EntryKind, ReplayState, Reproduced
from debugging.models import DebugSession, Replay
from debugging.replays.comparing import compare
from debugging.replays.originals import Original, is_unhandled, original_of
from debugging.replays.outcome import Limits, Outcome
from debugging.replays.preparing import Ground, ground_of, prepare, scrubbed, traced
from debugging.replays.reproduced import Judgement, arrived_of, is_early, is_over, judge
from debugging.sessions.opening import subject_of
from debugging.sessions.trail import note_entry
from debugging.targets.filling import Prepared
from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Conflict, Fault
from tradewatch.core.live import push

ENDED = (ReplayState.ANSWERED, ReplayState.FAILED)
UNSETTLED = (Reproduced.PENDING, Reproduced.NO)


@dataclass(frozen=True, slots=True)
class Job:
    """What is sent for a replay that was begun."""

    replay_id: int
    prepared: Prepared
    limits: Limits


def label_of(replay: Replay) -> str:
    """Return what a target's logs know the replay by."""
    return f"DBG-{replay.session_id}/{replay.pk}"


@dataclass(frozen=True, slots=True)
class Scene:
    """What the replays of a batch have in common, read once for many: `ground` None, where its target is gone."""

    session: DebugSession
    ground: Ground | None
    original: Original


def scene_of(replay_id: int) -> Scene:
    """Read by one of the replays: what they are compared with was there before it."""
    row = read_replay(replay_id)
    ground = None if row.target is None else ground_of(row.session, row.target)
    return Scene(row.session, ground, original_of(subject_of(row.session), row.session, row))


def begin(replay_id: int, *, now: datetime, scene: Scene | None = None) -> Job | None:
    """Claim a queued replay for sending; None: it is not queued (any more), or it was refused just now.

    Refused is what is not as it was asked for, or approved: the target or its address may have changed since. What is
    in a batch that was cancelled stays as it is.
    """
    row = read_replay(replay_id) if scene is None else _read_in(scene, replay_id)
    if row.state != ReplayState.QUEUED or (row.batch is not None and row.batch.cancel_asked_at is not None):
        return None
    fault, job = "", None
    try:
        job = _job_of(row, scene.ground if scene else None)
    except Fault as refused:
        fault = " ".join([refused.detail, *(text for texts in refused.errors.values() for text in texts)])[:500]
    state = ReplayState.REFUSED if job is None else ReplayState.RUNNING
    changes = {"state": state, "fault": fault, ("ended_at" if job is None else "sent_at"): now}
    if job is None:
        changes["reproduced"] = Reproduced.UNKNOWN
    with transaction.atomic():
        # The condition is the lock: of two that begin it, one finds it queued.
        if not Replay.objects.filter(pk=replay_id, state=ReplayState.QUEUED).update(**changes):
            return None
        _tell_of_one(row)
    return job


def finish(replay_id: int, outcome: Outcome, *, now: datetime, scene: Scene | None = None) -> Replay:
    """Write what came of a replay that is under way; one that is not (it was given up) stays as it is."""
    row = read_replay(replay_id) if scene is None else _read_in(scene, replay_id)
    original = original_of(subject_of(row.session), row.session, row) if scene is None else scene.original
    shown = scrubbed(row.session.project, outcome.as_json(), "response")
    told = (
        replace(outcome, headers=tuple((n, v) for n, v in shown["headers"]), body=shown["body"]) if shown else outcome
    )
    changes: dict[str, Any] = {
        "state": ReplayState.FAILED if outcome.status is None else ReplayState.ANSWERED,
        "response": shown,
        "diff": compare(original, told),
        "fault": outcome.fault[:500],
        "ended_at": now,
    }
    if not outcome.was_sent:
        changes |= {"reproduced": Reproduced.UNKNOWN, "reproduced_why": "It was not sent."}
    with transaction.atomic():
        if Replay.objects.filter(pk=replay_id, state=ReplayState.RUNNING).update(**changes):
            for name, value in changes.items():
                setattr(row, name, value)
            if row.reproduced != Reproduced.PENDING:
                _note_outcome(row, now=now)
            _tell_of_one(row)
        else:
            row.refresh_from_db()
    return row


def settle(replay_id: int, *, now: datetime) -> Replay:
    """Look whether the error has come back, and write it down once it is known. A NO is looked at for as long as an
    error may come: one that does speaks against it."""
    row = read_replay(replay_id)
    if row.state not in ENDED or row.reproduced not in UNSETTLED:
        return row
    over = is_over(row, now=now)
    if row.reproduced == Reproduced.NO and over:
        return row
    arrived = arrived_of(row.session, row)
    status = None if row.response is None else int(row.response["status"])
    was_unhandled = is_unhandled(subject_of(row.session).document)
    early = is_early(row, now=now)
    found = judge(arrived, status=status, was_unhandled=was_unhandled, is_over=over, is_early=early)
    if found.found == Reproduced.PENDING or (row.reproduced == Reproduced.NO and found.event_id is None):
        return row
    trace = {"reported": arrived.reported or found.event_id is not None, "release": arrived.release}
    _write(row, found, {**(row.diff or {}), "trace": trace}, now=now)
    return row


def read_replay(replay_id: int) -> Replay:
    rows = Replay.objects.select_related("target", "batch", "session__project", "session__issue")
    rows = rows.select_related("session__event__issue", "session__context").defer("batch__asked")
    return rows.get(pk=replay_id)


def _read_in(scene: Scene, replay_id: int) -> Replay:
    row = Replay.objects.select_related("batch").get(pk=replay_id)
    row.session, row.target = scene.session, None if scene.ground is None else scene.ground.target
    return row


def give_up(rows: Iterable[Replay], state: ReplayState, why: str, *, now: datetime) -> int:
    """End replays that nobody works on any more; one that moved on meanwhile stays. Returns how many."""
    count = 0
    for row in rows:
        unchanged = Replay.objects.filter(pk=row.pk, state=row.state)
        found = Reproduced.UNKNOWN if row.reproduced == Reproduced.PENDING else row.reproduced
        with transaction.atomic():
            if unchanged.update(state=state, fault=why[:500], ended_at=now, reproduced=found):
                count += 1
                if row.batch_id is None:
                    note_entry(SYSTEM, row.session, EntryKind.REPLAY, f"Replay {row.pk}: {why}", now=now)
    return count


def note_of(session: DebugSession, row: Replay) -> str:
    """Return a replay in words: "Replay 7 at local: POST https://..."."""
    url = str(row.request.get("url", "")).partition("?")[0][:300]
    return f"Replay {row.pk} at {row.target_name}: {row.request.get('method', '')} {url}"


def _job_of(row: Replay, ground: Ground | None) -> Job:
    if row.target is None:
        raise Conflict("the target was deleted")
    if not row.target.is_enabled:
        raise Conflict("the target is switched off")
    asked = prepare(ground or ground_of(row.session, row.target), row.modifications)
    if asked.request.is_unsafe and not row.target.allows_unsafe:
        raise Conflict(f"the target does not take {asked.request.method} any more")
    if row.target.kind != row.target_kind:
        raise Conflict("the target is another kind by now: ask for it anew")
    prepared = traced(asked.prepared, trace_id=row.trace_id, label=label_of(row))
    if scrubbed(row.session.project, prepared.shown) != row.request:
        raise Conflict("the target, or the request, is not as it was when this was asked for: ask for it anew")
    return Job(row.pk, prepared, asked.limits)


def _write(row: Replay, found: Judgement, diff: dict[str, object], *, now: datetime) -> None:
    unsettled = Replay.objects.filter(pk=row.pk, reproduced=row.reproduced)
    with transaction.atomic():
        if unsettled.update(reproduced=found.found, reproduced_why=found.why[:300], event_id=found.event_id, diff=diff):
            row.refresh_from_db()
            _note_outcome(row, now=now)
            _tell(row)
        else:
            row.refresh_from_db()


def _note_outcome(row: Replay, *, now: datetime) -> None:
    """A line in the trail; the many of a batch have one of their own."""
    if row.batch_id is not None:
        return
    status = f"answered {row.response['status']}" if row.response else f"no answer ({row.fault})"
    words = f"Replay {row.pk} at {row.target_name}: {status}. {row.get_reproduced_display()}: {row.reproduced_why}"
    note_entry(SYSTEM, row.session, EntryKind.REPLAY, words.rstrip(": "), now=now)


def _tell_of_one(row: Replay) -> None:
    """Of a batch, whoever works on it tells: twice a second at most."""
    if row.batch_id is None:
        _tell(row)


def _tell(row: Replay) -> None:
    transaction.on_commit(partial(push, "debug", row.session.project_id))
