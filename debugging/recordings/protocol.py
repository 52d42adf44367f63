"""Reads `replay_event` and `replay_recording` as @sentry/browser 10 sends them, both in one envelope a segment.

https://develop.sentry.dev/sdk/telemetry/replays/ and the SDK's own `createReplayEnvelope`, `prepareRecordingData`:
the recording is a line of JSON, {"segment_id": n}, and then a JSON list of rrweb's events, as text or by zlib.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from tradewatch.inbox.event_ids import normal_event_id

LONGEST_HEADER = 1024
MOST_URLS, LONGEST_URL, MOST_REFS = 50, 1000, 100
MOST_SEGMENTS = 10_000  # an hour, which is the SDK's longest replay, has some 700
_KINDS = frozenset(("session", "buffer"))


class BadRecordingError(ValueError):
    """It cannot be read; the text says why and quotes nothing."""


class TooLargeError(BadRecordingError):
    """It stands for more than is kept of a segment."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a `replay_event` says. None of the moments is later than it was received, or over a day before the other."""

    kind: str
    number: int
    environment: str
    release: str
    started_at: datetime | None
    at: datetime
    urls: tuple[str, ...]
    errors: tuple[UUID, ...]
    traces: tuple[UUID, ...]
    facts: Mapping[str, Any]


def read_told(document: Mapping[str, Any], *, received_at: datetime, drift: timedelta, environment: str) -> Told:
    """Read a scrubbed `replay_event`. What is wrong in a field costs that field. Raises `BadRecordingError`."""
    at = _moment(document.get("timestamp"), drift, received_at) or received_at
    started_at = _moment(document.get("replay_start_timestamp"), drift, at)
    kind = document.get("replay_type")
    return Told(
        kind=kind if isinstance(kind, str) and kind in _KINDS else "",
        number=segment_number(document),
        environment=(_text(document.get("environment")) or environment)[:64],
        release=_text(document.get("release"))[:250],
        started_at=started_at if started_at and at - started_at <= timedelta(days=1) else None,
        at=at,
        urls=tuple(_text(url)[:LONGEST_URL] for url in _list(document.get("urls"))[:MOST_URLS] if _text(url)),
        errors=_ids(document.get("error_ids")),
        traces=_ids(document.get("trace_ids")),
        facts=_facts(document),
    )


def read_recording(payload: bytes, *, most_bytes: int) -> tuple[int, bytes]:
    """Return the segment's number and the JSON of its events, at most `most_bytes` of them inflated.

    Raises `TooLargeError`, and `BadRecordingError` for what is no recording.
    """
    line, found, rest = payload[:LONGEST_HEADER].partition(b"\n")
    if not found:
        raise BadRecordingError("the recording has no header")
    try:
        header = orjson.loads(line)
    except orjson.JSONDecodeError:
        raise BadRecordingError("the recording's header is not JSON") from None
    number = segment_number(header if isinstance(header, dict) else {})
    body = payload[len(line) + 1 :]
    return number, body if rest[:1] == b"[" else _inflated(body, most_bytes)


def segment_number(document: Mapping[str, Any]) -> int:
    number = document.get("segment_id")
    if type(number) is not int or not 0 <= number < MOST_SEGMENTS:
        raise BadRecordingError(f"segment_id is not a number from 0 to {MOST_SEGMENTS - 1}")
    return number


def read_events(plain: bytes, *, most_bytes: int) -> list[dict[str, Any]]:
    """Return the objects in the list of events. Raises `TooLargeError` and `BadRecordingError`."""
    if len(plain) > most_bytes:
        raise TooLargeError(f"larger than {most_bytes} bytes")
    try:
        events = orjson.loads(plain)
    except orjson.JSONDecodeError:
        raise BadRecordingError("the recording is not JSON") from None
    if not isinstance(events, list):
        raise BadRecordingError("the recording is not a list of events")
    return [event for event in events if isinstance(event, dict)]


def _inflated(body: bytes, most_bytes: int) -> bytes:
    """Stops right behind `most_bytes`: a bomb costs no more than that."""
    stream = zlib.decompressobj()
    try:
        plain = stream.decompress(body, most_bytes + 1)
    except zlib.error:
        raise BadRecordingError("the recording is neither JSON nor compressed by zlib") from None
    if len(plain) > most_bytes:
        raise TooLargeError(f"larger than {most_bytes} bytes")
    if not stream.eof:
        raise BadRecordingError("the recording is cut off")
    return plain


def _moment(value: Any, drift: timedelta, latest: datetime) -> datetime | None:
    if type(value) not in (int, float) or not 0 < value < 1e11:
        return None
    return min(datetime.fromtimestamp(value, UTC) + drift, latest)


def _ids(value: Any) -> tuple[UUID, ...]:
    found = (normal_event_id(each) for each in _list(value)[:MOST_REFS] if isinstance(each, str))
    return tuple(dict.fromkeys(UUID(hex=each) for each in found if each))


def _facts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return {"user", "browser", "os", "device", "sdk"}, each a line of text, as far as they are known."""
    contexts, user = _mapping(document.get("contexts")), _mapping(document.get("user"))
    named = {name: _mapping(contexts.get(name)) for name in ("browser", "os", "device")}
    sdk = _mapping(document.get("sdk"))
    request = _mapping(_mapping(document.get("request")).get("headers"))
    lines = {
        "user": next((_text(user.get(key)) for key in ("username", "email", "id", "name") if _text(user.get(key))), ""),
        **{name: _named(each) for name, each in named.items()},
        "sdk": _named(sdk),
        "agent": _text(request.get("User-Agent")),
    }
    return {name: line[:250] for name, line in lines.items() if line}


def _named(value: Mapping[str, Any]) -> str:
    return " ".join(part for part in (_text(value.get("name")), _text(value.get("version"))) if part)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """PostgreSQL stores neither NUL nor lone surrogates."""
    if type(value) is int:
        return str(value)
    plain = value if isinstance(value, str) else ""
    return plain.replace("\0", "").encode("utf-8", "ignore").decode()
