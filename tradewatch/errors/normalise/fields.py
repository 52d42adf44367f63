"""Cleaning of single fields: the right type or gone with a reason, texts cut, trees bounded.

Everything works in place and touches only what is wrong: almost every field of almost every event is right.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from tradewatch.errors.normalise.decode import MAX_DEPTH, MAX_INTEGER, TOO_DEEP
from tradewatch.inbox.scrub import scrub_text

CUT = " [cut]"
MAX_FAULTS = 50
MAX_ENTRIES = 1000  # of one list or object
MAX_KEY = 200

_WHOLE_NUMBER = re.compile(r"\s*-?[0-9]{1,18}\s*")

Path = tuple[Any, ...] | None  # (path of the parent, key): joined only when a fault needs it
Clean = Callable[[Any, "Context"], Any]


class MisfitError(Exception):
    """A value that its field cannot hold; the text is the reason, without the value."""


class Context:
    """Where cleaning is, and what it found wrong."""

    __slots__ = ("drift_seconds", "faults", "path")

    def __init__(self, drift_seconds: float = 0.0) -> None:
        self.path: Path = None
        self.faults: list[dict[str, str]] = []
        self.drift_seconds = drift_seconds

    def note(self, key: object, reason: str) -> None:
        """Add one fault at `key` below the current path."""
        if len(self.faults) < MAX_FAULTS:
            self.faults.append({"path": _joined((self.path, key)), "reason": reason})


def _joined(path: Path) -> str:
    keys: list[str] = []
    while path is not None:
        path, key = path
        keys.append(str(key)[:MAX_KEY])
    return ".".join(reversed(keys))


class Field(NamedTuple):
    """`kind`: the type that needs no cleaning, when (for texts) not longer than `limit`; everything else: `clean`."""

    kind: type[Any] | None
    limit: int | None
    clean: Clean


Shape = Mapping[str, Field]


def clean_record(record: dict[str, Any], shape: Shape, rest: Field, context: Context) -> None:
    """Bring each field of `record` into its shape; `null`, absurdly long keys and what does not fit leave it."""
    gone = []
    outer = context.path
    for key, value in record.items():
        kind, limit, clean = shape.get(key) or rest
        if type(value) is kind and (limit is None or len(value) <= limit):
            continue
        if value is None or len(key) > MAX_KEY:
            gone.append(key)
            continue
        context.path = (outer, key)
        try:
            record[key] = clean(value, context)
        except MisfitError as misfit:
            gone.append(key)
            context.path = outer
            context.note(key, str(misfit))
    context.path = outer
    for key in gone:
        del record[key]


def clean_tree(value: Any, limit: int, depth: int = 0) -> Any:
    """Return `value` with long texts cut, long lists and objects shortened and deep nesting replaced; in place."""
    kind = type(value)
    if kind is dict:
        return _clean_object(value, limit, depth)
    if kind is list:
        return _clean_list(value, limit, depth)
    return cut(value, limit) if kind is str and len(value) > limit else value


def _clean_object(tree: dict[str, Any], limit: int, depth: int) -> Any:
    if depth >= MAX_DEPTH:
        return TOO_DEEP
    if len(tree) > MAX_ENTRIES:
        for key in list(tree)[MAX_ENTRIES:]:
            del tree[key]
    for key, child in tree.items():
        kind = type(child)
        if kind is str:
            if len(child) > limit:
                tree[key] = cut(child, limit)
        elif kind is dict:
            tree[key] = _clean_object(child, limit, depth + 1)
        elif kind is list:
            tree[key] = _clean_list(child, limit, depth + 1)
    return tree


def _clean_list(tree: list[Any], limit: int, depth: int) -> Any:
    if depth >= MAX_DEPTH:
        return TOO_DEEP
    if len(tree) > MAX_ENTRIES:
        tree[MAX_ENTRIES - 1 :] = [f"[cut: {len(tree) - MAX_ENTRIES + 1} more]"]
    for index, child in enumerate(tree):
        kind = type(child)
        if kind is str:
            if len(child) > limit:
                tree[index] = cut(child, limit)
        elif kind is dict:
            tree[index] = _clean_object(child, limit, depth + 1)
        elif kind is list:
            tree[index] = _clean_list(child, limit, depth + 1)
    return tree


def cut(text: str, limit: int) -> str:
    """Return at most `limit` characters, the end marked. Scrubbed first: half a secret is hard to recognise."""
    if len(text) <= limit:
        return text
    return scrub_text(text[: 2 * limit + 4096])[: limit - len(CUT)] + CUT


def as_text(value: Any, limit: int) -> str:
    """Return text for a text, number or boolean. Raises MisfitError for the rest."""
    kind = type(value)
    if kind is str:
        return cut(value, limit)
    if kind is bool:
        return "true" if value else "false"
    if kind is int or kind is float:
        return str(value)
    raise MisfitError("not text")


def text_field(limit: int) -> Field:
    """Return a field for text of up to `limit` characters; numbers and booleans become text."""
    return Field(str, limit, lambda value, context: as_text(value, limit))


def tree_field(limit: int, *, is_object: bool = False) -> Field:
    """Return a field for any JSON (or only for an object) whose texts have up to `limit` characters."""

    def clean(value: Any, context: Context) -> Any:
        return clean_tree(value, limit)

    def clean_object(value: Any, context: Context) -> Any:
        if type(value) is not dict:
            raise MisfitError("not an object")
        return _clean_object(value, limit, 0)

    return Field(None, None, clean_object if is_object else clean)


def _integer(value: Any, context: Context) -> int:
    if type(value) is float and value.is_integer() and abs(value) <= MAX_INTEGER:
        return int(value)
    if type(value) is str and _WHOLE_NUMBER.fullmatch(value):
        return int(value)
    raise MisfitError("not a whole number")


def _flag(value: Any, context: Context) -> bool:
    if value in (0, 1):
        return bool(value)
    if type(value) is str and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise MisfitError("not true or false")


INTEGER = Field(int, None, _integer)
FLAG = Field(bool, None, _flag)


def listed(value: Any) -> list[Any]:
    """Return the list in `{"values": [...]}`, in a bare list, or of one bare object. Raises MisfitError."""
    if type(value) is dict:
        value = value.get("values", [value])
    if value is None:
        return []
    if type(value) is dict:
        return [value]
    if type(value) is not list:
        raise MisfitError("not a list")
    return value


def as_pairs(value: Any) -> list[tuple[str, Any]]:
    """Return (name, value) from an object, a list of pairs, or of {"key"|"name", "value"}. Raises MisfitError."""
    if type(value) is dict:
        return list(value.items())
    if type(value) is not list:
        raise MisfitError("neither an object nor a list of pairs")
    pairs = []
    for entry in value:
        if type(entry) is list and len(entry) == 2 and type(entry[0]) in (str, int):
            pairs.append((str(entry[0]), entry[1]))
        elif type(entry) is dict and type(name := entry.get("key", entry.get("name"))) is str:
            pairs.append((name, entry.get("value")))
    return pairs
