"""What a context shows of the error's own document: request, errors with frames and variables, breadcrumbs, user.

Values in, values out. Every part has the same shape: `values`, or a `why` that says why there are none.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tradewatch.core.shapes import listed, mapping, pairs_of, values_of

MOST_FRAMES = 50  # of one exception, the innermost
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Part:
    """`link` leads to the page that shows more of it; `values` is empty where there is nothing, and `why` says why."""

    key: str
    values: Mapping[str, Any] = field(default_factory=dict)
    why: str = ""
    link: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def document_parts(document: Document) -> list[Part]:
    return [request_part(document), errors_part(document), crumbs_part(document), user_part(document)]


def request_part(document: Document) -> Part:
    request = mapping(document.get("request"))
    if not request:
        return Part("request", why="The error came without a request: it was not raised while one was answered.")
    url = str(request.get("url") or "")
    return Part(
        "request",
        {
            "method": request.get("method") or "",
            "url": url,
            "path": path_of(url),
            "query": request.get("query_string") or "",
            "headers": listed(request.get("headers")),
            "cookies": [name for name, _ in pairs_of(request.get("cookies"))],
            "body": request.get("data"),
        },
    )


def errors_part(document: Document) -> Part:
    thrown = values_of(document.get("exception"))
    if not thrown:
        return Part("errors", why="The event is a message: no exception came with it.")
    return Part("errors", {"errors": [_error(each) for each in reversed(thrown)]})


def crumbs_part(document: Document) -> Part:
    crumbs = values_of(document.get("breadcrumbs"))
    if not crumbs:
        return Part("breadcrumbs", why="No breadcrumb came with it: whoever sent it keeps none.")
    return Part("breadcrumbs", {"breadcrumbs": crumbs})


def user_part(document: Document) -> Part:
    user = mapping(document.get("user"))
    return Part("user", {"user": dict(user)}) if user else Part("user", why="The error names no user.")


def path_of(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return url


def _error(thrown: Document) -> dict[str, Any]:
    frames = [mapping(each) for each in listed(mapping(thrown.get("stacktrace")).get("frames"))]
    return {
        "type": thrown.get("type") or "",
        "message": thrown.get("value") or "",
        "handled": mapping(thrown.get("mechanism")).get("handled"),
        "frames": [_frame(each) for each in reversed(frames[-MOST_FRAMES:])],
        "frames_left_out": max(0, len(frames) - MOST_FRAMES),
    }


def _frame(frame: Document) -> dict[str, Any]:
    return {
        "file": frame.get("filename") or frame.get("abs_path") or "",
        "module": frame.get("module") or "",
        "function": frame.get("function") or "",
        "line": frame.get("lineno"),
        "in_app": bool(frame.get("in_app")),
        "source": frame.get("context_line") or "",
        "variables": dict(mapping(frame.get("vars"))),
    }
