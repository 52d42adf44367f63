"""What a request becomes: parcels, each one envelope for the queue. Decisions alone: bytes in, values out."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from tradewatch.inbox.decoding import DecodingError, inflate
from tradewatch.inbox.envelope import EnvelopeError, Item, Survey, build_envelope, survey
from tradewatch.inbox.event_ids import new_event_id, normal_event_id
from tradewatch.inbox.lenient_json import loads_leniently
from tradewatch.inbox.limits import Limits
from tradewatch.ingest.check_ins import check_in
from tradewatch.ingest.security_reports import event_of, reports_in

_IDENTIFIED_TYPES = frozenset({"event", "transaction", "feedback"})


class Parcel(NamedTuple):
    """`body` is stored as it is, under `encoding`; `plain` is the same decompressed, `envelope` its survey."""

    event_id: str
    encoding: str
    body: bytes
    plain: bytes
    envelope: Survey


def envelope_parcel(body: bytes, encoding: str, plain: bytes, limits: Limits) -> Parcel:
    """Return the envelope as it came, unless its event has no id at all: then with the id that the client is told."""
    envelope = survey(plain, limits)
    event_id = normal_event_id(envelope.headers.get("event_id"))
    if event_id is not None:
        return Parcel(event_id, encoding, body, plain, envelope)
    bearers = [part for part in envelope.parts if part.type in _IDENTIFIED_TYPES]
    if not bearers:
        return Parcel(new_event_id(), encoding, body, plain, envelope)
    event_id = _id_in_payload(plain[bearers[0].start : bearers[0].end])
    if event_id is not None:
        return Parcel(event_id, encoding, body, plain, envelope)
    items = [Item(part.type, part.headers, plain[part.start : part.end]) for part in envelope.parts]
    return _packed(new_event_id(), items, limits, envelope.headers)


def store_parcel(plain: bytes, limits: Limits) -> Parcel:
    """Return the event document of a store/ request as an envelope. Raises `EnvelopeError`, `DecodingError`."""
    plain = _without_base64(plain, limits)
    try:
        document = loads_leniently(plain)
    except ValueError:
        raise EnvelopeError("The event is not JSON.") from None
    if not isinstance(document, dict):
        raise EnvelopeError("The event is not a JSON object.")
    event_id = normal_event_id(document.get("event_id")) or new_event_id()
    item_type = "transaction" if document.get("type") == "transaction" else "event"
    return _packed(event_id, [Item(item_type, {}, plain)], limits)


def security_parcels(plain: bytes, query: bytes, limits: Limits) -> list[Parcel]:
    """Return one parcel a report. Raises `EnvelopeError`."""
    try:
        events = [event_of(report, query) for report in reports_in(plain)]
    except ValueError as error:
        raise EnvelopeError(str(error)) from None
    return [_packed(new_event_id(), [Item("event", {}, _dumped(event))], limits) for event in events]


def check_in_parcel(slug: str, query: bytes, plain: bytes, limits: Limits) -> Parcel:
    """Return a check-in told by URL. Raises `EnvelopeError`."""
    try:
        payload = check_in(slug, query, plain)
    except ValueError as error:
        raise EnvelopeError(str(error)) from None
    return _packed(new_event_id(), [Item("check_in", {}, _dumped(payload))], limits)


def _dumped(document: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:
        raise EnvelopeError("The body is nested too deeply.") from None


def _packed(event_id: str, items: list[Item], limits: Limits, headers: Mapping[str, Any] | None = None) -> Parcel:
    body = build_envelope({**(headers or {}), "event_id": event_id}, items)
    return Parcel(event_id, "identity", body, body, survey(body, limits))


def _id_in_payload(payload: bytes) -> str | None:
    try:
        document = loads_leniently(payload)
    except ValueError:
        return None  # the digest will say what is wrong with it
    return normal_event_id(document.get("event_id")) if isinstance(document, dict) else None


def _without_base64(plain: bytes, limits: Limits) -> bytes:
    """Return the JSON inside the base64 of a zlib stream, which clients before 2016 post to store/."""
    if plain.lstrip()[:1] in (b"{", b"[", b""):
        return plain
    try:
        packed = base64.b64decode(plain, validate=True)
    except binascii.Error:
        return plain
    try:
        return inflate(packed, "deflate", limit=limits.item_bytes)
    except DecodingError as error:
        if error.status == 413:
            raise
        return plain
