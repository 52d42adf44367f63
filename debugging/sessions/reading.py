"""One session put together for whoever reads it: the parts of its error's document, and those kept beside it."""

from typing import Any

from debugging.contexts.parts import Part, document_parts
from debugging.models import DebugSession
from debugging.sessions.opening import subject_of


def parts_of(session: DebugSession) -> list[Part]:
    kept = [Part(**each) for each in session.snapshot.parts]
    return [*document_parts(subject_of(session).document), *kept]


def context_of(session: DebugSession) -> dict[str, Any]:
    """Return {part: {"values", "why", "link"}}."""
    return {part.key: {"values": part.values, "why": part.why, "link": part.link} for part in parts_of(session)}


def error_id_of(session: DebugSession) -> str:
    """Read of a session with its event and context at hand."""
    if session.event is not None:
        return session.event.event_id.hex
    return session.context.error_id.hex if session.context is not None else ""  # one of the two is there
