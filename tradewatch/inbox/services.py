"""Writes into the inbox from inside: our own events take the way that every other event takes."""

import time
from collections.abc import Mapping
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction

from tradewatch.core.kick import kick
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.envelope import Item, build_envelope
from tradewatch.inbox.event_ids import new_event_id, normal_event_id
from tradewatch.inbox.models import QueuedEnvelope
from tradewatch.inbox.queue import Arrived


def enqueue(project_id: int, body: bytes, *, received_at: float | None = None) -> None:
    """Put an uncompressed envelope into the queue; it is on disk when this returns.

    `received_at` is epoch seconds (default: now). On PostgreSQL it joins the caller's transaction, if there is one.
    """
    put(Arrived(project_id, time.time() if received_at is None else received_at, "identity", "", body))


def put(arrived: Arrived) -> None:
    """Put what arrived into the queue as it came over the wire; like `enqueue`."""
    if settings.IS_POSTGRES:
        QueuedEnvelope.objects.create(
            project_id=arrived.project_id,
            received_at=arrived.received_at,
            encoding=arrived.encoding,
            address=arrived.address,
            body=arrived.body,
        )
    else:
        queue_sqlite.append([arrived])
    transaction.on_commit(lambda: kick("digest"))  # at once, where there is no transaction


def enqueue_event(project_id: int, document: Mapping[str, Any], *, received_at: float | None = None) -> str:
    """Queue an event document (the protocol's event payload); return its id, 32 hex digits, made where it has none."""
    event_id, body = event_envelope(document)
    enqueue(project_id, body, received_at=received_at)
    return event_id


def event_envelope(document: Mapping[str, Any]) -> tuple[str, bytes]:
    """Return the id and the envelope of one event document."""
    event_id = normal_event_id(document.get("event_id")) or new_event_id()
    payload = orjson.dumps({**document, "event_id": event_id})
    return event_id, build_envelope({"event_id": event_id}, [Item("event", {}, payload)])
