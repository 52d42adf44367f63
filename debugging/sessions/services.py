"""What people do in a session: own it, work its steps, note, conclude, close, reopen.

Told again, each changes nothing.
"""

from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from debugging.choices import EntryKind, SessionState, StepState
from debugging.models import DebugSession, SessionStep
from debugging.sessions.changing import locked_session
from debugging.sessions.trail import note_entry
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, Unknown
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

LONGEST_TITLE, LONGEST_NOTE, LONGEST_CONCLUSION = 250, 2000, 10_000


@transaction.atomic
def give_session(actor: Actor, session: DebugSession, to: User | None, *, now: datetime) -> DebugSession:
    """Let a person who may work in the project own it, or nobody. Raises `NotAllowed`, `Invalid`, `Conflict`."""
    row = locked_session(actor, session)
    if to is not None and not may_own(to, row.project_id):
        raise Invalid("bad owner", errors={"owner": [f"{to.get_username()} is no responder of this project"]})
    if row.owner_id == (to.pk if to else None):
        return row
    before, row.owner = (row.owner.get_username() if row.owner else None), to
    row.save(update_fields=["owner"])
    text = f"Owner: {to.get_username()}" if to else "Nobody owns it"
    changes = {"owner": [before, to.get_username() if to else None]}
    note_entry(actor, row, EntryKind.OWNER, text, now=now, changes=changes)
    return row


@transaction.atomic
def retitle_session(actor: Actor, session: DebugSession, title: str, *, now: datetime) -> DebugSession:
    row = locked_session(actor, session)
    title = title.strip()
    if not title or len(title) > LONGEST_TITLE:
        raise Invalid("bad title", errors={"title": [f"expected 1 to {LONGEST_TITLE} characters"]})
    if row.title == title:
        return row
    changes = {"title": [row.title, title]}
    row.title = title
    row.save(update_fields=["title"])
    note_entry(actor, row, EntryKind.TITLE, f"Title: {title}", now=now, changes=changes)
    return row


@transaction.atomic
def write_conclusion(actor: Actor, session: DebugSession, text: str, *, now: datetime) -> DebugSession:
    """Say what the cause was; it may be said better later, while the session is open."""
    row = locked_session(actor, session)
    text = text.strip()
    if len(text) > LONGEST_CONCLUSION:
        raise Invalid("bad conclusion", errors={"conclusion": [f"is longer than {LONGEST_CONCLUSION} characters"]})
    if row.conclusion == text:
        return row
    row.conclusion, row.concluded_by = text, actor.label[:200] if text else ""
    row.save(update_fields=["conclusion", "concluded_by"])
    note_entry(actor, row, EntryKind.CONCLUSION, text or "Took the conclusion back", now=now)
    return row


@transaction.atomic
def end_session(actor: Actor, session: DebugSession, state: SessionState, *, now: datetime) -> DebugSession:
    """Resolve it, for which it needs a conclusion, or close it without one.

    Raises `NotAllowed`, `Invalid` (no conclusion), and `Conflict` where it ended otherwise.
    """
    row = locked_session(actor, session, may_be_closed=True)
    if row.state == state:
        return row
    if not row.is_open:
        raise Conflict(f"the session is {row.state}: reopen it first", errors={"state": [f"is {row.state}"]})
    if state == SessionState.RESOLVED and not row.conclusion:
        raise Invalid("no conclusion", errors={"conclusion": ["say what the cause was, or close it without a finding"]})
    row.state, row.closed_at, row.closed_by = state, now, actor.label[:200]
    row.save(update_fields=["state", "closed_at", "closed_by"])
    text = "Resolved" if state == SessionState.RESOLVED else "Closed without a finding"
    note_entry(actor, row, EntryKind.STATE, text, now=now, changes={"state": [SessionState.OPEN, state]})
    return row


def reopen_session(actor: Actor, session: DebugSession, *, now: datetime) -> DebugSession:
    """Raises `NotAllowed`, and `Conflict` where another one is open on the same error."""
    try:
        with transaction.atomic():
            row = locked_session(actor, session, may_be_closed=True)
            if row.is_open:
                return row
            before, row.state, row.closed_at, row.closed_by = row.state, SessionState.OPEN, None, ""
            row.save(update_fields=["state", "closed_at", "closed_by"])
            changes = {"state": [before, SessionState.OPEN]}
            note_entry(actor, row, EntryKind.STATE, "Reopened", now=now, changes=changes)
    except IntegrityError:
        raise Conflict("another session is open on this error", errors={"state": ["another one is open"]}) from None
    return row


@transaction.atomic
def work_step(
    actor: Actor,
    session: DebugSession,
    key: str,
    *,
    state: StepState | None = None,
    note: str | None = None,
    now: datetime,
) -> SessionStep:
    """Mark a step as done, skipped or to do, and note something at it; None leaves it as it is.

    Raises `NotAllowed`, `Unknown` (no such step), `Invalid`, and `Conflict` for a session that is not open.
    """
    row = locked_session(actor, session)
    step = SessionStep.objects.filter(session=row, key=key).first()
    if step is None:
        raise Unknown("the session has no such step")
    if note is not None and len(note) > LONGEST_NOTE:
        raise Invalid("bad note", errors={"note": [f"is longer than {LONGEST_NOTE} characters"]})
    new_state, new_note = state or StepState(step.state), step.note if note is None else note.strip()
    if (step.state, step.note) == (new_state, new_note):
        return step
    words = [new_state.label] if step.state != new_state else []
    words += [f"note: {new_note}" if new_note else "note taken away"] if step.note != new_note else []
    changes = {f"{key}.state": [step.state, new_state.value]} if step.state != new_state else {}
    step.state, step.note, step.by, step.at = new_state, new_note, actor.label[:200], now
    step.save(update_fields=["state", "note", "by", "at"])
    text = f"{step.get_key_display()}: {', '.join(words)}"
    note_entry(actor, row, EntryKind.STEP, text, now=now, changes=changes)
    return step


@transaction.atomic
def add_note(actor: Actor, session: DebugSession, text: str, *, now: datetime) -> DebugSession:
    row = locked_session(actor, session)
    text = text.strip()
    if not text or len(text) > LONGEST_NOTE:
        raise Invalid("bad note", errors={"text": [f"expected 1 to {LONGEST_NOTE} characters"]})
    note_entry(actor, row, EntryKind.NOTE, text, now=now)
    return row


def may_own(person: User, project_id: int) -> bool:
    """Return whether a person may work on the project's sessions."""
    as_actor = Actor("user", person.pk, person.get_username())
    return access.may(as_actor, project_id, Role.RESPONDER, scope=Scope.DEBUG_WRITE)
