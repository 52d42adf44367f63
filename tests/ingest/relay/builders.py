"""Envelopes digested the way the worker does, and entries for the spool."""

import threading
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
from django.db import transaction
from django.utils import timezone

from tradewatch.inbox.envelope import Item, build_envelope
from tradewatch.inbox.preparing import prepare_rows
from tradewatch.inbox.queue import Queued
from tradewatch.inbox.storing import DigestStats, store_rows
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.ingest.relay.parcels import Parcel, Piece, packed
from tradewatch.ingest.relay.relaying import forget_choices
from tradewatch.ingest.relay.sender import send_due
from tradewatch.ingest.relay.spool import Copy
from tradewatch.projects.config import forget_configs
from tradewatch.projects.models import Project

ITEM = tuple[str, Any] | tuple[str, Any, dict[str, Any]]


def event(**fields: Any) -> dict[str, Any]:
    return {"event_id": uuid4().hex, "level": "error", "message": "margin call", **fields}


def transaction_of(trace_id: str = "", **fields: Any) -> dict[str, Any]:
    now = time.time()
    trace = {"trace_id": trace_id or uuid4().hex, "span_id": "b" * 16, "op": "http.server", "status": "ok"}
    return {
        "type": "transaction",
        "event_id": uuid4().hex,
        "transaction": "POST /orders",
        "start_timestamp": now - 0.2,
        "timestamp": now,
        "contexts": {"trace": trace},
        "spans": [],
        **fields,
    }


def digest(project: Project, *envelopes: list[ITEM], received_at: float | None = None, **headers: Any) -> DigestStats:
    """Digest envelopes, each a list of (type, payload[, item headers]), in one batch with its transaction."""
    forget_configs()
    forget_choices()
    at = time.time() if received_at is None else received_at
    rows = [
        Queued(number, project.pk, at + number * 1e-4, "identity", "", _body(items, headers))
        for number, items in enumerate(envelopes, start=1)
    ]
    prepared = prepare_rows(rows, HANDLERS, max_bytes=1 << 30)
    with transaction.atomic():
        return store_rows(prepared, HANDLERS, now=timezone.now())


def relay(upstream: int = 0) -> int:
    """Send what is due, in this thread."""
    stop = threading.Event()
    return send_due(upstream, stop=stop)


def make_copy(
    upstream: int = 0, *, category: str = "error", at: float = 1_000.0, event_id: str = "", size: int = 0
) -> Copy:
    """Return an entry that can be sent; with `size`, one of so many bytes that is only to be kept."""
    event_id = event_id or uuid4().hex
    if size:
        return Copy(upstream, 1, category, at, b"\0" * size)
    payload = orjson.dumps({"event_id": event_id})
    piece = Piece("event" if category == "error" else "session", {}, payload, is_packed=False)
    return Copy(upstream, 1, category, at, packed(Parcel(event_id, {}, [piece])))


def moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _body(items: list[ITEM], headers: dict[str, Any]) -> bytes:
    built = []
    for kind, payload, *rest in items:
        raw = payload if isinstance(payload, bytes) else orjson.dumps(payload)
        built.append(Item(kind, rest[0] if rest else {}, raw))
    own = next((p.get("event_id") for _, p, *_ in items if isinstance(p, dict) and p.get("event_id")), None)
    return build_envelope({**({"event_id": own} if own else {}), **headers}, built)
