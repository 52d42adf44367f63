"""Request bodies: read with a cap and a deadline, and only so many large ones under way at once."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

from tradewatch.ingest.answers import RefusedError, busy, refused

LARGE_BYTES = 1 << 20
Receive = Callable[[], Awaitable[dict[str, Any]]]


class ClientGoneError(Exception):
    """The client went away before its body was whole: nobody is left to answer."""


class LargeBodies:
    """How many bodies over 1 MiB may be under way at once, in this process."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.under_way = 0

    def ticket(self) -> "Ticket":
        return Ticket(self)


class Ticket:
    """A request's place among the large bodies, taken once it turns out to be large, given back at its end."""

    __slots__ = ("_bodies", "_is_taken")

    def __init__(self, bodies: LargeBodies) -> None:
        self._bodies = bodies
        self._is_taken = False

    def take(self) -> None:
        """Raise `RefusedError` (503) when all places are taken."""
        if self._is_taken:
            return
        if self._bodies.under_way >= self._bodies.limit:
            raise RefusedError(busy("Too many large bodies are under way; send this one again later."))
        self._bodies.under_way += 1
        self._is_taken = True

    def __enter__(self) -> "Ticket":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._is_taken:
            self._bodies.under_way -= 1


async def read_body(
    receive: Receive, declared: bytes | None, ticket: Ticket, *, limit: int, timeout_seconds: float
) -> bytes:
    """Return the body as it came over the wire. `declared` is the Content-Length header, where there is one.

    Raises `RefusedError`: 413 over `limit` (before reading, when declared so), 408 after `timeout_seconds`, 503 as
    `Ticket.take`. Raises `ClientGoneError`.
    """
    if declared is not None and declared.isdigit():
        _check_size(int(declared), limit, ticket)
    try:
        async with asyncio.timeout(timeout_seconds):
            return await _read(receive, ticket, limit)
    except TimeoutError:
        raise RefusedError(refused(408, f"The body did not arrive within {timeout_seconds:g} seconds.")) from None


async def _read(receive: Receive, ticket: Ticket, limit: int) -> bytes:
    pieces: list[bytes] = []
    body_bytes = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        piece = message.get("body", b"")
        body_bytes += len(piece)
        _check_size(body_bytes, limit, ticket)
        pieces.append(piece)
        if not message.get("more_body", False):
            return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _check_size(body_bytes: int, limit: int, ticket: Ticket) -> None:
    if body_bytes > limit:
        raise RefusedError(refused(413, f"The body is larger than {limit} bytes."))
    if body_bytes > LARGE_BYTES:
        ticket.take()
