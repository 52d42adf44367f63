"""Parts of an event that may be stored as they came, byte for byte: nothing in them needs cleaning or scrubbing.

Four parts make up most of an event. Of a stock SDK's each is nearly always in order: one typed pass (msgspec, in C)
says so, and the scrubber's one pass over the bytes that there is nothing to remove. What either refuses is not wrong,
only unusual, and goes the long way, that part alone. Limits are those of `stack` and `story`.

What such a part holds is less canonical by the fields that are `null`, and by moments written as text. `settled` makes
up for it when a document is read; `tests/errors/test_normalise_regular.py` holds the two ways together.
"""

# ruff: noqa: UP007  # unions made of types that are values do not go with `|`
import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any, Union

import msgspec
import orjson
from msgspec import Meta, defstruct

from tradewatch.errors.normalise.clock import epoch_seconds
from tradewatch.errors.normalise.decode import MAX_INTEGER, NUL
from tradewatch.errors.normalise.fields import MAX_ENTRIES, MAX_KEY
from tradewatch.errors.normalise.stack import LINE, MAX_FRAMES, MAX_VALUES, MESSAGE, NAME, VARIABLE
from tradewatch.errors.normalise.story import DATA, MAX_CRUMBS
from tradewatch.errors.normalise.story import NAME as CRUMB_NAME

AS_SENT = "_as_sent"  # the key under which a stored document names its parts that `settled` has to look at
LEVELS = 5
MILLISECONDS_FROM = 1e11
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
REPEATED_BYTES = 64 << 10
NO_FRAMES: dict[str, list[dict[str, Any]]] = {"frames": []}

IsClean = Callable[[str, bytes], bool]  # whether the JSON under a key holds nothing that scrubbing removes


def _text(limit: int) -> Any:
    return Annotated[str, Meta(max_length=limit)]


def _list(inner: Any, limit: int = MAX_ENTRIES) -> Any:
    return Annotated[list[inner], Meta(max_length=limit)]


def _object(inner: Any) -> Any:
    key: Any = _text(MAX_KEY)
    return Annotated[dict[key, inner], Meta(max_length=MAX_ENTRIES)]


_WHOLE = Annotated[int, Meta(ge=-MAX_INTEGER, le=MAX_INTEGER)]  # a longer one may be more than a reader takes


def _tree(limit: int) -> Any:
    """Return the type of any JSON, `LEVELS` deep at most, whose texts have up to `limit` characters."""
    leaf: Any = Union[None, bool, _WHOLE, float, _text(limit)]
    tree: Any = leaf
    for _ in range(LEVELS):
        tree = Union[leaf, _list(tree), _object(tree)]
    return tree


def _perhaps(inner: Any) -> tuple[Any, Any]:
    """Return type and default of a field that may be missing or `null`, which is how SDKs say that they do not know."""
    return Union[inner, None], None


def _record(name: str, **fields: Any) -> Any:
    """Return a type for an object with exactly these fields; a tuple is (type, default)."""
    shape = [(key, *(kind if isinstance(kind, tuple) else (kind,))) for key, kind in fields.items()]
    return defstruct(name, shape, forbid_unknown_fields=True, kw_only=True, gc=False)


_FRAME = _record(
    "Frame",
    in_app=bool,
    **dict.fromkeys(("filename", "abs_path", "module", "function"), _perhaps(_text(NAME))),
    **dict.fromkeys(("lineno", "colno"), _perhaps(_WHOLE)),
    context_line=_perhaps(_text(LINE)),
    **dict.fromkeys(("pre_context", "post_context"), _perhaps(_list(_text(LINE), 50))),
    vars=_perhaps(_object(_tree(VARIABLE))),
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
    timestamp=_perhaps(
        Union[Annotated[datetime, Meta(tz=True)], Annotated[float, Meta(ge=0, lt=MILLISECONDS_FROM)]],
    ),
    **dict.fromkeys(("type", "category", "level", "event_id"), _perhaps(_text(CRUMB_NAME))),
    message=_perhaps(_text(MESSAGE)),
    data=_perhaps(_object(_tree(DATA))),
)
_CRUMBS = _list(_CRUMB, MAX_CRUMBS)  # bare in JavaScript


def _decoder(kind: Any) -> Callable[[bytes], Any]:
    decode: Callable[[bytes], Any] = msgspec.json.Decoder(kind).decode
    return decode


_split = _decoder(dict[str, msgspec.Raw])
_exceptions = _decoder(_record("Exceptions", values=_list(_VALUE, MAX_VALUES)))
_crumbs = _decoder(Union[_CRUMBS, _record("Crumbs", values=_CRUMBS)])
_extra = _decoder(_object(_tree(MESSAGE)))
_modules = _decoder(_object(_text(NAME)))


