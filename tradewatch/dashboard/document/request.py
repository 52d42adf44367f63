"""The HTTP request that the event came from."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import orjson
from django.utils.safestring import SafeString

from tradewatch.core.shapes import Document, pairs_of, text_of
from tradewatch.dashboard.document.budget import Budget
from tradewatch.dashboard.document.curl import curl_command
from tradewatch.dashboard.document.values import NO_HTML, pairs_html, plain_text, text_html

MAX_BODY = 4000
MAX_CURL = 6000
MAX_PAIRS = 200
_OWN_PLACE = ("method", "url", "query_string", "headers", "cookies", "data", "env")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the request that folds: its name, how many entries, and the finished HTML."""

    name: str
    count: int
    html: SafeString


@dataclass(frozen=True, slots=True)
class RequestView:
    method: str
    url: SafeString
    path: str
    body: SafeString
    parts: list[Part]
    curl: str


def read_request(request: object, budget: Budget) -> RequestView | None:
    if not isinstance(request, Mapping) or not request:
        return None
    url = text_html(str(request.get("url") or ""), 1000)
    budget.takes(url)
    command = curl_command(request)
    body = _body(request.get("data"), budget)
    return RequestView(
        method=text_of(request.get("method"), 20),
        url=url,
        path=text_of(request.get("url"), 300),
        body=body,
        parts=_parts(request, budget),
        curl=command if len(command) <= MAX_CURL and budget.takes(command, markup=len(command)) else "",
    )


def _body(data: object, budget: Budget) -> SafeString:
    if data in (None, "", {}, []):
        return NO_HTML
    text = data if isinstance(data, str) else orjson.dumps(data, default=str, option=orjson.OPT_INDENT_2).decode()
    html = text_html(text, MAX_BODY)
    return html if budget.takes(html) else text_html(text, 300)


def _parts(request: Document, budget: Budget) -> list[Part]:
    query = text_of(request.get("query_string"), 8192)
    pairs = parse_qsl(query, keep_blank_values=True) if query.count("&") < MAX_PAIRS else [("", query)]
    named = {
        "Query": pairs,
        "Headers": pairs_of(request.get("headers")),
        "Cookies": pairs_of(request.get("cookies")),
        "Environment": pairs_of(request.get("env")),
        "More": [(name, value) for name, value in request.items() if name not in _OWN_PLACE and plain_text(value)],
    }
    return [Part(name, len(each), pairs_html(each, budget)) for name, each in named.items() if each]
