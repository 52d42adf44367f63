"""What people do with replays: ask for one, approve or refuse one that waits.

Nothing leaves but to a target that the project lists: there is no way around that, for nobody.
"""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from django.db import transaction
from django.utils import timezone

from debugging.choices import EntryKind, ReplayState, Reproduced, TargetKind
from debugging.models import DebugSession, Replay, ReplayTarget
from debugging.replays.persons import require_second_person
from debugging.replays.preparing import Asked, Ground, ground_of, new_trace_id, prepare, scrubbed, traced
from debugging.replays.recording import Job, begin, finish, label_of, note_of, read_replay, settle
from debugging.replays.sending import send
from debugging.requests.shapes import SAFE
from debugging.sessions.changing import locked_session, require_responder
from debugging.sessions.trail import note_entry
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, Unknown

LOOK_SECONDS, LOOK_EACH_SECONDS = 5.0, 0.25  # for the error, after the answer; beat looks further
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class DryRun:
    """What would be sent, without secrets; nothing was. `request` as a replay's."""

    request: dict[str, Any]
    target: ReplayTarget

    @property
    def needs_second_person(self) -> bool:
        return self.target.kind == TargetKind.PRODUCTION


def replay(
    actor: Actor,
    session: DebugSession,
    target_name: str,
    modifications: Mapping[str, Any] | None = None,
    *,
    dry_run: bool = False,
    now: datetime,
    look_seconds: float | None = None,
) -> Replay | DryRun:
    """Send the session's request, changed by `modifications`, to a target of its project; return what came of it.

    To production nothing is sent: the replay waits for a second person. Takes as long as the target's time limit, and
    `look_seconds` more for the error to come back; what is not known then is settled within a minute.

    Raises `NotAllowed`, `Unknown` (no such target), `Conflict` (session ended, target off), `Invalid` by field.
    """
    require_responder(actor, session.project_id)
    if not session.is_open:
        raise Conflict(f"the session is {session.state}: reopen it first", errors={"state": [f"is {session.state}"]})
    target = target_named(session.project_id, target_name)
    said = {} if modifications is None else modifications
    asked = check_asked(session, target, said, dry_run=dry_run)
    if dry_run:
        return DryRun(scrubbed(session.project, asked.prepared.shown), target)
    with transaction.atomic(durable=True):  # committed before anything leaves
        row = ask(actor, session, target, said, asked, now=now)
        job = begin(row.pk, now=now)
    return row if row.state == ReplayState.WAITING else send_now(row.pk, job, look_seconds=look_seconds)


def approve(actor: Actor, row: Replay, *, now: datetime, look_seconds: float | None = None) -> Replay:
    """Send a replay that waits for a second person. Raises `NotAllowed`, and `Conflict` for one that does not wait."""
    with transaction.atomic(durable=True):
        row = _waiting(actor, row)
        require_second_person(actor, row)
        row.state, row.approved_by = ReplayState.QUEUED, actor.label[:200]
        row.save(update_fields=["state", "approved_by"])
        note_entry(actor, row.session, EntryKind.REPLAY, f"Approved replay {row.pk} at {row.target_name}", now=now)
        job = begin(row.pk, now=now)
    return send_now(row.pk, job, look_seconds=look_seconds)


@transaction.atomic
def refuse(actor: Actor, row: Replay, *, reason: str = "", now: datetime) -> Replay:
    """End a replay that waits; who asked may withdraw it. Raises `NotAllowed`, `Invalid`, `Conflict`."""
    if len(reason) > LONGEST_REASON:
        raise Invalid("bad reason", errors={"reason": [f"is longer than {LONGEST_REASON} characters"]})
    row = _waiting(actor, row)
    row.state, row.ended_at, row.reproduced = ReplayState.REFUSED, now, Reproduced.UNKNOWN
    row.fault = f"refused by {actor.label}{f': {reason.strip()}' if reason.strip() else ''}"[:500]
    row.save(update_fields=["state", "ended_at", "reproduced", "fault"])
    note_entry(actor, row.session, EntryKind.REPLAY, f"Replay {row.pk} at {row.target_name}: {row.fault}", now=now)
    return row


def target_named(project_id: int, name: str) -> ReplayTarget:
    """Return the project's target of that name. Raises `Unknown`, which names those that it lists, and `Conflict`."""
    rows = ReplayTarget.objects.filter(project=project_id)
    row = rows.filter(name=name).first() if isinstance(name, str) else None
    if row is None:
        listed = ", ".join(rows.filter(is_enabled=True).values_list("name", flat=True)) or "none is listed"
        raise Unknown("no such target in this project", errors={"target": [f"is not listed: {listed}"]})
    if not row.is_enabled:
        raise Conflict("the target is switched off", errors={"target": ["is switched off"]})
    return row