@dataclass(frozen=True, slots=True)
class Kept:
    """`parts` as they go into the stored document; `outline`: of the exceptions, what grouping and facts read."""

    parts: Mapping[str, orjson.Fragment] = field(default_factory=dict)
    outline: dict[str, Any] | None = None


NOTHING_KEPT = Kept()


def keep_regular(raw: bytes, is_clean: IsClean) -> tuple[dict[str, Any], Kept] | None:
    """Return the rest of the event in `raw`, decoded, and its parts that are kept. None: decode it as a whole."""
    if NUL.search(raw):
        return None
    try:
        rest = _split(raw)
        if len(rest) > MAX_ENTRIES:
            return None
        parts, outline = {}, None
        for key, check in _CHECKS.items():
            part = bytes(rest.get(key, b""))
            if part and (seen := _passed(check, key, part, is_clean)):
                parts[key] = orjson.Fragment(part)
                outline = outline or (seen if key == "exception" else None)
                del rest[key]
        return {key: orjson.loads(memoryview(value)) for key, value in rest.items()}, Kept(parts, outline)
    except (msgspec.DecodeError, orjson.JSONDecodeError, UnicodeDecodeError, RecursionError):
        return None


def with_kept(document: dict[str, Any], kept: Kept) -> dict[str, Any]:
    """Return `document` with the parts that were kept, for writing with orjson."""
    return {**document, **kept.parts, AS_SENT: list(kept.parts)} if kept.parts else document


def settled(document: dict[str, Any]) -> dict[str, Any]:
    """Return a stored document in its canonical shape; in place."""
    as_sent = document.pop(AS_SENT, ())
    if "exception" in as_sent:
        _settle_exception(document["exception"])
    if "breadcrumbs" in as_sent:
        document["breadcrumbs"] = _settled_breadcrumbs(document["breadcrumbs"])
    return document


def _passed(check: "Check", key: str, part: bytes, is_clean: IsClean) -> Any:
    """Return what the part's check made of it, something false when the part cannot stay as it is."""
    try:
        return check(key, part, is_clean)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


Check = Callable[[str, bytes, IsClean], Any]


def _check_exception(key: str, part: bytes, is_clean: IsClean) -> dict[str, Any] | None:
    values = _exceptions(part).values
    if not all(value.type or value.value or value.stacktrace for value in values):
        return None
    return {"values": [_outline(value) for value in values]} if is_clean(key, part) else None


def _outline(value: Any) -> dict[str, Any]:
    frames = value.stacktrace.frames if value.stacktrace else ()
    return {
        "type": value.type,
        "value": value.value,
        "module": value.module,
        "stacktrace": {
            "frames": [
                {
                    "module": frame.module,
                    "function": frame.function,
                    "filename": frame.filename,
                    "context_line": frame.context_line,
                    "in_app": frame.in_app,
                }
                for frame in frames
            ]
        },
    }


def _check_breadcrumbs(key: str, part: bytes, is_clean: IsClean) -> bool:
    found = _crumbs(part)
    for crumb in found if type(found) is list else found.values:
        if type(crumb.timestamp) is datetime and crumb.timestamp < EPOCH:
            return False
    return is_clean(key, part)


def _check_extra(key: str, part: bytes, is_clean: IsClean) -> bool:
    _extra(part)
    return is_clean(key, part)


def _check_modules(key: str, part: bytes, is_clean: IsClean) -> bool:
    if len(part) <= REPEATED_BYTES:
        return _known_modules(part, is_clean)
    _modules(part)
    return is_clean(key, part)


@functools.lru_cache(maxsize=64)
def _known_modules(part: bytes, is_clean: IsClean) -> bool:
    """Cached: every event of a process brings the same list."""
    _modules(part)
    return is_clean("modules", part)


_CHECKS: dict[str, Check] = {
    "exception": _check_exception,
    "breadcrumbs": _check_breadcrumbs,
    "extra": _check_extra,
    "modules": _check_modules,
}


def _settle_exception(exception: dict[str, Any]) -> None:
    for value in exception["values"]:
        _drop_nulls(value)
        for frame in value.get("stacktrace", NO_FRAMES)["frames"]:
            _drop_nulls(frame)


def _settled_breadcrumbs(sent: Any) -> dict[str, Any]:
    crumbs = sent if type(sent) is list else sent["values"]
    for crumb in crumbs:
        _drop_nulls(crumb)
        if "timestamp" in crumb:
            crumb["timestamp"] = epoch_seconds(crumb["timestamp"])
    return {"values": crumbs}


def _drop_nulls(record: dict[str, Any]) -> None:
    if None in record.values():
        for key in [key for key, value in record.items() if value is None]:
            del record[key]
