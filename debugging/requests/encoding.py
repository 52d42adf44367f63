"""The bytes of a request's body: JSON, a form, or text, as its Content-Type says."""

from collections.abc import Iterator, Mapping
from email.message import Message
from typing import Any
from urllib.parse import urlencode

import orjson

from debugging.requests.headers import header_of
from debugging.requests.shapes import Pairs, WebRequest

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def content_of(request: WebRequest) -> bytes | None:
    """Return what is sent as its body; None: none is. An object goes as a form where the Content-Type says so."""
    if request.body is None and request.is_json:
        return None
    if not request.is_json:
        return str(request.body or "").encode("utf-8", "replace")
    kind, parameters = content_type_of(request.headers)
    if isinstance(request.body, Mapping):
        if kind == FORM:
            return urlencode(list(_fields(request.body))).encode()
        if kind == MULTIPART and parameters.get("boundary"):
            return _multipart(request.body, parameters["boundary"])
    return orjson.dumps(request.body)


def content_type_of(headers: Pairs) -> tuple[str, Mapping[str, str]]:
    """Return the type in lower case, and its parameters."""
    message = Message()
    message["Content-Type"] = header_of(headers, "Content-Type") or "application/octet-stream"
    parameters = {name.lower(): value for name, value in (message.get_params() or [])[1:]}
    return message.get_content_type() if header_of(headers, "Content-Type") else "", parameters


def _fields(body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in body.items():
        for each in value if isinstance(value, list) else [value]:
            yield str(name), each if isinstance(each, str) else orjson.dumps(each).decode()


def _multipart(body: Mapping[str, Any], boundary: str) -> bytes:
    """https://www.rfc-editor.org/rfc/rfc7578"""
    parts = []
    for name, value in _fields(body):
        shown = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="{shown}"\r\n\r\n{value}\r\n')
    return f"{''.join(parts)}--{boundary}--\r\n".encode("utf-8", "replace")
