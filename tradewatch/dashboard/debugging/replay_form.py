"""The form in which a request is changed before it is sent again: texts on the page, the difference to the services.

Query and headers stand one a line (`name=value`, `Name: value`), as people write and paste them. Only what differs from
the captured request becomes a modification: what nobody touched stays as it was captured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from debugging.requests.shapes import Pairs, WebRequest
from tradewatch.core.faults import Invalid
from tradewatch.dashboard.debugging.previews import fitting_length

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SHOWN_BYTES = {"query": 3_000, "headers": 5_000, "body": 14_000}  # as HTML; what is longer is left out of the form
FIELDS = ("method", "path", "query", "headers", "body")


@dataclass(frozen=True, slots=True)
class ReplayForm:
    """The texts of the fields. `kept`: those of the captured request too long to be shown; empty means them."""

    method: str
    path: str
    query: str
    headers: str
    body: str
    kept: frozenset[str] = frozenset()


def form_of(request: WebRequest) -> ReplayForm:
    texts = {
        "query": "\n".join(f"{name}={value}" for name, value in request.query),
        "headers": "\n".join(f"{name}: {value}" for name, value in request.headers),
        "body": body_text(request),
    }
    kept = frozenset(name for name, text in texts.items() if fitting_length(text, SHOWN_BYTES[name]) < len(text))
    shown = {name: "" if name in kept else text for name, text in texts.items()}
    return ReplayForm(request.method, request.path, **shown, kept=kept)


def read_form(sent: Mapping[str, str], *, kept: frozenset[str]) -> ReplayForm:
    texts = {name: sent.get(name, "").replace("\r\n", "\n") for name in FIELDS}
    return ReplayForm(**texts, kept=kept)


def body_text(request: WebRequest) -> str:
    if request.body is None:
        return ""
    if not request.is_json:
        return str(request.body)
    return orjson.dumps(request.body, option=orjson.OPT_INDENT_2).decode()


def modifications_of(captured: WebRequest, form: ReplayForm) -> dict[str, Any]:
    """Return what the form changed, as `requests.modifying` takes it. Raises `Invalid` with the fields at fault."""
    before, found, errors = form_of(captured), {}, {}
    for name, read in _READERS.items():
        if getattr(form, name).strip() == getattr(before, name).strip():
            continue
        try:
            change = read(captured, getattr(form, name))
        except ValueError as fault:
            errors[name] = [str(fault)]
            continue
        if change != _SAME:
            found[name] = change
    if errors:
        raise Invalid("the request cannot be sent like this", errors=errors)
    return found


def lines_as_pairs(text: str, separator: str) -> Pairs:
    """Return the pairs of the lines that are not empty. Raises `ValueError` that names the line."""
    pairs = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, found, value = line.partition(separator)
        if not found or not name.strip():
            raise ValueError(f"line {number}: expected name{separator}value")
        pairs.append((name.strip(), value.strip()))
    return tuple(pairs)


def read_json(text: str) -> Any:
    """Raises `ValueError` with line and column."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        raise ValueError(f"is no JSON: {fault.msg} at line {fault.lineno}, column {fault.colno}") from fault


_SAME = object()


def _method(captured: WebRequest, text: str) -> Any:
    method = text.strip().upper()
    if method not in METHODS:
        raise ValueError(f"expected one of {', '.join(METHODS)}")
    return method


def _path(captured: WebRequest, text: str) -> Any:
    path = text.strip()
    if not path.startswith("/"):
        raise ValueError("begins with a slash: the host is the target's")
    return path


def _query(captured: WebRequest, text: str) -> Any:
    return changed_pairs(captured.query, lines_as_pairs(text, "="), fold=str) or _SAME


def _headers(captured: WebRequest, text: str) -> Any:
    """A header that stands twice is one with both values (RFC 9110, 5.3)."""
    changed = changed_pairs(captured.headers, lines_as_pairs(text, ":"), fold=str.lower)
    return {name: ", ".join(value) if isinstance(value, list) else value for name, value in changed.items()} or _SAME


def _body(captured: WebRequest, text: str) -> Any:
    if not text.strip():
        return None
    is_json = captured.is_json and (captured.body is not None or text.lstrip()[0] in "{[")
    value = read_json(text) if is_json else text
    return _SAME if _canonical(value) == _canonical(captured.body) else value


def _canonical(value: Any) -> bytes:
    """Python holds `1 == True`; a request does not."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def changed_pairs(before: Pairs, after: Pairs, *, fold: Any) -> dict[str, Any]:
    """Return {name: its new value, its new values, or None where it is gone}. `fold` makes names comparable."""
    old, new = _by_name(before, fold), _by_name(after, fold)
    changed: dict[str, Any] = {}
    for key, (name, values) in new.items():
        if key not in old or old[key][1] != values:
            changed[name] = values[0] if len(values) == 1 else values
    return changed | {name: None for key, (name, _) in old.items() if key not in new}


def _by_name(pairs: Sequence[tuple[str, str]], fold: Any) -> dict[str, tuple[str, list[str]]]:
    found: dict[str, tuple[str, list[str]]] = {}
    for name, value in pairs:
        found.setdefault(fold(name), (name, []))[1].append(value)
    return found


_READERS = {"method": _method, "path": _path, "query": _query, "headers": _headers, "body": _body}
