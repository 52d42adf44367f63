"""Bodies of requests to Django: bounded in bytes and seconds before Django takes them in.

Django reads a body to its end, into a file once it is large, before it asks who sends it: without a bound a stranger's
one connection would fill the disk.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import orjson
from django.conf import settings

from releases.sentry_cli import bodies as sentry_cli
from tradewatch.core.api import error_body, is_for_program

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_BYTES_IN_TIME = 6 << 20  # have to arrive within TRADEWATCH_BODY_TIMEOUT_SECONDS: 1.7 Mbit/s by default


class Bound(NamedTuple):
    most_bytes: int
    seconds: float


class Refusal(NamedTuple):
    """`closes`: the client may never come to the end of what it sends, so the connection ends with the answer."""

    status: int
    detail: str
    closes: bool


def bound_of(path: str) -> Bound:
    """Return what a body may have, and how long it may take; what may be larger may take longer in proportion."""
    most = sentry_cli.most_at(path) or settings.PAGE_MAX_BYTES
    return Bound(most, settings.INGEST_BODY_TIMEOUT_SECONDS * max(1.0, most / _BYTES_IN_TIME))


def bounded(application: Application) -> Application:
    """Return `application`, to which no body comes that is over its bound: that is answered 413 or 408."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        bound = bound_of(scope["path"])
        if (declared_bytes(scope) or 0) > bound.most_bytes:
            await _refuse(scope, send, _too_large(bound, closes=False))  # its end is known: the server reads past it
            return
        body = BoundedBody(receive, bound)
        await application(scope, body.receive, send)
        if body.refusal is not None:
            await _refuse(scope, send, body.refusal)

    return guarded


class BoundedBody:
    """A request's body within its bound. To the application one that is over it looks like a client that went away:
    then it answers nothing, and throws away what it has."""

    def __init__(self, receive: Receive, bound: Bound) -> None:
        self.refusal: Refusal | None = None
        self._receive, self._bound = receive, bound
        self._left = bound.most_bytes
        self._ends_at = asyncio.get_running_loop().time() + bound.seconds
        self._is_whole = False

    async def receive(self) -> dict[str, Any]:
        if self._is_whole:  # from now on there is only the client's going to hear of, whenever that is
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            said = f"the body did not arrive within {self._bound.seconds:g} seconds"
            return self._end(Refusal(408, said, closes=True))
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            return self._end(_too_large(self._bound, closes=True))
        self._is_whole = not message.get("more_body", False)
        return message

    def _end(self, refusal: Refusal) -> dict[str, Any]:
        self.refusal, self._is_whole = refusal, True
        return {"type": "http.disconnect"}


def declared_bytes(scope: Scope) -> int | None:
    """Return the Content-Length; None: there is none, or none that is a number (which the server has refused)."""
    declared = _header(scope, b"content-length")
    return int(declared) if declared.isdigit() else None


def refusal_body(path: str, accept: str, detail: str) -> tuple[bytes, bytes]:
    """Return the content type and the words of a refusal: JSON for programs, in the shape that they know."""
    if path.startswith(sentry_cli.PREFIX):
        return b"application/json", orjson.dumps({"detail": detail})
    if is_for_program(path, accept):
        return b"application/json", orjson.dumps(error_body(detail))
    return b"text/plain; charset=utf-8", f"{detail[0].upper()}{detail[1:]}.".encode()


def _too_large(bound: Bound, *, closes: bool) -> Refusal:
    return Refusal(413, f"the body is larger than {bound.most_bytes:,} bytes", closes)


async def _refuse(scope: Scope, send: Send, refusal: Refusal) -> None:
    accept = _header(scope, b"accept").decode("latin-1")
    kind, words = refusal_body(scope["path"], accept, refusal.detail)
    headers = [
        (b"content-type", kind),
        (b"content-length", b"%d" % len(words)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        *([(b"connection", b"close")] if refusal.closes else []),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": words})


def _header(scope: Scope, name: bytes) -> bytes:
    found: bytes = next((value for each, value in scope["headers"] if each == name), b"")
    return found
