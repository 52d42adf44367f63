"""One axis of a matrix: a place in the request, and what is put there in turn. Values in, values out.

Places are named as removed ones are: "body /legs/0/price" (a JSON pointer), "header X-Desk", "query limit", "method",
"path"; "body account_id", as the steps of a session say it, is "body /account_id".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from debugging.requests.pointers import PointerError, pointer_of, tokens_of, value_at
from debugging.requests.shapes import WebRequest
from tradewatch.inbox.scrub.keys import kind_of
from tradewatch.inbox.scrub.walk import scrub_text

LONGEST_SHOWN = 40
HIDDEN = "•••"
_NAMED = {"header": "headers", "query": "query"}


class AxisFault(Exception):
    """The text is for people."""


@dataclass(frozen=True, slots=True)
class Axis:
    """`kind`: header, query, method, path or body. `name`: of the header or parameter; in a body its pointer."""

    kind: str
    name: str

    def modifications(self, value: Any, request: WebRequest) -> Mapping[str, Any]:
        """Return what puts `value` there, in the shape of `requests.modifying`. Raises `AxisFault`."""
        if self.kind in ("method", "path"):
            return {self.kind: value}
        if self.kind in _NAMED:
            return {_NAMED[self.kind]: {self.name: value}}
        if not self.name:
            return {"body": value}
        return {"patch": [{"op": _operation(self.name, request), "path": self.name, "value": value}]}

    def title(self, value: Any) -> str:
        """Return what is different, e.g. "account_id=acc-4"; a value that the name calls a secret is not shown."""
        name = self.name.removeprefix("/") if self.kind == "body" else self.name
        name = name or self.kind
        if value is None and self.kind in _NAMED:
            return f"without {name}"
        return f"{name}={shown(value, name.rpartition('/')[2])}"


def read_axis(place: str) -> Axis:
    """Raises `AxisFault`."""
    kind, _, name = place.strip().partition(" ")
    name = name.strip()
    if kind in ("method", "path") and not name:
        return Axis(kind, "")
    if kind in _NAMED and name:
        return Axis(kind, name)
    if kind != "body":
        raise AxisFault('expected "body /pointer", "header Name", "query name", "method" or "path"')
    try:
        return Axis(kind, name if name.startswith("/") or not name else pointer_of(tokens_of(f"/{name}")))
    except PointerError as fault:
        raise AxisFault(str(fault)) from None


def shown(value: Any, name: str = "") -> str:
    """Return a value for a title: short, and without secrets."""
    if name and kind_of(name) is not None:
        return HIDDEN
    text = scrub_text(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def _operation(pointer: str, request: WebRequest) -> str:
    """A member that is there is replaced: in a list `add` would put the value beside it."""
    if not request.is_json:
        raise AxisFault("the body is text: it has no places")
    try:
        tokens = tokens_of(pointer)
        parent = value_at(request.body, tokens[:-1])
        if isinstance(parent, dict):
            return "add"
        value_at(parent, tokens[-1:])
    except PointerError as fault:
        raise AxisFault(str(fault)) from None
    return "replace"
