"""Simulating a session's error: it is queued as an event that nobody else can make (`inbox.simulating`)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from debugging.choices import EntryKind
from debugging.models import DebugSession, Simulation
from debugging.sessions.changing import locked_session, require_responder
from debugging.sessions.opening import subject_of
from debugging.sessions.trail import note_entry
from debugging.simulations.changes import changed, faults_in
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.inbox.simulating import enqueue_simulated

MOST_PENDING = 20  # of a project


def simulate(
    actor: Actor, session: DebugSession, changes: Mapping[str, Any], *, notifies: bool, now: datetime
) -> Simulation:
    """Queue the session's error, changed (see `changes`), as a simulated event; its result comes later (`settling`).

    Raises `NotAllowed`, `Invalid` by field, and `Conflict` for a session that is not open, or where as many as 20 wait.
    """
    require_responder(actor, session.project_id)
    if errors := faults_in(changes):
        raise Invalid("bad changes", errors=errors)
    document = changed(subject_of(session).document, changes, at=now.timestamp())
    with transaction.atomic():
        row = locked_session(actor, session)
        _check_room(row.project_id)
        made = Simulation.objects.create(
            session=row,
            event_id=_queued(row.project_id, document, notifies=notifies, now=now),
            changes=dict(changes),
            notify=notifies,
            requested_at=now,
            requested_by=actor.label[:200],
        )
        named = {"event_id": [None, made.event_id.hex], "changed": [None, sorted(changes)], "notify": [None, notifies]}
        note_entry(actor, row, EntryKind.SIMULATION, _words(made), now=now, changes=named)
    return made


def _queued(project_id: int, document: dict[str, Any], *, notifies: bool, now: datetime) -> UUID:
    return UUID(hex=enqueue_simulated(project_id, document, notifies=notifies, received_at=now.timestamp()))


def _check_room(project_id: int) -> None:
    if Simulation.objects.filter(session__project=project_id, result__isnull=True).count() >= MOST_PENDING:
        raise Conflict(f"{MOST_PENDING} simulations of this project wait for their result: try again in a moment")


def _words(row: Simulation) -> str:
    named = f" with another {', '.join(sorted(row.changes))}" if row.changes else ""
    return f"Simulated{named}; {'people are told' if row.notify else 'nobody is told'}"
