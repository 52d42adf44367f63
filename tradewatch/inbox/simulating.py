"""The mark of a simulated event: made here alone, so that no client can claim it and none can use one it has seen.

A keyed digest of the payload stands in the envelope's header. It goes with the envelope through either queue, the
dead letters and the process that prepares ahead. A header that claims more than its digest says counts as not there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from tradewatch.inbox.envelope import Item, build_envelope
from tradewatch.inbox.event_ids import new_event_id
from tradewatch.inbox.services import enqueue

HEADER = "tradewatch_simulated"
_SALT = "tradewatch.inbox.simulating"


@dataclass(frozen=True, slots=True)
class Simulated:
    """`notifies`: somebody asked that people are told."""

    notifies: bool


def enqueue_simulated(
    project_id: int, document: Mapping[str, Any], *, notifies: bool, received_at: float | None = None
) -> str:
    """Queue an event document as a simulated one, under an id of its own; return that, 32 hex digits."""
    event_id, body = simulated_envelope(project_id, document, notifies=notifies)
    enqueue(project_id, body, received_at=received_at)
    return event_id


def simulated_envelope(project_id: int, document: Mapping[str, Any], *, notifies: bool) -> tuple[str, bytes]:
    event_id = new_event_id()
    payload = orjson.dumps({**document, "event_id": event_id})
    mark = {"notifies": notifies, "digest": _digest(settings.SECRET_KEY, project_id, payload, notifies=notifies)}
    return event_id, build_envelope({"event_id": event_id, HEADER: mark}, [Item("event", {}, payload)])


def simulated_by(headers: Mapping[str, Any], items: Sequence[Item], project_id: int) -> Simulated | None:
    """Return how an envelope is simulated; None: it is not, whatever its header says."""
    mark = headers.get(HEADER)
    if mark is None:
        return None
    if not isinstance(mark, dict) or len(items) != 1 or items[0].type != "event":
        return None
    notifies, said = mark.get("notifies"), mark.get("digest")
    if not isinstance(notifies, bool) or not isinstance(said, str):
        return None
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)  # a dead letter may be older than the key
    known = (_digest(key, project_id, items[0].payload, notifies=notifies) for key in keys)
    return Simulated(notifies) if any(constant_time_compare(said, each) for each in known) else None


def _digest(key: str, project_id: int, payload: bytes, *, notifies: bool) -> str:
    text = b"%d %d " % (project_id, notifies) + payload
    return salted_hmac(_SALT, text, secret=key, algorithm="sha256").hexdigest()
