"""A captured request changed as somebody asks. Values in, values out.

    {"method"?, "path"?, "query"?: {name: value, list of values, or null: without}, "headers"?: {name: value or null},
     "body"?: the whole one: an object or a list as JSON or as the form that the Content-Type says, a text as it is,
     null: none; or "patch"?: [RFC 6902 operations on the body]}

Nothing said changes nothing. What is put back counts as removed no more.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import orjson

from debugging.requests.headers import MOST_HEADERS, fault_in_header, with_header, without_header
from debugging.requests.patching import PatchError, patched
from debugging.requests.pointers import stands_in
from debugging.requests.shapes import Pairs, WebRequest
from tradewatch.core.faults import Invalid

KEYS = ("method", "path", "query", "headers", "body", "patch")
LONGEST_PATH, MOST_PAIRS, MOST_BODY_BYTES = 8000, 500, 1 << 20
_METHOD = re.compile(r"[A-Z][A-Z-]{0,19}")
_NOT_SENT = ("CONNECT", "TRACE")  # they speak of the connection, not of a resource
_NOT_IN_A_PATH = re.compile(r"[\x00-\x20\x7f?#\\]")
Errors = dict[str, list[str]]


def modified(request: WebRequest, modifications: Mapping[str, Any] | None) -> WebRequest:
    """Return the changed request. Raises `Invalid` by field: "modifications.patch.2.path"."""
    said = {} if modifications is None else modifications
    if not isinstance(said, Mapping):
        raise _invalid({"": ["expected an object"]})
    if not _is_json(said):
        raise _invalid({"": ["cannot be written as JSON: lone surrogates, numbers beyond 64 bits, or nested too deep"]})
    errors: Errors = {str(name): [f"is not known: {', '.join(KEYS)} are"] for name in said if name not in KEYS}
    if "body" in said and said.get("patch") is not None:
        errors["patch"] = ["the body is given whole: change it there"]
    method = _method(said.get("method"), request.method, errors)
    path = _path(said.get("path"), request.path, errors)
    query = _query(said.get("query"), request.query, errors)
    headers = _headers(said.get("headers"), request.headers, errors)
    body, is_json = _body(said, request, errors)
    if errors:
        raise _invalid(errors)
    changed = replace(request, method=method, path=path, query=query, headers=headers, body=body, is_json=is_json)
    return replace(changed, removed=tuple(each for each in request.removed if not _is_back(each, said, changed)))


def named_places(modifications: Mapping[str, Any]) -> frozenset[tuple[str, str]]:
    """Return the places that they speak of: ("header", "authorization"), ("query", "token"), ("body", "/pin").

    What somebody puts or leaves out there is meant so: no secret of a target goes in its stead.
    """
    headers = {("header", name.lower()) for name in _names(modifications.get("headers"))}
    cookies = _cookie_names(modifications.get("headers"))
    query = {("query", name) for name in _names(modifications.get("query"))}
    patch = modifications.get("patch")
    paths = {("body", each["path"]) for each in (patch if isinstance(patch, list) else []) if "path" in each}
    return frozenset(headers | cookies | query | paths)


def fault_in_path(path: str) -> str:
    """Return why a path is not put behind a target's address; empty when it may be."""
    if not path.startswith("/"):
        return "must begin with /"
    if _NOT_IN_A_PATH.search(path):
        return "is a path alone, percent-encoded: no spaces, ?, # or backslashes"
    if any(part in (".", "..") for part in re.split(r"[/\\]", unquote(path))):
        return "must not lead upwards (..)"
    return f"is longer than {LONGEST_PATH:,} characters" if len(path) > LONGEST_PATH else ""


def fault_in_method(method: str) -> str:
    if not _METHOD.fullmatch(method):
        return "is no method, e.g. POST"
    return f"{method} is not sent" if method in _NOT_SENT else ""


def _invalid(errors: Errors) -> Invalid:
    named = {f"modifications.{name}" if name else "modifications": texts for name, texts in errors.items()}
    return Invalid("bad modifications", errors=named)


def _method(said: Any, method: str, errors: Errors) -> str:
    if said is None:
        return method
    text = said.strip().upper() if isinstance(said, str) else ""
    if fault := fault_in_method(text):
        errors["method"] = [fault]
    return text


