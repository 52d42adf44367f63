"""The whole event: its own fields, and each interface in its shape."""

import hashlib
import re
from datetime import datetime, timedelta
from typing import Any

import orjson

from tradewatch.errors.choices import ErrorSeverity
from tradewatch.errors.normalise.clock import MOMENT
from tradewatch.errors.normalise.decode import decode_event
from tradewatch.errors.normalise.fields import MAX_ENTRIES, Context, Field, clean_record, text_field, tree_field
from tradewatch.errors.normalise.people import FINGERPRINT, TAGS, USER
from tradewatch.errors.normalise.regular import AS_SENT, NOTHING_KEPT, IsClean, Kept, keep_regular
from tradewatch.errors.normalise.request import REQUEST
from tradewatch.errors.normalise.stack import EXCEPTION, STACKTRACE, THREADS
from tradewatch.errors.normalise.story import BREADCRUMBS, CONTEXTS, LOGENTRY
from tradewatch.inbox.handlers import Unreadable

OURS = ("_errors", "_removed", "received_at", AS_SENT)  # keys that only we write
NO_DRIFT = timedelta(0)
SEVERITIES = {
    **{severity.value: severity.value for severity in ErrorSeverity},
    "fatal": ErrorSeverity.CRITICAL.value,
    "warn": ErrorSeverity.WARNING.value,
    "log": ErrorSeverity.INFO.value,
    "trace": ErrorSeverity.DEBUG.value,
}
_EVENT_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)

_EVENT = {
    "timestamp": MOMENT,
    "start_timestamp": MOMENT,
    **{key: text_field(200) for key in ("level", "logger", "transaction", "release", "dist", "server_name", "type")},
    "platform": text_field(64),
    "environment": text_field(64),
    "exception": EXCEPTION,
    "logentry": LOGENTRY,
    "message": LOGENTRY,
    "stacktrace": STACKTRACE,
    "threads": THREADS,
    "breadcrumbs": BREADCRUMBS,
    "request": REQUEST,
    "user": USER,
    "tags": TAGS,
    "fingerprint": FINGERPRINT,
    "contexts": CONTEXTS,
    **{key: tree_field(512, is_object=True) for key in ("sdk", "modules", "debug_meta", "transaction_info")},
    "extra": tree_field(8192, is_object=True),
    "event_id": Field(None, None, lambda value, context: value if type(value) is str else str(value)),
}
_REST = tree_field(8192)


def take_apart(
    raw: bytes, is_clean: IsClean, *, drift: timedelta = NO_DRIFT, event_id: str | None = None
) -> tuple[dict[str, Any], Kept]:
    """Return the event in `raw` decoded, for `normalise_event`, but for the parts that are kept as they came.

    Raises `Unreadable` for no object. Nothing is kept where times are corrected or an id is made of the whole event.
    """
    apart = keep_regular(raw, is_clean) if not drift else None
    if apart and (_event_id(event_id) or _event_id(apart[0].get("event_id"))):
        return apart
    return decode_event(raw), NOTHING_KEPT


def normalise_event(
    raw: bytes | dict[str, Any],
    *,
    received_at: datetime,
    retention: timedelta,
    environment: str,
    drift: timedelta = NO_DRIFT,
    event_id: str | None = None,
) -> dict[str, Any]:
    """Return the canonical document (see the package's docstring) of one event. Raises `Unreadable` for no object.

    `environment` is taken when the event names none; `event_id` (the envelope header's) beats the payload's.
    A dict must come from `decode_event`, and is changed; any other goes through `storable` first.
    """
    document = decode_event(raw) if isinstance(raw, bytes) else raw
    if type(document) is not dict:
        raise Unreadable("the event is no JSON object")
    for key in OURS:
        document.pop(key, None)
    for key in list(document)[MAX_ENTRIES:]:
        del document[key]
    context = Context(drift.total_seconds())
    sent_id = document.get("event_id")
    clean_record(document, _EVENT, _REST, context)
    document["event_id"] = _event_id(event_id) or _event_id(sent_id) or _derived_id(document, received_at)
    _settle_time(document, received_at, retention)
    _settle_words(document, environment, context)
    if context.faults:
        document["_errors"] = context.faults
    return document


def _settle_time(document: dict[str, Any], received_at: datetime, retention: timedelta) -> None:
    received = received_at.timestamp()
    timestamp = document.get("timestamp", received)
    document["timestamp"] = min(received, max(received - retention.total_seconds(), timestamp))
    document["received_at"] = received


def _settle_words(document: dict[str, Any], environment: str, context: Context) -> None:
    level = document.get("level", "error").lower()
    if level not in SEVERITIES:
        context.note("level", "unknown level")
    document["level"] = SEVERITIES.get(level, "error")
    message = document.pop("message", None)
    if message and "logentry" not in document:
        document["logentry"] = message
    document["platform"] = document.get("platform") or "other"
    document["environment"] = document.get("environment") or environment
    document.setdefault("tags", {})
    document.setdefault("exception", {"values": []})
    document.setdefault("breadcrumbs", {"values": []})


def _event_id(value: Any) -> str | None:
    if type(value) is not str:
        return None
    hexadecimal = value.replace("-", "").lower()
    return hexadecimal if _EVENT_ID.fullmatch(hexadecimal) else None


def _derived_id(document: dict[str, Any], received_at: datetime) -> str:
    """Return an id for an event without one: the same again when the same arrival is digested twice."""
    seed = orjson.dumps([document, received_at.timestamp()], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(seed, digest_size=16).hexdigest()
