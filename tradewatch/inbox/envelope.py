"""The envelope grammar (https://develop.sentry.dev/sdk/envelopes/): `headers \\n (item_headers \\n payload)*`.

Only `\\n` ends a line; `\\r` belongs to the payload. Payloads are bytes here: what they mean is the handlers' matter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from tradewatch.inbox.lenient_json import loads_leniently
from tradewatch.inbox.limits import Limits

# What a handler parses as one JSON document. Attachments have a limit of their own; recordings, profiles and types
# that nobody knows yet are bounded by the envelope alone.
_LIMITED_TYPES = frozenset(
    {"event", "transaction", "span", "log", "trace_metric", "session", "sessions", "check_in", "client_report"}
    | {"feedback", "user_report"}
)
# Containers of many entries: SDKs put up to 1,000 metric points into one, at about 0.9 KB each.
_CONTAINER_TYPES = frozenset({"span", "log", "trace_metric"})
CONTAINER_ITEMS = 16  # times the limit of one item


class EnvelopeError(ValueError):
    """The bytes are no envelope; the text is a sentence for the sender, without any of the payload."""

    status = 400


class EnvelopeTooLargeError(EnvelopeError):
    """The envelope is well-formed so far, but a part of it is over its limit."""

    status = 413


@dataclass(frozen=True, slots=True)
class Item:
    type: str
    headers: Mapping[str, Any]
    payload: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    headers: Mapping[str, Any]
    items: list[Item]


class Part(NamedTuple):
    """Where an item's payload lies in the body: `body[start:end]`."""

    type: str
    headers: Mapping[str, Any]
    start: int
    end: int


class Survey(NamedTuple):
    headers: Mapping[str, Any]
    parts: list[Part]


def survey(body: bytes, limits: Limits) -> Survey:
    """Return the headers and where each payload lies, without a look into the payloads.

    Raises `EnvelopeError` for broken grammar, `EnvelopeTooLargeError` for a header line or payload over its limit.
    """
    if not body:
        raise EnvelopeError("The body is empty; an envelope has at least a header line.")
    headers, position = _header_at(body, 0, limits, "envelope header")
    parts: list[Part] = []
    total = len(body)
    while position < total:
        if body[position] == 10:  # a blank line where an item could start: legal at the end, harmless elsewhere
            position += 1
            continue
        part = _part_at(body, position, limits, f"header of item {len(parts) + 1}")
        parts.append(part)
        position = part.end + 1
    _check_sizes(parts, limits)
    return Survey(headers, parts)


def parse_envelope(body: bytes, limits: Limits) -> Envelope:
    """Return the envelope in the decompressed `body`. Raises what `survey` raises: the two agree on every body."""
    headers, parts = survey(body, limits)
    return Envelope(headers, [Item(part.type, part.headers, body[part.start : part.end]) for part in parts])


def build_envelope(headers: Mapping[str, Any], items: Iterable[Item]) -> bytes:
    """Return the bytes of an envelope. Each item's `length` is written from its payload.

    Raises `EnvelopeError` for headers nested deeper than 250, which the parser reads and the writer does not.
    """
    lines = [_dumped(headers)]
    for item in items:
        lines.append(_dumped({**item.headers, "type": item.type, "length": len(item.payload)}))
        lines.append(item.payload)
    return b"\n".join(lines) + b"\n"


def _dumped(header: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(header)
    except orjson.JSONEncodeError:
        raise EnvelopeError("A header is nested too deeply.") from None


def _header_at(body: bytes, position: int, limits: Limits, name: str) -> tuple[dict[str, Any], int]:
    """Return the JSON object in the line at `position`, and where the next line starts."""
    end = body.find(b"\n", position, position + limits.header_bytes + 1)
    if end < 0:
        end = len(body)
        if end - position > limits.header_bytes:
            raise EnvelopeTooLargeError(f"The {name} is longer than {limits.header_bytes} bytes.")
    try:
        header = loads_leniently(body[position:end])
    except ValueError:
        raise EnvelopeError(f"The {name} is not JSON.") from None
    if not isinstance(header, dict):
        raise EnvelopeError(f"The {name} is not a JSON object.")
    return header, end + 1


def _part_at(body: bytes, position: int, limits: Limits, name: str) -> Part:
    header, start = _header_at(body, position, limits, name)
    start = min(start, len(body))  # a header line that ends the body without its newline
    item_type = header.get("type")
    if not isinstance(item_type, str) or not item_type:
        raise EnvelopeError(f"The {name} has no type.")
    return Part(item_type, header, start, _payload_end(body, start, header.get("length"), name))


def _payload_end(body: bytes, start: int, length: Any, name: str) -> int:
    if length is None:
        newline = body.find(b"\n", start)
        return len(body) if newline < 0 else newline
    if type(length) is not int or length < 0:
        raise EnvelopeError(f"The {name} has a length that is not a whole number of bytes.")
    end = start + length
    if end > len(body):
        raise EnvelopeError(f"The {name} promises {length} bytes, but only {len(body) - start} follow.")
    if end < len(body) and body[end] != 10:
        raise EnvelopeError(f"The {name} promises {length} bytes, but no line ends after them.")
    return end


def _check_sizes(parts: list[Part], limits: Limits) -> None:
    attachment_bytes = 0
    for item_type, _, start, end in parts:
        if item_type == "attachment":
            attachment_bytes += end - start
        elif item_type in _LIMITED_TYPES:
            most = limits.item_bytes * (CONTAINER_ITEMS if item_type in _CONTAINER_TYPES else 1)
            if end - start > most:
                raise EnvelopeTooLargeError(f"An item of type {item_type} is larger than {most} bytes.")
    if attachment_bytes > limits.attachment_bytes:
        raise EnvelopeTooLargeError(f"The attachments are larger than {limits.attachment_bytes} bytes together.")
