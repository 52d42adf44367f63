"""Writing a reproduction down, and that somebody took it along."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.db import transaction

from debugging.choices import EntryKind
from debugging.exports.gathering import Choice, gather
from debugging.exports.http_file import http_file
from debugging.exports.python_test import pytest_file
from debugging.exports.shapes import File, Reproduction
from debugging.exports.shell import curl_file
from debugging.models import DebugSession
from debugging.sessions.trail import note_entry
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Invalid
from tradewatch.projects import access
from tradewatch.projects.choices import Role, Scope

FORMATS: Mapping[str, Callable[[Reproduction], File]] = {"pytest": pytest_file, "curl": curl_file, "http": http_file}


def export_reproduction(actor: Actor, session: DebugSession, form: str, choice: Choice, *, now: datetime) -> File:
    """Return the file; the session's trail says who took it. Read of a session with its project.

    Raises `NotAllowed`, `Invalid` (no such format, no request, a body that the format cannot hold), and what `gather`
    raises.
    """
    access.require(actor, session.project_id, Role.VIEWER, scope=Scope.DEBUG_READ)
    if form not in FORMATS:
        raise Invalid("bad format", errors={"format": [f"expected one of {', '.join(FORMATS)}"]})
    made = FORMATS[form](gather(session, choice))
    text = f"Exported {made.name}{_of_what(choice)}"
    with transaction.atomic():
        last = session.entries.order_by("-id").first()
        is_told = last is not None and (last.kind, last.text, last.actor_label) == (
            EntryKind.EXPORT, text, actor.label[:200]
        )  # fmt: skip
        if not is_told:  # somebody who takes it ten times is one line
            note_entry(actor, session, EntryKind.EXPORT, text, now=now)
    return made


def _of_what(choice: Choice) -> str:
    if choice.shrink_id is not None:
        return f" of the smallest request of search {choice.shrink_id}"
    return f" of replay {choice.replay_id}" if choice.replay_id is not None else ""
