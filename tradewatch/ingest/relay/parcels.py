"""What lies in the spool, and the envelope that an upstream is sent of it. Values in, bytes out.

Documents are kept as the digest packed them, scrubbed; only whoever sends unpacks them. What TradeWatch wrote into a
stored event for itself is taken out again, and its severities become the protocol's levels.
"""

import gzip
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson
import zstandard

from tradewatch.core.dsn import Dsn
from tradewatch.errors.normalise import settled
from tradewatch.inbox.envelope import Item, build_envelope
from tradewatch.ingest.relay.choices import CATEGORY_OF_TYPE
from tradewatch.ingest.relay.marks import MARKER, installation, marks_of

GZIP_LEVEL = 4
CLIENT = "tradewatch-relay/1"
_OURS = ("_errors", "_removed", "received_at")
_LEVELS = {"critical": "fatal"}
_TRACE = ("trace_id", "environment", "release", "sampled", "sample_rand", "replay_id")


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """An item: `data` is zstd of JSON where `is_packed`, else the payload itself."""

    type: str
    headers: dict[str, Any]
    data: bytes
    is_packed: bool = True


class Parcel(msgspec.Struct, frozen=True, array_like=True):
    """An envelope that waits. `rate`: the share of its kind that is relayed, for the upstream's own estimates."""

    event_id: str
    headers: dict[str, Any]
    pieces: list[Piece]
    rate: float = 1.0


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Parcel).decode


def packed(parcel: Parcel) -> bytes:
    return _encode(parcel)


def unpacked(body: bytes) -> Parcel:
    return _decode(body)


def headers_to_keep(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what goes on of an envelope's headers: the SDK, the trace without names of people, and our mark."""
    kept: dict[str, Any] = {MARKER: [*marks_of(headers), installation()]}
    sdk, trace = headers.get("sdk"), headers.get("trace")
    if isinstance(sdk, Mapping):
        kept["sdk"] = {name: sdk[name] for name in ("name", "version") if isinstance(sdk.get(name), str)}
    if isinstance(trace, Mapping):
        wanted = {name: trace[name] for name in (*_TRACE, "sample_rate") if isinstance(trace.get(name), str | float)}
        kept["trace"] = wanted
    return kept


def envelope_of(parcel: Parcel, dsn: Dsn, *, without: Collection[str], now: datetime) -> tuple[bytes, list[str]]:
    """Return the gzipped envelope, and the categories of items left out because their category is in `without`."""
    left_out = [CATEGORY_OF_TYPE.get(piece.type, "") for piece in parcel.pieces[1:]]
    left_out = [category for category in left_out if category in without]
    pieces = [
        piece
        for at, piece in enumerate(parcel.pieces)
        if at == 0 or CATEGORY_OF_TYPE.get(piece.type, "") not in without
    ]
    headers = {**parcel.headers, "sent_at": now.astimezone(UTC).isoformat().replace("+00:00", "Z")}
    if parcel.event_id:
        headers["event_id"] = parcel.event_id
    if "trace" in headers:
        headers["trace"] = _trace_for(headers["trace"], dsn, parcel.rate)
    body = build_envelope(headers, [Item(piece.type, piece.headers, payload_of(piece)) for piece in pieces])
    return gzip.compress(body, GZIP_LEVEL, mtime=0), left_out


def payload_of(piece: Piece) -> bytes:
    """Return an item's payload as the protocol has it."""
    if not piece.is_packed:
        return piece.data
    data = zstandard.ZstdDecompressor().decompress(piece.data)
    if piece.type == "event":
        return orjson.dumps(_protocol_event(orjson.loads(data)))
    document = orjson.loads(data)
    for name in _OURS:
        document.pop(name, None)
    if piece.type == "span" and "content_type" not in piece.headers:
        (document,) = document["items"] or [{}]  # the older form: one span, no container
    return orjson.dumps(document)


def _protocol_event(document: dict[str, Any]) -> dict[str, Any]:
    document = settled(document)
    for name in _OURS:
        document.pop(name, None)
    document["level"] = _LEVELS.get(document.get("level", ""), document.get("level", "error"))
    return document


def _trace_for(trace: Mapping[str, Any], dsn: Dsn, rate: float) -> dict[str, Any]:
    """Return the trace header under the upstream's key. Its sample rate says what of the whole arrives there."""
    own = {**trace, "public_key": dsn.key}
    try:
        own["sample_rate"] = f"{float(own['sample_rate']) * rate:.6g}"
    except (KeyError, ValueError):
        own.pop("sample_rate", None)
    return own
