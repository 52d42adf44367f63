"""JSON Patch: a document changed by a list of operations. https://www.rfc-editor.org/rfc/rfc6902

Written here because it is short on top of `pointers`, and because a refusal has to name the operation and its member.
"""

from collections.abc import Callable, Mapping
from typing import Any

from debugging.requests.pointers import PointerError, tokens_of, value_at, with_value, without_value

MOST_OPERATIONS = 200
_NEEDS = {"add": "value", "replace": "value", "test": "value", "move": "from", "copy": "from", "remove": None}
Operation = Mapping[str, Any]


class PatchError(Exception):
    """`member` of operation number `at` is wrong ("" : the operation itself, or the list). The text is for people."""

    def __init__(self, at: int | None, member: str, text: str) -> None:
        super().__init__(text)
        self.at, self.member, self.text = at, member, text

    @property
    def path(self) -> str:
        """E.g. "2.path", within the patch."""
        return ".".join(str(part) for part in (self.at, self.member) if part not in (None, ""))


def patched(document: Any, operations: Any) -> Any:
    """Return a changed copy; all operations or none. Raises `PatchError`."""
    if not isinstance(operations, list):
        raise PatchError(None, "", "expected a list of operations (RFC 6902)")
    if len(operations) > MOST_OPERATIONS:
        raise PatchError(None, "", f"at most {MOST_OPERATIONS} operations")
    for at, operation in enumerate(operations):
        document = _applied(document, _checked(operation, at), at)
    return document


def _checked(operation: Any, at: int) -> Operation:
    if not isinstance(operation, dict):
        raise PatchError(at, "", "expected an object with op and path")
    op = operation.get("op")
    if not isinstance(op, str) or op not in _NEEDS:
        raise PatchError(at, "op", f"expected one of {', '.join(_NEEDS)}")
    for member in ("path", _NEEDS[op]):
        if member and member not in operation:
            raise PatchError(at, member, "is missing")
    return operation


def _applied(document: Any, operation: Operation, at: int) -> Any:
    path = _at(at, "path", lambda: tokens_of(operation["path"]))
    match operation["op"]:
        case "add":
            return _added(document, path, operation["value"], at)
        case "remove":
            return _removed(document, path, at, "path")
        case "replace":
            _at(at, "path", lambda: value_at(document, path))
            return _replaced(document, path, operation["value"])
        case "test":
            if not same(_at(at, "path", lambda: value_at(document, path)), operation["value"]):
                raise PatchError(at, "value", "is not what stands there: the test failed")
            return document
    origin = _at(at, "from", lambda: tokens_of(operation["from"]))
    value = _at(at, "from", lambda: value_at(document, origin))
    if operation["op"] == "copy":
        return _added(document, path, value, at)
    if path == origin:
        return document
    if path[: len(origin)] == origin:
        raise PatchError(at, "path", "is inside of what is moved")
    return _added(_removed(document, origin, at, "from"), path, value, at)


def _added(document: Any, path: list[str], value: Any, at: int) -> Any:
    return _at(at, "path", lambda: with_value(document, path, value, inserts=True)) if path else value


def _replaced(document: Any, path: list[str], value: Any) -> Any:
    return with_value(document, path, value, inserts=False) if path else value


def _removed(document: Any, path: list[str], at: int, member: str) -> Any:
    if not path:
        raise PatchError(at, member, "the whole body cannot be removed: give it as body: null")
    return _at(at, member, lambda: without_value(document, path))


def _at(at: int, member: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except PointerError as fault:
        raise PatchError(at, member, str(fault)) from None


def same(one: Any, other: Any) -> bool:
    """Return whether two JSON values are equal (RFC 6902, 4.6): true is not 1, 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)
