"""Keeps items whose home comes with a later capability: documents scrubbed and compressed, bytes in chunks."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from django.conf import settings

from tradewatch.core.frames import compress
from tradewatch.inbox.choices import KEPT_JSON_TYPES, REPLAY_BINARY_TYPES, REPLAY_JSON_TYPES
from tradewatch.inbox.envelope import Item
from tradewatch.inbox.handlers import Arrival, Unreadable
from tradewatch.inbox.kept_items import CHUNK_BYTES, KeptDraft, draft_item, identity_or_new, insert_kept, plain_text
from tradewatch.inbox.lenient_json import loads_leniently
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document
from tradewatch.projects.config import ProjectConfig

COMPRESSION_LEVEL = 3

_META_TEXTS = ("filename", "content_type", "attachment_type")
_OWN_IDS = ("event_id", "check_in_id", "sid", "replay_id")


class KeepHandler:
    """Takes every type that no other handler does. What is switched off, or unknown, is discarded."""

    def prepare(self, item: Item, arrival: Arrival) -> KeptDraft | None:
        if item.type in wanted_json_types():
            return _draft_of_json(item, arrival)
        if item.type in wanted_binary_types():
            return _draft_of_bytes(item, arrival)
        return None

    def store(self, drafts: Sequence[KeptDraft], *, now: datetime) -> None:
        insert_kept(drafts)


def wanted_json_types() -> frozenset[str]:
    wanted = KEPT_JSON_TYPES
    if settings.SENTRY_ENABLE_SESSION_REPLAY:
        wanted |= REPLAY_JSON_TYPES
    if not settings.SENTRY_ENABLE_CUSTOM_METRICS:
        wanted -= {"trace_metric"}
    if not settings.SENTRY_ENABLE_PERFORMANCE_MONITORING:
        wanted -= {"span"}
    return wanted


def wanted_binary_types() -> frozenset[str]:
    return REPLAY_BINARY_TYPES | {"attachment"} if settings.SENTRY_ENABLE_SESSION_REPLAY else frozenset({"attachment"})


def read_document(item: Item) -> dict[str, Any]:
    """Return the item's JSON object. Raises `Unreadable`."""
    try:
        document = loads_leniently(item.payload)
    except ValueError:
        raise Unreadable(f"The {item.type} item is not JSON.") from None
    if not isinstance(document, dict):
        raise Unreadable(f"The {item.type} item is not a JSON object.")
    return document


def compress_document(document: dict[str, Any], arrival: Arrival, *, raw: bytes | None = None) -> bytes:
    """Return `document` scrubbed (in place) and packed as `KeptItem.payload` holds it. `raw` are its bytes as sent, if
    it is all of them.

    Raises `Unreadable` for what is nested deeper than 254 levels, which the parser may read and the writer does not.
    """
    return pack_document(document, arrival.project, raw=raw)


def pack_document(document: dict[str, Any], project: ProjectConfig, *, raw: bytes | None) -> bytes:
    """The same for whoever has no arrival at hand any more."""
    policy = ScrubPolicy(keeps_ip_addresses=project.keeps_ip_addresses, extra_fields=project.scrub_fields)
    scrub_document(document, policy, raw=raw)
    try:
        written = orjson.dumps(document)
    except orjson.JSONEncodeError:
        raise Unreadable("The item is nested too deeply.") from None
    return compress(written, COMPRESSION_LEVEL)


def _draft_of_json(item: Item, arrival: Arrival) -> KeptDraft:
    document = read_document(item)
    own_id = next((document[name] for name in _OWN_IDS if document.get(name)), None)
    identity = identity_or_new(item.type, arrival, own_id, item.payload)
    payload = compress_document(document, arrival, raw=item.payload)
    return draft_item(
        item.type,
        arrival,
        identity=identity,
        document=document,
        meta=_meta(item, document),
        payload=payload,
        about=_associated_event(item, document),
    )


def _associated_event(item: Item, document: Mapping[str, Any]) -> object:
    """Return the event that feedback is about: its own id is that of the feedback. None for all other items."""
    if item.type != "feedback":
        return None
    contexts = document.get("contexts")
    said = contexts.get("feedback") if isinstance(contexts, Mapping) else None
    return said.get("associated_event_id") if isinstance(said, Mapping) else None


def _draft_of_bytes(item: Item, arrival: Arrival) -> KeptDraft:
    meta = {**_meta(item, {}), "bytes": len(item.payload)}
    name = plain_text(item.headers.get("filename"), 200)
    return draft_item(
        item.type,
        arrival,
        identity=identity_or_new(item.type, arrival, None, name.encode() + b"\n" + item.payload),
        document={},
        meta=meta,
        chunks=[item.payload[start : start + CHUNK_BYTES] for start in range(0, len(item.payload), CHUNK_BYTES)],
    )


def _meta(item: Item, document: Mapping[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = {name: text for name in _META_TEXTS if (text := plain_text(item.headers.get(name), 200))}
    entries = document.get("items")
    if isinstance(entries, list):
        meta["item_count"] = len(entries)
    return meta
