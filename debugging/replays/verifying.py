"""That the fix is verified: the request as it was captured went well where it had brought the error back before."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction

from debugging.choices import BatchKind, EntryKind, ReplayState, Reproduced
from debugging.models import Replay, SessionEntry
from debugging.replays.reproduced import REFUSALS, arrived_of
from debugging.requests.captured import captured_request
from debugging.requests.headers import without_header
from debugging.requests.modifying import modified
from debugging.requests.pointers import PointerError, tokens_of, without_value
from debugging.requests.shapes import WebRequest
from debugging.sessions.changing import locked_session
from debugging.sessions.opening import subject_of
from debugging.sessions.trail import note_entry
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict

MOST_LOOKED_AT = 400  # two matrices of the largest kind


def verify(actor: Actor, row: Replay, *, now: datetime) -> SessionEntry:
    """Write in the session's trail that its fix is verified by this replay; told again, it is the same entry.

    Raises `NotAllowed`, and `Conflict` that says what is lacking.
    """
    if lacks := lacking(row):
        raise Conflict("this does not verify a fix", errors={"replay": lacks})
    with transaction.atomic():
        session = locked_session(actor, row.session)
        text = f"Fix verified by {_words(row)}"
        known = SessionEntry.objects.filter(session=session, kind=EntryKind.VERIFIED, text=text).first()
        if known is not None:
            return known
        note_entry(actor, session, EntryKind.VERIFIED, text, now=now, changes={"replay": ["", row.pk]})
        return SessionEntry.objects.filter(session=session, kind=EntryKind.VERIFIED).latest("pk")


def lacking(row: Replay) -> list[str]:
    """Return what this replay lacks to verify a fix, in sentences; empty: nothing. Read as by `read_replay`."""
    found = []
    if row.state != ReplayState.ANSWERED or row.response is None:
        return ["It got no answer."]
    if row.reproduced != Reproduced.NO:
        return [f"Whether the error came back: {row.get_reproduced_display().lower()}."]
    if not is_as_captured(row, captured_request(subject_of(row.session).document)):
        found.append("Its request was changed: send it as it was captured.")
    if not (row.diff or {}).get("trace", {}).get("reported"):
        found.append("Nothing shows that the target has reported it: the lack of an error tells nothing.")
    if row.response["status"] in REFUSALS or row.response["status"] >= 500:
        found.append(f"It answered {row.response['status']}: it may not have come as far as the error did.")
    if row.fault:
        found.append(f"Its answer is not whole: {row.fault}.")
    if failed_before(row) is None:
        found.append(f"No earlier replay at {row.target_name}, as it was captured, brought the error back.")
    arrived = arrived_of(row.session, row)
    if arrived.same or arrived.other:
        found.append("An error has come of it since.")
    return found


def failed_before(row: Replay) -> Replay | None:
    """Return the newest earlier replay of the unchanged request at the same target that brought the error back."""
    rows = Replay.objects.filter(
        session=row.session_id, target_name=row.target_name, reproduced=Reproduced.YES, pk__lt=row.pk
    )
    rows = rows.exclude(batch__kind=BatchKind.SHRINK, position__gt=0)  # each further try of a search is another request
    rows = rows.defer("request", "response", "diff").order_by("-pk")
    captured = captured_request(subject_of(row.session).document)
    return next((each for each in rows[:MOST_LOOKED_AT] if is_as_captured(each, captured)), None)


def is_as_captured(row: Replay, captured: WebRequest) -> bool:
    """Return whether the request was sent as it was captured, but for what had been removed from it."""
    changed = modified(captured, row.modifications)
    return _known(captured, captured) == _known(changed, captured)


def _known(request: WebRequest, captured: WebRequest) -> WebRequest:
    """Return it without what had been removed from the captured one."""
    for removed in captured.removed:
        kind, _, name = removed.partition(" ")
        if kind == "header":
            request = replace(request, headers=without_header(request.headers, name))
        elif kind == "cookie":
            request = replace(request, headers=without_header(request.headers, "Cookie"))
        elif kind == "query":
            request = replace(request, query=tuple(pair for pair in request.query if pair[0] != name))
        elif kind == "body" and name:
            request = replace(request, body=_without(request.body, name))
        elif kind == "body":
            request = replace(request, body=None, is_json=True)
        elif kind == "path":
            request = replace(request, path="/")
    return replace(request, removed=())


def _without(body: object, pointer: str) -> object:
    try:
        return without_value(body, tokens_of(pointer))
    except PointerError:
        return body


def _words(row: Replay) -> str:
    status = row.response["status"] if row.response else ""
    release = (row.diff or {}).get("trace", {}).get("release")
    before = failed_before(row)
    return (
        f"replay {row.pk} at {row.target_name}{f' ({release})' if release else ''}: answered {status}, no error came. "
        f"Replay {before.pk if before else ''} of the same request had brought it back."
    )
