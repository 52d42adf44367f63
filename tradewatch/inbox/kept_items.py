"""Kept items as values, and their storing: each once, however often it is delivered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings

from tradewatch.core import bulk
from tradewatch.inbox.event_ids import normal_event_id
from tradewatch.inbox.handlers import Arrival

CHUNK_BYTES = 1 << 20

_COLUMNS = [
    "project_id",
    "item_type",
    "identity",
    "event_id",
    "trace_id",
    "environment",
    "release",
    "received_at",
    "meta",
    "payload",
]


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A row of `KeptItem` to be; `chunks` are an attachment's bytes."""

    project_id: int
    item_type: str
    identity: UUID
    event_id: UUID | None
    trace_id: str
    environment: str
    release: str
    received_at: datetime
    meta: Mapping[str, Any] = field(default_factory=dict)
    payload: bytes = b""
    chunks: Sequence[bytes] = ()


def insert_kept(drafts: Sequence[KeptDraft]) -> set[UUID]:
    """Insert the drafts that are new with their chunks; return the identities of those."""
    rows = [[getattr(draft, name) for name in _COLUMNS] for draft in drafts]
    new = bulk.insert_new_ids("inbox_keptitem", _COLUMNS, ["identity"], rows)
    chunks = {
        (new[(draft.identity,)], number): chunk
        for draft in drafts
        if (draft.identity,) in new
        for number, chunk in enumerate(draft.chunks)
    }
    bulk.insert_many("inbox_attachmentchunk", ["item_id", "number", "data"], [(*key, chunks[key]) for key in chunks])
    return {identity for (identity,) in new}


def draft_item(
    item_type: str,
    arrival: Arrival,
    *,
    identity: UUID,
    document: Mapping[str, Any],
    meta: Mapping[str, Any],
    payload: bytes = b"",
    chunks: Sequence[bytes] = (),
    about: object = None,
) -> KeptDraft:
    """Return a draft; trace, environment and release come from `document`, else from the envelope's trace header.

    `about` is the id of the event that the item belongs to, where that is another than the envelope's.
    """
    trace = arrival.headers.get("trace")
    trace = trace if isinstance(trace, Mapping) else {}
    own_id = normal_event_id(arrival.headers.get("event_id")) or normal_event_id(document.get("event_id"))
    event_id = normal_event_id(about) or own_id
    environment = plain_text(document.get("environment"), 64) or plain_text(trace.get("environment"), 64)
    drift_seconds = arrival.drift.total_seconds()
    return KeptDraft(
        project_id=arrival.project.id,
        item_type=item_type,
        identity=identity,
        event_id=UUID(event_id) if event_id else None,
        trace_id=plain_text(trace.get("trace_id"), 32),
        environment=environment or settings.SENTRY_ENVIRONMENT,
        release=plain_text(document.get("release"), 250) or plain_text(trace.get("release"), 250),
        received_at=arrival.received_at,
        meta={**meta, "drift_seconds": drift_seconds} if drift_seconds else dict(meta),
        payload=payload,
        chunks=chunks,
    )


def identity_of(*parts: object) -> UUID:
    """Return the same UUID for the same parts: project, item type and what tells one item from the next."""
    digest = blake2b(digest_size=16)
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode("utf-8", "replace")
        digest.update(len(raw).to_bytes(8))
        digest.update(raw)
    return UUID(bytes=digest.digest())


def identity_or_new(item_type: str, arrival: Arrival, own_id: object, payload: bytes) -> UUID:
    """Return an identity that a second delivery shares, where an id comes with the item; else a new one.

    Same bytes alone are no repetition: two containers of logs without any id may well be equal.
    """
    event_id = arrival.headers.get("event_id")
    if not (event_id or own_id):
        return uuid4()
    return identity_of(arrival.project.id, item_type, event_id, own_id, payload)


def plain_text(value: object, max_length: int) -> str:
    """Return `value` as a column can hold it: PostgreSQL refuses NUL and lone surrogates. Empty for what is no text."""
    if not isinstance(value, str):
        return ""
    return value.replace("\0", "").encode("utf-8", "replace").decode()[:max_length]