def the_only_target(project_id: int) -> ReplayTarget:
    """Return the one to which a request may go without being named: never production. Raises `Invalid`."""
    rows = ReplayTarget.objects.filter(project=project_id, is_enabled=True).exclude(kind=TargetKind.PRODUCTION)
    found = list(rows.order_by("name")[:10])
    if len(found) != 1:
        told = f"say which: {', '.join(row.name for row in found)}" if found else "none is listed but production"
        raise Invalid("no target is named", errors={"target": [told]})
    return found[0]


def check_asked(
    session: DebugSession, target: ReplayTarget, modifications: Mapping[str, Any], *, dry_run: bool = False
) -> Asked:
    """Return what would be sent. Raises `Invalid`: bad modifications, what the target does not take, what lacks."""
    return check_on(ground_of(session, target), modifications, dry_run=dry_run)


def check_on(ground: Ground, modifications: Mapping[str, Any], *, dry_run: bool = False) -> Asked:
    """The same, for many of one session and target."""
    asked, target = prepare(ground, modifications), ground.target
    method = asked.request.method if asked.request.method not in SAFE else "what stands for an unsafe method"
    if asked.request.is_unsafe and not target.allows_unsafe:
        told = f"{method} is not sent to {target.name}: its managers allow methods that change nothing"
        raise Invalid("the target does not take unsafe methods", errors={"target": [told]})
    lacking = [each for each in ("path", "body") if each in asked.request.removed]
    if lacking and not dry_run:
        told = "was removed before it was stored: give one"
        raise Invalid(
            "a part of the request is not known", errors={f"modifications.{each}": [told] for each in lacking}
        )
    return asked


@transaction.atomic
def ask(
    actor: Actor,
    session: DebugSession,
    target: ReplayTarget,
    modifications: Mapping[str, Any],
    asked: Asked,
    *,
    now: datetime,
) -> Replay:
    """Write down what is to be sent: queued, or waiting where the target is production."""
    session = locked_session(actor, session)
    _require_room(target)
    row = Replay.objects.create(
        session=session,
        target=target,
        target_name=target.name,
        target_kind=target.kind,
        state=ReplayState.WAITING if target.kind == TargetKind.PRODUCTION else ReplayState.QUEUED,
        asked=orjson.dumps(modifications).decode(),
        trace_id=new_trace_id(),
        requested_at=now,
        requested_by=actor.label[:200],
        requested_kind=actor.kind,
        requested_id=actor.id,
    )
    prepared = traced(asked.prepared, trace_id=row.trace_id, label=label_of(row))
    row.request = scrubbed(session.project, prepared.shown)
    row.save(update_fields=["request"])
    waits = " (waits for a second person)" if row.state == ReplayState.WAITING else ""
    changes = {"replay": ["", row.pk], "target": ["", target.name], "changed": ["", sorted(modifications)]}
    note_entry(actor, session, EntryKind.REPLAY, f"{note_of(session, row)}{waits}", now=now, changes=changes)
    return row


def send_now(replay_id: int, job: Job | None, *, look_seconds: float | None = None) -> Replay:
    """Send a replay that was begun, and look for its error for a while. In no transaction: it takes its time."""
    if job is None:
        return read_replay(replay_id)
    outcome = asyncio.run(send(job.prepared, job.limits))
    row = finish(replay_id, outcome, now=timezone.now())
    until = time.monotonic() + (LOOK_SECONDS if look_seconds is None else look_seconds)
    while row.reproduced == Reproduced.PENDING:
        row = settle(row.pk, now=timezone.now())
        if row.reproduced != Reproduced.PENDING or time.monotonic() >= until:
            break
        time.sleep(LOOK_EACH_SECONDS)
    return row


def _require_room(target: ReplayTarget) -> None:
    """Raise `Conflict` where as many single replays are under way as the target takes at once."""
    ReplayTarget.objects.select_for_update().filter(pk=target.pk).first()
    count = Replay.objects.filter(target=target, batch=None, state=ReplayState.RUNNING).count()
    if count >= target.most_at_once:
        told = f"{count} replays are under way there, as many as it takes at once: wait for one"
        raise Conflict("the target is busy", errors={"target": [told]})


def _waiting(actor: Actor, row: Replay) -> Replay:
    """Return the replay, locked, its session open."""
    locked_session(actor, row.session)
    found = Replay.objects.select_for_update().filter(pk=row.pk).first()
    if found is None or found.state != ReplayState.WAITING or found.batch_id is not None:
        state = found.get_state_display().lower() if found else "gone"
        raise Conflict(f"the replay does not wait: {state}", errors={"state": [f"is {state}"]})
    return found
