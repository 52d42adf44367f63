"""A request as a tree of which parts can be taken away. Values in, values out: no tree is ever changed."""

import hashlib
import json
from collections.abc import Iterator, Set
from typing import Any

from debugging.requests.shapes import WebRequest

Path = tuple[str | int, ...]
Tree = dict[str, Any]  # {"headers": [[name, value]], "query": [[name, value]], "body": a JSON value or text}

HEADERS, QUERY, BODY = "headers", "query", "body"
# Without them the target cannot read what is left: that it then fails says nothing.
KEPT_HEADERS = frozenset({"content-type", "content-encoding", "host"})


def tree_of(request: WebRequest) -> Tree:
    return {
        HEADERS: [list(pair) for pair in request.headers],
        QUERY: [list(pair) for pair in request.query],
        BODY: request.body,
    }


def modifications_of(tree: Tree, request: WebRequest) -> dict[str, Any]:
    """Return what makes of `request` what `tree` says, in the shape of `requests.modifying`. Only what is different."""
    whole = tree_of(request)
    found: dict[str, Any] = {}
    for name in dict(whole[QUERY]):
        values = [value for each, value in tree[QUERY] if each == name]
        if values != [value for each, value in whole[QUERY] if each == name]:
            found.setdefault(QUERY, {})[name] = values or None
    left = dict(tree[HEADERS])
    gone: dict[str, Any] = {name: None for name, _ in whole[HEADERS] if name not in left}
    if gone:
        found[HEADERS] = gone
    if _text(tree[BODY]) != _text(whole[BODY]):
        found[BODY] = tree[BODY]
    return found


def key_of(tree: Tree) -> str:
    """Return what a tree is known by: the same for those that are sent as the same bytes, and short."""
    return hashlib.blake2b(_text(tree).encode(), digest_size=16).hexdigest()


def body_bytes(body: Any) -> int:
    """Return the length of a body as it is sent; 0 without one."""
    if body is None:
        return 0
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    return len(text.encode("utf-8", "replace"))


def removable(tree: Tree, part: str, depth: int) -> list[Path]:
    """Return the paths of what can be taken out of a part, `depth` levels into it (1: its own members)."""
    if part == BODY:
        return [path for path, _ in nodes(tree[BODY], (BODY,)) if len(path) == depth + 1]
    if depth > 1:
        return []
    names = [name.lower() for name, _ in tree[part]]
    can_go = [part == QUERY or (name not in KEPT_HEADERS and names.count(name) == 1) for name in names]
    return [(part, place) for place, can in enumerate(can_go) if can]


def nodes(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield everything inside a value with its path, a container before what it holds. Not the value itself."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (*path, key), inner
        yield from nodes(inner, (*path, key))


def without(tree: Tree, paths: Set[Path]) -> Tree:
    """Return the tree without what is at these paths, all of which are there."""
    found: Tree = _without(tree, (), paths)
    return found


def replaced(tree: Tree, path: Path, value: Any) -> Tree:
    found: Tree = _replaced(tree, path, value)
    return found


def _text(value: Any) -> str:
    """Of JSON's own equality: true is not 1."""
    return json.dumps(value, separators=(",", ":"))


def _without(value: Any, path: Path, gone: Set[Path]) -> Any:
    if isinstance(value, dict):
        return {key: _without(each, (*path, key), gone) for key, each in value.items() if (*path, key) not in gone}
    if isinstance(value, list):
        return [_without(each, (*path, key), gone) for key, each in enumerate(value) if (*path, key) not in gone]
    return value


def _replaced(value: Any, path: Path, new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, dict):
        return {key: _replaced(each, path[1:], new) if key == path[0] else each for key, each in value.items()}
    return [_replaced(each, path[1:], new) if key == path[0] else each for key, each in enumerate(value)]
