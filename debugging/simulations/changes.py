"""What somebody changes of an error before it is simulated. Values in, values out.

    {"message"?, "type"?: of the exception that was caught last, "level"?, "environment"?, "release"?, "transaction"?,
     "server_name"?: text, null takes it away; "user"?: {...} or null; "fingerprint"?: [texts] or null;
     "tags"?: {name: text or null}}

What is not named stays as it was: the chain of exceptions, frames with variables, breadcrumbs, request.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from tradewatch.core.shapes import mapping, pairs_of, values_of

TEXTS = {
    "message": 8000, "type": 200, "environment": 64, "release": 250, "transaction": 200, "server_name": 200
}  # fmt: skip
LEVELS = ("debug", "info", "warning", "error", "fatal", "critical")
MOST_TAGS, LONGEST_TAG_KEY, LONGEST_TAG_VALUE = 50, 200, 200
MOST_PARTS, LONGEST_PART = 20, 500
USER_FIELDS = ("id", "username", "email", "name", "ip_address", "segment", "data")
KEYS = (*TEXTS, "level", "user", "fingerprint", "tags")
_NEVER_EMPTY = ("message", "type")
_MADE_ANEW = ("event_id", "timestamp", "received")
Document = Mapping[str, Any]


def faults_in(changes: Any) -> Mapping[str, Sequence[str]]:
    """Return what is wrong, by field ("changes.tags.venue"); empty when nothing is."""
    if not isinstance(changes, dict):
        return {"changes": ["expected an object"]}
    if fault := _fault_in_json(changes):
        return {"changes": [fault]}
    found = {f"changes.{name}": f"is not known: {', '.join(KEYS)} are" for name in changes if name not in KEYS}
    for name in changes.keys() & TEXTS.keys():
        found |= _if_any(f"changes.{name}", _fault_in_text(name, changes[name]))
    if "level" in changes and changes["level"] not in LEVELS:
        found["changes.level"] = f"expected one of {', '.join(LEVELS)}"
    found |= _if_any("changes.user", _fault_in_user(changes.get("user")))
    found |= _if_any("changes.fingerprint", _fault_in_fingerprint(changes.get("fingerprint")))
    found |= _faults_in_tags(changes.get("tags", {}))
    return {name: [text] for name, text in found.items()}


def changed(document: Document, changes: Mapping[str, Any], *, at: float) -> dict[str, Any]:
    """Return a document for the queue: the stored one without its id, at a time of its own (epoch seconds)."""
    made = {name: value for name, value in document.items() if name not in _MADE_ANEW} | {"timestamp": at}
    for name in ("environment", "release", "transaction", "server_name", "user", "fingerprint"):
        if name in changes:
            made[name] = changes[name]
    if "level" in changes:
        made["level"] = "fatal" if changes["level"] == "critical" else changes["level"]
    if changes.get("tags"):
        kept = {name: value for name, value in pairs_of(document.get("tags")) if name not in changes["tags"]}
        made["tags"] = kept | {name: value for name, value in changes["tags"].items() if value is not None}
    if "message" in changes or "type" in changes:
        made |= _with_words(document, changes)
    return {name: value for name, value in made.items() if value is not None}


def _with_words(document: Document, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts that say what happened: of the exception caught last, else of the message."""
    thrown = values_of(document.get("exception"))
    if not thrown:
        return {"logentry": {"formatted": changes["message"]}, "message": None} if "message" in changes else {}
    last = dict(mapping(thrown[-1]))
    last |= {"value": changes["message"]} if "message" in changes else {}
    last |= {"type": changes["type"]} if "type" in changes else {}
    return {"exception": {"values": [*thrown[:-1], last]}}


def _fault_in_json(changes: Mapping[str, Any]) -> str:
    """PostgreSQL keeps no NUL, and neither half characters nor huge numbers are JSON."""
    try:
        written = orjson.dumps(changes)
    except (TypeError, ValueError, RecursionError):  # what orjson raises is both of these
        return "cannot be written as JSON"
    return "must not contain NUL characters" if b"\\u0000" in written else ""


def _if_any(name: str, fault: str) -> dict[str, str]:
    return {name: fault} if fault else {}


def _fault_in_text(name: str, value: Any) -> str:
    if value is None and name not in _NEVER_EMPTY:
        return ""
    if not isinstance(value, str) or not value.strip():
        return "expected text"
    return f"is longer than {TEXTS[name]} characters" if len(value) > TEXTS[name] else ""


def _fault_in_user(user: Any) -> str:
    if user is None:
        return ""
    if not isinstance(user, dict):
        return "expected an object, or null"
    unknown = sorted(set(map(str, user)) - set(USER_FIELDS))
    return f"knows {', '.join(USER_FIELDS)}, not {', '.join(unknown)[:100]}" if unknown else ""


def _fault_in_fingerprint(parts: Any) -> str:
    if parts is None:
        return ""
    fits = isinstance(parts, list) and 0 < len(parts) <= MOST_PARTS
    if not fits or not all(isinstance(each, str) and 0 < len(each) <= LONGEST_PART for each in parts):
        return f"expected a list of 1 to {MOST_PARTS} texts of at most {LONGEST_PART} characters, or null"
    return ""


def _faults_in_tags(tags: Any) -> dict[str, str]:
    if not isinstance(tags, dict) or len(tags) > MOST_TAGS:
        return {"changes.tags": f"expected an object of at most {MOST_TAGS} names, each with a text or null"}
    found = {}
    for name, value in tags.items():
        if not 0 < len(name) <= LONGEST_TAG_KEY:
            found["changes.tags"] = f"a name has 1 to {LONGEST_TAG_KEY} characters"
        elif value is not None and not (isinstance(value, str) and 0 < len(value) <= LONGEST_TAG_VALUE):
            found[f"changes.tags.{name}"] = f"expected a text of 1 to {LONGEST_TAG_VALUE} characters, or null"
    return found
