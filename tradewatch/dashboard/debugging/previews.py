"""Requests, answers and values as text that a page can hold: cut, with what was left out said."""

from collections.abc import Mapping
from typing import Any

import orjson
from django.utils.html import escape
from django.utils.safestring import SafeString

from debugging.targets.masking import MASK
from tradewatch.dashboard.document.values import text_html

HEAD_BYTES, BODY_BYTES = 1200, 2000  # as HTML: a quote is five bytes there
LONGEST_VALUE, MOST_HEADERS = 160, 40


def request_html(request: Mapping[str, Any]) -> SafeString:
    """Return what was sent, as on the wire but for its length; secrets are masked already."""
    head = [f"{request.get('method', '')} {request.get('url', '')}", *_headers(request.get("headers"))]
    return fitting_html("\n".join(head), HEAD_BYTES) + _body(request.get("body"))


def response_html(response: Mapping[str, Any]) -> SafeString:
    head = [f"HTTP {response.get('status', '')}", *_headers(response.get("headers"))]
    return fitting_html("\n".join(head), HEAD_BYTES) + _body(response.get("body"))


def fitting_html(text: str, most_bytes: int) -> SafeString:
    """Return `text` escaped, cut so that it takes about `most_bytes` of the page; what was cut is said."""
    # Scrubbing's marks are drawn as what is gone; a target's secret is sent, and only not shown.
    html = text_html(text, fitting_length(text, most_bytes))
    return SafeString(html.replace(MASK[1:-1], "secret of the target"))


def fitting_length(text: str, most_bytes: int) -> int:
    """Return how many characters of `text` fit into `most_bytes` of HTML, about."""
    head = text[:most_bytes]
    size = len(escape(head).encode())
    return most_bytes if size <= most_bytes else max(1, len(head) * most_bytes // size)


def text_of_value(value: Any, limit: int = LONGEST_VALUE) -> str:
    """Return a value in one line."""
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _headers(headers: Any) -> list[str]:
    pairs = list(headers.items()) if isinstance(headers, Mapping) else [tuple(each) for each in headers or []]
    lines = [f"{name}: {text_of_value(value)}" for name, value in pairs[:MOST_HEADERS]]
    return lines + ([f"… {len(pairs) - MOST_HEADERS} more headers"] if len(pairs) > MOST_HEADERS else [])


def _body(body: Any) -> SafeString:
    if body in (None, ""):
        return SafeString("")
    text = body if isinstance(body, str) else orjson.dumps(body, option=orjson.OPT_INDENT_2, default=str).decode()
    return SafeString("\n\n") + fitting_html(text, BODY_BYTES)
