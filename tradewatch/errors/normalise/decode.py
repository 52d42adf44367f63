"""Bytes to a dict that every store takes: no NUL, no lone surrogate, no NaN, no number beyond 64 bits, not too deep."""

import json
import re
from typing import Any

import orjson
import re2

from tradewatch.inbox.handlers import Unreadable

MAX_DEPTH = 100  # orjson writes 254 levels; nobody reads past a handful
TOO_DEEP = "[cut: nested too deep]"
MAX_INTEGER = 2**63 - 1

# A string that is never closed goes to the end: else each quote in it would be tried as the begin of one, which takes
# hours at a megabyte.
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*(?:"|\Z)|[\[\]{}]', re.DOTALL)
NUL = re2.compile(rb"\\u0000")  # a tenth of what `in` costs in a document full of escaped quotes
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def decode_event(raw: bytes) -> dict[str, Any]:
    """Return the JSON object in `raw`. Raises `Unreadable` for what is no object at all.

    orjson first; what it refuses (NaN and Infinity of old Python clients, lone surrogates, bad UTF-8, nesting
    beyond its limit) takes a slower, tolerant way.
    """
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError:
        document = storable(_decode_tolerantly(raw))
    else:
        if NUL.search(raw):
            document = storable(document)
    if type(document) is not dict:
        raise Unreadable("the payload is no JSON object")
    return document


def storable(value: Any, depth: int = 0) -> Any:
    """Return a copy of `value` that JSON, SQLite and PostgreSQL take; unknown types become their text."""
    kind = type(value)
    if kind is str:
        return _UNSTORABLE.sub("\ufffd", value)
    if kind is dict or kind is list:
        if depth >= MAX_DEPTH:
            return TOO_DEEP
        if kind is dict:
            return {storable(_key(key)): storable(child, depth + 1) for key, child in value.items()}
        return [storable(child, depth + 1) for child in value]
    if value is None or kind is bool:
        return value
    if kind is int:
        return value if -MAX_INTEGER <= value <= MAX_INTEGER else _digits(value)
    if kind is float:
        return value if value - value == 0 else str(value)
    return storable(list(value), depth) if kind in (tuple, set, frozenset) else storable(str(value))


def _key(key: object) -> str:
    return key if type(key) is str else str(key)


def _digits(value: int) -> str:
    return str(value) if value.bit_length() < 1000 else "[cut: number too long]"  # str() refuses 4300 digits


def _decode_tolerantly(raw: bytes) -> Any:
    try:
        return json.loads(_without_deep_nesting(raw).decode("utf-8-sig", "replace"), parse_int=_integer, strict=False)
    except (ValueError, RecursionError) as error:
        raise Unreadable("the payload is no JSON") from error


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 1000 else "[cut: number too long]"


def _without_deep_nesting(raw: bytes) -> bytes:
    """Put a marker in place of every array and object below `MAX_DEPTH`; the recursion of a parser ends near 1000."""
    pieces, depth, kept_until = [], 0, 0
    for token in _TOKEN.finditer(raw):
        byte = token.group()[:1]
        if byte in b"[{":
            depth += 1
            if depth == MAX_DEPTH + 1:
                pieces.append(raw[kept_until : token.start()] + orjson.dumps(TOO_DEEP))
        elif byte in b"]}":
            if depth == MAX_DEPTH + 1:
                kept_until = token.end()
            depth -= 1
    return b"".join([*pieces, raw[kept_until:]]) if pieces else raw
