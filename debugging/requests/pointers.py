"""JSON Pointer: a place in a document. https://www.rfc-editor.org/rfc/rfc6901

Values in, values out: what changes a document returns a new one, which shares with the old what did not change.
"""

import re
from collections.abc import Sequence
from typing import Any

LONGEST, DEEPEST = 2000, 100
_INDEX = re.compile(r"0|[1-9][0-9]{0,8}")
_END = "-"
_BAD_TILDE = re.compile(r"~(?![01])")


class PointerError(Exception):
    """The pointer cannot be read, or leads nowhere. The text is for people."""


def tokens_of(pointer: object) -> list[str]:
    """Return the names on the way to a place; none: the whole document."""
    if not isinstance(pointer, str):
        raise PointerError("expected a JSON pointer, e.g. /legs/0/price")
    if pointer and not pointer.startswith("/"):
        raise PointerError("must be empty (the whole body) or begin with /")
    if _BAD_TILDE.search(pointer):
        raise PointerError("after ~ only 0 or 1 may stand")
    tokens = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if len(pointer) > LONGEST or len(tokens) > DEEPEST:
        raise PointerError("is too long")
    return tokens


def pointer_of(tokens: Sequence[object]) -> str:
    return "".join(f"/{str(token).replace('~', '~0').replace('/', '~1')}" for token in tokens)


def value_at(document: Any, tokens: Sequence[str]) -> Any:
    """Return what stands at the place. Raises `PointerError` where nothing does."""
    for depth, token in enumerate(tokens):
        document = document[_step(document, token, tokens[: depth + 1])]
    return document


def stands_in(document: Any, pointer: str) -> bool:
    """Return whether something, and not null, stands at the place."""
    try:
        return value_at(document, tokens_of(pointer)) is not None
    except PointerError:
        return False


def with_value(document: Any, tokens: Sequence[str], value: Any, *, inserts: bool) -> Any:
    """Return the document with `value` at the place. In a list it goes before what stands there, where it `inserts`,
    else in its place; `-` is the place behind the last. The place's parent must be there.
    """
    return _changed(document, tokens, 0, lambda parent, token, way: _put(parent, token, way, value, inserts=inserts))


def without_value(document: Any, tokens: Sequence[str]) -> Any:
    """Return the document without what stands at the place. Raises `PointerError` where nothing does."""
    return _changed(document, tokens, 0, _taken)


def _changed(node: Any, tokens: Sequence[str], depth: int, change: Any) -> Any:
    token, way = tokens[depth], tokens[: depth + 1]
    if depth == len(tokens) - 1:
        return change(node, token, way)
    key = _step(node, token, way)
    copy = node.copy()
    copy[key] = _changed(node[key], tokens, depth + 1, change)
    return copy


def _put(parent: Any, token: str, way: Sequence[str], value: Any, *, inserts: bool) -> Any:
    if isinstance(parent, dict):
        return {**parent, token: value}
    if not isinstance(parent, list):
        raise PointerError(f"{pointer_of(way[:-1]) or 'the body'} is no object and no list")
    is_end = token == _END or (_INDEX.fullmatch(token) is not None and int(token) == len(parent))
    place = len(parent) if is_end and inserts else _step(parent, token, way)
    return [*parent[:place], value, *parent[place + (0 if inserts else 1) :]]


def _taken(parent: Any, token: str, way: Sequence[str]) -> Any:
    copy = parent.copy() if isinstance(parent, dict | list) else parent
    del copy[_step(parent, token, way)]
    return copy


def _step(node: Any, token: str, way: Sequence[str]) -> Any:
    """Return the key or index that `token` names in `node`."""
    if isinstance(node, dict) and token in node:
        return token
    if isinstance(node, list) and _INDEX.fullmatch(token) and int(token) < len(node):
        return int(token)
    raise PointerError(f"there is nothing at {pointer_of(way)}")
