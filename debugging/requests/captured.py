"""The request of a stored error, as it can be sent again. Values in, values out.

What an SDK or scrubbing took out is left out and named in `removed`: a marker is sent to nobody as if it were a value.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from debugging.requests.encoding import FORM, content_type_of
from debugging.requests.headers import DROPPED, fault_in_header, header_of
from debugging.requests.pointers import pointer_of
from debugging.requests.shapes import Pairs, WebRequest
from tradewatch.core.faults import Invalid
from tradewatch.core.shapes import mapping, pairs_of, text_of

LONGEST_TEXT, DEEPEST = 1 << 20, 100
# What scrubbing, normalising and SDKs leave in place of what they took.
_GONE = re.compile(r"\[removed(?:: ?[^\]]{1,40})?\]|\[Filtered\]|\[cut(?:: [^\]]{1,40})?\]")
# Stock SDKs send these empty when they may not send them at all.
_SENSITIVE = frozenset(
    ("authorization", "cookie", "set-cookie", "proxy-authorization", "x-api-key", "x-forwarded-for", "x-real-ip")
)


def captured_request(document: Mapping[str, Any]) -> WebRequest:
    """Return the request of a stored document (the shape of `errors.normalise`). Raises `Invalid` where it has none."""
    said = mapping(document.get("request"))
    url = text_of(said.get("url"), LONGEST_TEXT)
    if not said or not (url or said.get("method")):
        raise Invalid("the error came without a request: there is nothing to send again")
    path, query_of_url = _split(url)
    removed: list[str] = []
    headers = tuple(_headers(said.get("headers"), removed))
    body, is_json = _body(said, headers, removed)
    method = text_of(said.get("method"), 20).strip().upper() or ("GET" if body is None else "POST")
    query = tuple(_query(said.get("query_string") or query_of_url, removed))
    cookies = "; ".join(f"{name}={value}" for name, value in _cookies(said, removed))
    if cookies:
        headers = (*(pair for pair in headers if pair[0].lower() != "cookie"), ("Cookie", cookies))
    if _GONE.search(unquote(path)):
        removed.append("path")
    return WebRequest(method, path, query, headers, body, is_json, tuple(dict.fromkeys(removed)))


def is_gone(value: object) -> bool:
    """Return whether a value, or a part of it, is a marker of what was taken out."""
    return isinstance(value, str) and _GONE.search(value) is not None


def _split(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "/", ""
    path = parts.path if parts.path.startswith("/") else f"/{parts.path}"
    return path, parts.query


def _headers(said: object, removed: list[str]) -> Iterator[tuple[str, str]]:
    for name, value in pairs_of(said):
        text = text_of(value, LONGEST_TEXT)
        if name.lower() in DROPPED:
            continue
        if is_gone(text) or fault_in_header(name, text) or (not text and name.lower() in _SENSITIVE):
            removed.append(f"header {name}")
        else:
            yield name, text


def _query(said: object, removed: list[str]) -> Iterator[tuple[str, str]]:
    """As normalised it is text; an SDK's pairs and objects are read too."""
    text = isinstance(said, str)
    pairs = parse_qsl(str(said).removeprefix("?"), keep_blank_values=True) if text else pairs_of(said)
    for name, values in pairs:
        for value in values if isinstance(values, list) else [values]:
            if is_gone(value) or is_gone(name):
                removed.append(f"query {name}")
            else:
                yield name, text_of(value, LONGEST_TEXT)


def _cookies(said: Mapping[str, Any], removed: list[str]) -> Iterator[tuple[str, str]]:
    for name, value in pairs_of(said.get("cookies")):
        text = text_of(value, LONGEST_TEXT)
        if not text or is_gone(text) or fault_in_header("Cookie", f"{name}={text}"):
            removed.append(f"cookie {name}")
        else:
            yield name, text


def _body(said: Mapping[str, Any], headers: Pairs, removed: list[str]) -> tuple[Any, bool]:
    data = said.get("data")
    if data in (None, "", [], {}):
        length = header_of([(name, text_of(value)) for name, value in pairs_of(said.get("headers"))], "Content-Length")
        if length.strip().isdigit() and int(length[:12]) > (len(orjson.dumps(data)) if data in ([], {}) else 0):
            removed.append("body")  # there was one, and the SDK does not say what
        return (data, True) if data in ([], {}) else (None, True)
    if isinstance(data, str):
        return _text(data, headers, removed)
    return _without_gone(data, (), removed), True


def _text(data: str, headers: Pairs, removed: list[str]) -> tuple[Any, bool]:
    """A text of JSON or of a form becomes what it says, so that a part of it can be changed or has gone."""
    try:
        parsed = orjson.loads(data)
    except orjson.JSONDecodeError:
        parsed = None
    if isinstance(parsed, dict | list):
        return _without_gone(parsed, (), removed), True
    if content_type_of(headers)[0] == FORM and not data.endswith(" [cut]"):
        fields: dict[str, Any] = {}
        for name, value in parse_qsl(data, keep_blank_values=True):
            fields[name] = [*_listed(fields[name]), value] if name in fields else value
        return _without_gone(fields, (), removed), True
    if is_gone(data):
        removed.append("body")
        return None, True
    return data, False


def _without_gone(value: Any, way: tuple[object, ...], removed: list[str]) -> Any:
    """Members of objects go; of a list's entries null stays, so that the others keep their places."""
    if len(way) > DEEPEST:
        return value
    if isinstance(value, list):
        return [_kept(each, (*way, at), removed) for at, each in enumerate(value)]
    if isinstance(value, dict):
        for name, each in value.items():
            if is_gone(each):
                removed.append(f"body {pointer_of((*way, name))}")
        return {name: _without_gone(each, (*way, name), removed) for name, each in value.items() if not is_gone(each)}
    return value


def _kept(value: Any, way: tuple[object, ...], removed: list[str]) -> Any:
    if is_gone(value):
        removed.append(f"body {pointer_of(way)}")
        return None
    return _without_gone(value, way, removed)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
