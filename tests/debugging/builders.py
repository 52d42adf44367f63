"""Errors, sessions and their surroundings for tests, with loud defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

from debugging.choices import BatchKind, ReplayState, Reproduced, StepKey, TargetKind
from debugging.contexts.subjects import find_subject
from debugging.models import DebugSession, Replay, ReplayBatch, SessionStep
from debugging.sessions.opening import open_session
from tests.errors.builders import digest
from tests.errors.documents import make_event
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.errors.models import Event
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 9, 30, 15, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CAPTURE: dict[str, Any] = {
    "error": {"type": "KeyError", "message": "'institutional'"},
    "request": {"method": "POST", "path": "/orders", "headers": {"Host": "trade"}, "body": {"account_id": "acc-4"}},
    "user": {"id": "acc-4"},
    "tags": {"venue": "lmax"},
    "environment": "production",
}


def store_event(*, project: Project | None = None, at: datetime = NOW, **fields: Any) -> Event:
    """Digest one event, as a client sends it; return it."""
    document = make_event(**{"timestamp": at.timestamp(), **fields})
    digest(document, project=project, received_at=at)
    return Event.objects.get(event_id=document["event_id"])


def make_session(
    event: Event | None = None, *, actor: Actor = SYSTEM, now: datetime = NOW, **fields: Any
) -> DebugSession:
    event = event or store_event()
    subject = find_subject([event.project_id], event.event_id.hex)
    return open_session(actor, subject, now=now, **fields).session


def step_of(session: DebugSession, key: StepKey) -> SessionStep:
    return SessionStep.objects.get(session=session, key=key)


def make_replay(session: DebugSession, *, actor: Actor = SYSTEM, now: datetime = NOW, **fields: Any) -> Replay:
    """Store a replay that was answered 500 with the same error, unless said otherwise."""
    shown = {"method": "POST", "url": "https://staging/orders", "headers": [["X-Desk", "7"]], "body": {"q": 2}}
    answer = {"status": 500, "headers": [["Content-Type", "application/json"]], "body": '{"error":"x"}', "seconds": 0.1}
    values: dict[str, Any] = {
        "target_name": "staging",
        "target_kind": TargetKind.STAGING,
        "state": ReplayState.ANSWERED,
        "reproduced": Reproduced.YES,
        "request": shown,
        "response": answer,
        "requested_at": now,
        "requested_by": actor.label,
        "requested_kind": actor.kind,
        "requested_id": actor.id,
    }
    return Replay.objects.create(session=session, **{**values, **fields})


def make_batch(session: DebugSession, *, actor: Actor = SYSTEM, now: datetime = NOW, **fields: Any) -> ReplayBatch:
    values: dict[str, Any] = {
        "target_name": "staging",
        "kind": BatchKind.MATRIX,
        "total": 4,
        "asked": "{}",
        "requested_at": now,
        "requested_by": actor.label,
        "requested_kind": actor.kind,
        "requested_id": actor.id,
    }
    return ReplayBatch.objects.create(session=session, **{**values, **fields})
