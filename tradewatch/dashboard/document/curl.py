"""A request as a command that repeats it. It is pasted into a shell: nothing that a client sent may become code there.

Every value is one quoted word (`shlex.quote`), characters that a terminal would act upon are gone, and curl's own ways
to read files (a header that starts with "@", other schemes) are closed.
"""

import re
import shlex
from collections.abc import Iterator
from urllib.parse import urlencode

import orjson

from tradewatch.core.shapes import Document, pairs_of, text_of
from tradewatch.dashboard.document.values import REMOVED

MAX_BODY = 8192
_TOKEN = re.compile(
    r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}"
)  # a header's name, https://www.rfc-editor.org/rfc/rfc9110#name-tokens
_METHOD = re.compile(r"[A-Za-z]{1,20}")
_ACTED_UPON = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_LINES = re.compile(r"[\r\n\t]+")
# curl makes these itself, and a stale length or coding breaks the request.
_MADE_BY_CURL = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "cookie"})
_FORM = "application/x-www-form-urlencoded"


def curl_command(request: Document) -> str:
    """Return the command, one option a line; empty where the event names no http address."""
    url = _one_line(_with_placeholders(text_of(request.get("url"), 8192), "value"))
    if not url.lower().startswith(("http://", "https://")):
        return ""
    query = _one_line(_with_placeholders(text_of(request.get("query_string"), 8192), "value"))
    if query and "?" not in url:
        url += f"?{query}"
    return " \\\n  ".join(["curl", *_options(request, url)])


def _options(request: Document, url: str) -> Iterator[str]:
    method = text_of(request.get("method"), 20).upper()
    body = _body(request)
    # `=` allows these alone; --globoff: brackets in an address are no pattern.
    yield "--proto =http,https --globoff"
    if _METHOD.fullmatch(method) and (method not in ("GET", "POST") or (method == "POST") != bool(body)):
        yield "--head" if method == "HEAD" else f"--request {method}"
    yield f"--url {_quoted(url)}"
    for name, value in pairs_of(request.get("headers")):
        if _TOKEN.fullmatch(name) and name.lower() not in _MADE_BY_CURL:
            text = _one_line(_with_placeholders(str(value), name))
            yield f"--header {_quoted(f'{name}: {text}' if text else f'{name};')}"
    cookies = "; ".join(
        f"{name}={_with_placeholders(str(value), name)}" for name, value in pairs_of(request.get("cookies"))
    )
    if cookies:
        yield f"--header {_quoted('Cookie: ' + _one_line(cookies))}"
    if body:
        yield f"--data-raw {_quoted(body)}"


def _body(request: Document) -> str:
    data = request.get("data")
    if data in (None, "", {}, []):
        return ""
    if isinstance(data, str):
        text = data
    elif isinstance(data, dict) and _FORM in _content_type(request):
        text = urlencode([(name, _with_placeholders(str(value), name)) for name, value in data.items()], safe="<>")
    else:
        text = orjson.dumps(data, default=str).decode()
    return _ACTED_UPON.sub("", _with_placeholders(text[:MAX_BODY], "body"))


def _content_type(request: Document) -> str:
    headers = ((name.lower(), str(value).lower()) for name, value in pairs_of(request.get("headers")))
    return next((value for name, value in headers if name == "content-type"), "")


def _with_placeholders(text: str, name: str) -> str:
    """Put `<name>` where something was removed: whoever runs the command sees what to fill in."""
    word = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "value"
    return REMOVED.sub(lambda found: f"<{(found['kind'] or word).strip()}>", text)


def _one_line(text: str) -> str:
    return _ACTED_UPON.sub("", _LINES.sub(" ", text)).strip()


def _quoted(text: str) -> str:
    return shlex.quote(text)
