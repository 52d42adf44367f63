"""Tells in one typed pass (msgspec, in C) that the heavy parts of an event are as they should be.

Nearly every event of a stock SDK is: then the slow field-by-field cleaning has nothing to do there. What this pass
refuses is not wrong, only unusual, and is cleaned as ever. Limits are those of `stack` and `story`.
"""

# ruff: noqa: UP007  # unions made of types that are values do not go with `|`
from typing import Annotated, Any, Union

import msgspec
from msgspec import Meta, defstruct

from tradewatch.errors.normalise.decode import MAX_DEPTH
from tradewatch.errors.normalise.fields import MAX_ENTRIES, MAX_KEY
from tradewatch.errors.normalise.stack import LINE, MAX_FRAMES, MAX_VALUES, MESSAGE, NAME, VARIABLE
from tradewatch.errors.normalise.story import DATA, MAX_CRUMBS
from tradewatch.errors.normalise.story import NAME as CRUMB_NAME

LEVELS = 5
OBJECT = ord("{")
NO_VARIABLES = msgspec.Raw(b"{}")
NO_FRAMES: dict[str, list[dict[str, Any]]] = {"frames": []}


def _text(limit: int) -> Any:
    return Annotated[str, Meta(max_length=limit)]


def _list(inner: Any, limit: int = MAX_ENTRIES) -> Any:
    return Annotated[list[inner], Meta(max_length=limit)]


def _object(inner: Any) -> Any:
    key: Any = _text(MAX_KEY)
    return Annotated[dict[key, inner], Meta(max_length=MAX_ENTRIES)]


def _tree(limit: int) -> Any:
    """Return the type of any JSON, `LEVELS` deep at most, whose texts have up to `limit` characters."""
    leaf: Any = Union[None, bool, int, float, _text(limit)]
    tree: Any = leaf
    for _ in range(LEVELS):
        tree = Union[leaf, _list(tree), _object(tree)]
    return tree


def _perhaps(inner: Any) -> tuple[Any, Any]:
    """Return type and default of a field that may be missing or `null`."""
    return Union[inner, None], None


def _record(name: str, **fields: Any) -> Any:
    """Return a type for an object with exactly these fields; a tuple is (type, default)."""
    shape = [(key, *(kind if isinstance(kind, tuple) else (kind,))) for key, kind in fields.items()]
    return defstruct(name, shape, forbid_unknown_fields=True, kw_only=True)


_FRAME = _record(
    "Frame",
    in_app=bool,
    **dict.fromkeys(("filename", "abs_path", "module", "function"), _perhaps(_text(NAME))),
    **dict.fromkeys(("lineno", "colno"), _perhaps(int)),
    context_line=_perhaps(_text(LINE)),
    **dict.fromkeys(("pre_context", "post_context"), _perhaps(_list(_text(LINE), 50))),
    vars=(msgspec.Raw, NO_VARIABLES),
)
_VALUE = _record(
    "Value",
    type=_text(NAME),
    value=_text(MESSAGE),
    module=_perhaps(_text(NAME)),
    mechanism=_perhaps(_object(_tree(MESSAGE))),
    stacktrace=_perhaps(_record("Stacktrace", frames=_list(_FRAME, MAX_FRAMES))),
)
_CRUMB = _record(
    "Crumb",
    timestamp=Union[str, float],
    **dict.fromkeys(("type", "category", "level"), (_text(CRUMB_NAME), "")),
    message=(_text(MESSAGE), ""),
    data=(_object(_tree(DATA)), None),
)
_HEAVY_PARTS = defstruct(
    "HeavyParts",
    [
        ("exception", *_perhaps(_record("Exceptions", values=_list(_VALUE, MAX_VALUES)))),
        ("breadcrumbs", _record("Crumbs", values=_list(_CRUMB, MAX_CRUMBS)), None),
        ("contexts", _object(_object(_tree(DATA))), None),
        ("extra", _object(_tree(MESSAGE)), None),
        ("modules", _object(_text(NAME)), None),
        ("sdk", _object(_tree(NAME)), None),
    ],
)
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(_HEAVY_PARTS)


def is_regular(raw: bytes) -> bool:
    """Return whether exception, breadcrumbs, contexts, extra, modules and sdk need nothing but times set, nulls out."""
    try:
        parts = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    values = parts.exception.values if parts.exception else ()
    for value in values:
        for frame in value.stacktrace.frames if value.stacktrace else ():
            if frame.vars is not NO_VARIABLES and not _is_small_object(frame.vars):
                return False
    return True


def without_nulls(exception: dict[str, Any]) -> dict[str, Any]:
    """Return a regular exception without the fields that are `null`, which is how SDKs say that they do not know."""
    for value in exception["values"]:
        _drop_nulls(value)
        for frame in value.get("stacktrace", NO_FRAMES)["frames"]:
            _drop_nulls(frame)
    return exception


def _drop_nulls(record: dict[str, Any]) -> None:
    if None in record.values():
        for key in [key for key, value in record.items() if value is None]:
            del record[key]


def _is_small_object(variables: msgspec.Raw) -> bool:
    """Return whether the bytes are an object too short for a long text or a deep tree: a look inside costs more."""
    text = bytes(variables)
    return len(text) <= VARIABLE and text[0] == OBJECT and text.count(b"[") + text.count(b"{") < MAX_DEPTH
