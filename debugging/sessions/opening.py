"""Opening a session, and looking again: what is known of the error is put together, and each question answered."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from debugging.choices import EntryKind, Finding, SessionState
from debugging.contexts.parts import Part
from debugging.contexts.subjects import Subject, subject_of_context, subject_of_event
from debugging.contexts.surroundings import surroundings_of
from debugging.models import DebugSession, ErrorContext, SessionSnapshot, SessionStep
from debugging.sessions.changing import locked_session, require_responder
from debugging.sessions.snapshots import pack_parts
from debugging.sessions.trail import note_entry
from debugging.steps.answers import LONGEST_SUMMARY, Answer
from debugging.steps.asking import ask_all
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict, Invalid, Unknown
from tradewatch.errors.models import Event

LONGEST_TITLE = 250
_TRIES = 3  # the open one may be closed between the insert and the look for it


@dataclass(frozen=True, slots=True)
class Opened:
    """`is_new` False: one was open on this error already."""

    session: DebugSession
    is_new: bool


def open_session(actor: Actor, subject: Subject, *, title: str = "", now: datetime) -> Opened:
    """Open a session on an error; one that is open on it already is the same session. Whoever opens it owns it.

    Raises `NotAllowed`, `Invalid` for a title that is too long, and `Unknown` for an error that has gone meanwhile.
    """
    require_responder(actor, subject.project.pk)
    if len(title) > LONGEST_TITLE:
        raise Invalid("bad session", errors={"title": [f"is longer than {LONGEST_TITLE} characters"]})
    for _ in range(_TRIES):
        if (known := open_session_of(subject)) is not None:
            return Opened(known, is_new=False)
        # Before the transaction: these reads take a moment, and must not hold what others wait for.
        parts, answers = surroundings_of(subject), ask_all(subject, now=now)
        try:
            return Opened(_insert(actor, subject, title.strip(), parts, answers, now=now), is_new=True)
        except IntegrityError:
            _require_kept(subject)
    raise Conflict("a session on this error opens and closes at this moment: try again")


def look_again(actor: Actor, session: DebugSession, *, now: datetime) -> DebugSession:
    """Put the moment together anew and answer each question again; what people made of the steps stays.

    A part that has expired since stays as it was found. Raises `NotAllowed`, and `Conflict` for one that is not open.
    """
    require_responder(actor, session.project_id)
    subject = subject_of(session)
    parts, answers = surroundings_of(subject), ask_all(subject, now=now)
    with transaction.atomic():
        row = locked_session(actor, session)
        snapshot = SessionSnapshot.objects.get(session=row)
        snapshot.data = pack_parts(_kept(parts, {each["key"]: Part(**each) for each in snapshot.parts}))
        snapshot.save(update_fields=["data"])
        changed = _answer_again(row, answers)
        row.looked_at, row.issue = now, subject.issue or row.issue
        row.save(update_fields=["looked_at", "issue"])
        told = f"Looked again: {', '.join(changed)} changed" if changed else "Looked again: nothing new"
        note_entry(actor, row, EntryKind.LOOKED, told, now=now)
    return row


def open_session_of(subject: Subject) -> DebugSession | None:
    of_error = {"event": subject.event} if subject.event else {"context": subject.context}
    return DebugSession.objects.filter(**of_error, state=SessionState.OPEN).select_related("project", "owner").first()


def _require_kept(subject: Subject) -> None:
    error = subject.event or subject.context
    if error is not None and not type(error)._default_manager.filter(pk=error.pk).exists():
        raise Unknown("no such error: it was kept for as long as errors are, and is gone")


def subject_of(session: DebugSession) -> Subject:
    """Return what a session is about, read anew."""
    if session.event_id is not None:
        rows = Event.objects.select_related("project", "issue", "release", "stored")
        return subject_of_event(rows.get(debug_sessions=session))
    return subject_of_context(ErrorContext.objects.select_related("project").get(debug_sessions=session))


@transaction.atomic
def _insert(
    actor: Actor, subject: Subject, title: str, parts: list[Part], answers: list[Answer], *, now: datetime
) -> DebugSession:
    row = DebugSession.objects.create(
        project=subject.project,
        event=subject.event,
        context=subject.context,
        issue=subject.issue,
        title=title or _title_of(subject),
        environment=subject.environment,
        owner=get_user_model().objects.get(pk=actor.id) if actor.kind == "user" and actor.id else None,
        opened_at=now,
        opened_by=actor.label[:200],
        looked_at=now,
    )
    SessionSnapshot.objects.create(session=row, data=pack_parts(parts))
    SessionStep.objects.bulk_create(
        SessionStep(session=row, key=each.key, position=place, **_columns(each)) for place, each in enumerate(answers)
    )
    note_entry(actor, row, EntryKind.OPENED, f"Opened on {_error_words(subject)}", now=now)
    return row


def _answer_again(row: DebugSession, answers: list[Answer]) -> list[str]:
    """Write the answers and return the names of the steps whose finding is another one; new questions join."""
    known = {step.key: step for step in row.steps.all()}
    changed = []
    for place, answer in enumerate(answers):
        step = known.get(answer.key) or SessionStep(session=row, key=answer.key)
        if step.pk is None or step.finding != answer.finding:
            changed.append(answer.key.label)
        step.position = place
        for name, value in _columns(answer).items():
            setattr(step, name, value)
        step.save()
    return changed


def _kept(parts: list[Part], before: dict[str, Part]) -> list[Part]:
    """Return the new parts, and the one of before where there is nothing any more."""
    return [each if each.values else before.get(each.key, each) for each in parts]


def _columns(answer: Answer) -> dict[str, object]:
    finding: Finding = answer.finding
    return {"finding": finding, "summary": answer.summary[:LONGEST_SUMMARY], "evidence": dict(answer.evidence)}


def _title_of(subject: Subject) -> str:
    kind = subject.title.partition(":")[0].strip() or subject.title
    return (f"{kind} on {subject.transaction}" if subject.transaction else subject.title)[:LONGEST_TITLE]


def _error_words(subject: Subject) -> str:
    return f"{'event' if subject.event else 'captured error'} {subject.error_id}"