def _path(said: Any, path: str, errors: Errors) -> str:
    if said is None:
        return path
    if fault := fault_in_path(said) if isinstance(said, str) else "expected text":
        errors["path"] = [fault]
    return said if isinstance(said, str) else path


def _query(said: Any, query: Pairs, errors: Errors) -> Pairs:
    for name, value in _object(said, "query", errors).items():
        values = value if isinstance(value, list) else [] if value is None else [value]
        if not all(isinstance(each, str | int | float | bool) for each in values):
            errors[f"query.{name}"] = ["expected a text, number or boolean, a list of them, or null"]
            continue
        at = next((place for place, (each, _) in enumerate(query) if each == name), len(query))
        rest = tuple(pair for pair in query if pair[0] != name)
        query = (*rest[:at], *((name, _word(each)) for each in values), *rest[at:])
    if len(query) > MOST_PAIRS:
        errors["query"] = [f"at most {MOST_PAIRS} parameters"]
    return query


def _headers(said: Any, headers: Pairs, errors: Errors) -> Pairs:
    named: set[str] = set()
    for name, value in _object(said, "headers", errors).items():
        if name.lower() in named:
            errors[f"headers.{name}"] = ["is named twice"]
            continue
        named.add(name.lower())
        if value is None:
            headers = without_header(headers, name)
            continue
        if not isinstance(value, str | int | float | bool):
            errors[f"headers.{name}"] = ["expected a text, or null"]
        elif fault := fault_in_header(name, _word(value)):
            errors[f"headers.{name}"] = [fault]
        else:
            headers = with_header(headers, name, _word(value))
    if len(headers) > MOST_HEADERS:
        errors["headers"] = [f"at most {MOST_HEADERS} headers"]
    return headers


def _body(said: Mapping[str, Any], request: WebRequest, errors: Errors) -> tuple[Any, bool]:
    if "body" in said:
        _check_size(said["body"], "body", errors)
        return said["body"], not isinstance(said["body"], str)
    if said.get("patch") is None:
        return request.body, request.is_json
    if not request.is_json:
        errors["patch"] = ["the body is text: give it whole"]
        return request.body, request.is_json
    try:
        body = patched(request.body, said["patch"])
    except PatchError as fault:
        errors[f"patch.{fault.path}".rstrip(".")] = [fault.text]
        return request.body, True
    _check_size(body, "patch", errors)
    return body, not isinstance(body, str)


def _check_size(body: Any, name: str, errors: Errors) -> None:
    length = len(body.encode() if isinstance(body, str) else orjson.dumps(body))
    if length > MOST_BODY_BYTES:
        errors[name] = [f"is larger than {MOST_BODY_BYTES >> 10} KiB"]


def _is_json(said: Mapping[str, Any]) -> bool:
    try:
        orjson.dumps(dict(said))
    except (TypeError, ValueError, RecursionError):  # what orjson raises is both of these
        return False
    return True


def _object(said: Any, name: str, errors: Errors) -> Mapping[str, Any]:
    if said is None:
        return {}
    if not isinstance(said, Mapping):
        errors[name] = ["expected an object"]
        return {}
    return {str(each): value for each, value in said.items()}


def _word(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _is_back(removed: str, said: Mapping[str, Any], changed: WebRequest) -> bool:
    """Return whether what was removed was put back, or left out on purpose."""
    kind, _, name = removed.partition(" ")
    match kind:
        case "path":
            return said.get("path") is not None
        case "query":
            return name in _names(said.get("query"))
        case "header":
            return name.lower() in {each.lower() for each in _names(said.get("headers"))}
        case "cookie":
            return "cookie" in {each.lower() for each in _names(said.get("headers"))}
    return "body" in said or (bool(name) and said.get("patch") is not None and stands_in(changed.body, name))


def _cookie_names(headers: Any) -> set[tuple[str, str]]:
    said = next((headers[name] for name in _names(headers) if name.lower() == "cookie"), None)
    return {("cookie", part.strip().partition("=")[0]) for part in str(said or "").split(";") if part.strip()}


def _names(said: Any) -> Sequence[str]:
    return list(said) if isinstance(said, Mapping) else []
