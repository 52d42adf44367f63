"""Reads and writes each form of `declared`: stored value in, stored value without the person out. No database."""

import contextlib
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import zstandard

from tradewatch.core import frames
from tradewatch.inbox.decoding import DecodingError, inflate
from tradewatch.inbox.envelope import EnvelopeError, Item, build_envelope, parse_envelope
from tradewatch.inbox.limits import Limits
from tradewatch.ingest.relay.parcels import Parcel, Piece, packed, unpacked
from tradewatch.processes.erasing.declared import Form
from tradewatch.processes.erasing.rewriting import Rewriting

LEVEL = 3
MOST_BYTES = 1 << 30  # what was accepted is read, whatever the limits are by now
_ANY = Limits(MOST_BYTES, MOST_BYTES, MOST_BYTES, MOST_BYTES)
_OF_PEOPLE = frozenset({"attachment", "replay_event", "replay_recording", "feedback", "user_report"})
Row = Mapping[str, Any]  # the columns of a row that belong together


class Unreadable(Exception):
    """The stored bytes are not what they should be: nothing can be looked for in them."""


def plain_bytes(form: Form, value: Any, row: Row) -> bytes:
    """Return what the value says, for a first look (`Person.may_be_in`). Raises `Unreadable`."""
    match form:
        case Form.PACKED:
            return _unpack(value)
        case Form.ENVELOPE:
            return _inflated(value, row)
        case Form.PARCEL:
            return b"\n".join(_piece_bytes(piece) for piece in unpacked(bytes(value)).pieces)
        case Form.BYTES | Form.SEALED if not isinstance(value, str | dict | list):
            return bytes(value)
        case Form.TEXT | Form.ENCIPHERED if isinstance(value, str):
            return value.encode("utf-8", "surrogatepass")
        case _:
            return (
                value.encode("utf-8", "surrogatepass") if isinstance(value, str) else orjson.dumps(value, default=str)
            )


def rewritten(form: Form, value: Any, row: Row, rewriting: Rewriting, name: str) -> Any:
    """Return the value without the person; unchanged where `rewriting.hits` did not move. Raises `Unreadable`."""
    return _WRITERS[form](value, row, rewriting, name)


def _text(value: str, row: Row, rewriting: Rewriting, name: str) -> str:
    key = row.get("key") or row.get("tag_key")  # the name of what stands beside it
    return rewriting.text(value, str(key) if key and name in ("value", "tag_value") else "")


def _json(value: Any, row: Row, rewriting: Rewriting, name: str) -> Any:
    return rewriting.value(value, "user" if name == "user" else "")


def _packed(value: Any, row: Row, rewriting: Rewriting, name: str) -> bytes:
    document = rewriting.value(_parsed(_unpack(value)))
    return frames.compress(orjson.dumps(document), LEVEL)


def _enciphered(value: str, row: Row, rewriting: Rewriting, name: str) -> str:
    with contextlib.suppress(orjson.JSONDecodeError):
        document = orjson.loads(value)
        if isinstance(document, dict | list):
            return orjson.dumps(rewriting.value(document)).decode()
    return rewriting.text(value)


def _envelope(value: Any, row: Row, rewriting: Rewriting, name: str) -> bytes:
    """Return the envelope, uncompressed. Items that hold more than their words (recordings, attachments) go if the
    envelope is of the person."""
    plain = _inflated(value, row)
    try:
        envelope = parse_envelope(plain, _ANY)
    except EnvelopeError:
        return _masked(plain, rewriting)
    headers = rewriting.value(dict(envelope.headers))
    items = [_item(item, rewriting) for item in envelope.items]
    if rewriting.users:
        items = [item for item in items if item.type not in _OF_PEOPLE]
    return build_envelope(headers, items)


def _item(item: Item, rewriting: Rewriting) -> Item:
    headers = rewriting.value(dict(item.headers))
    if item.type == "replay_recording":
        return Item(item.type, headers, _recording(item.payload, rewriting))
    return Item(item.type, headers, _payload(item.payload, rewriting))


def _payload(payload: bytes, rewriting: Rewriting) -> bytes:
    try:
        document = orjson.loads(payload)
    except orjson.JSONDecodeError:
        return _masked(payload, rewriting)
    before = rewriting.hits
    document = rewriting.value(document)
    return payload if rewriting.hits == before else orjson.dumps(document)


def _recording(payload: bytes, rewriting: Rewriting) -> bytes:
    """Return a recording's payload: a line of JSON, and a list as text or by zlib (`recordings.protocol`)."""
    header, _, body = payload.partition(b"\n")
    with contextlib.suppress(zlib.error):
        body = zlib.decompress(body)
    return header + b"\n" + _payload(body, rewriting)


def _masked(data: bytes, rewriting: Rewriting) -> bytes:
    """Return bytes that nobody parses with the person's names replaced, as text."""
    text = rewriting.text(data.decode("utf-8", "surrogateescape"))
    return text.encode("utf-8", "surrogateescape")


def _parcel(value: Any, row: Row, rewriting: Rewriting, name: str) -> bytes:
    parcel = unpacked(bytes(value))
    pieces = [_piece(piece, rewriting) for piece in parcel.pieces]
    if rewriting.users:
        pieces = [piece for at, piece in enumerate(pieces) if at == 0 or piece.type not in _OF_PEOPLE]
    return packed(Parcel(parcel.event_id, rewriting.value(parcel.headers), pieces, parcel.rate))


def _piece(piece: Piece, rewriting: Rewriting) -> Piece:
    headers = rewriting.value(piece.headers)
    if piece.is_packed:
        return Piece(piece.type, headers, _packed(piece.data, {}, rewriting, ""), True)
    return Piece(piece.type, headers, _payload(piece.data, rewriting), False)


def _piece_bytes(piece: Piece) -> bytes:
    headers = orjson.dumps(piece.headers, default=str)
    return headers + (_unpack(piece.data) if piece.is_packed else piece.data)


def _unpack(value: Any) -> bytes:
    if not value:
        return b""
    try:
        return frames.decompress(bytes(value))
    except zstandard.ZstdError:
        raise Unreadable("not a frame of zstd") from None


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        raise Unreadable("not JSON") from None


def _inflated(value: Any, row: Row) -> bytes:
    try:
        return inflate(bytes(value or b""), row["encoding"], limit=MOST_BYTES)
    except DecodingError:
        raise Unreadable("does not decompress") from None


_WRITERS: Mapping[Form, Callable[[Any, Row, Rewriting, str], Any]] = {
    Form.TEXT: _text,
    Form.JSON: _json,
    Form.PACKED: _packed,
    Form.ENCIPHERED: _enciphered,
    Form.ENVELOPE: _envelope,
    Form.PARCEL: _parcel,
}
