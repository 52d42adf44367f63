"""Bodies on their way to Django: counted and timed as they come, refused in words that their sender knows."""

import asyncio
import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
import pytest

from tradewatch.processes.page_bodies import bound_of, bounded, declared_bytes, refusal_body

MIB = 1 << 20
PIECE = b"x" * 65_536
FILES = "/api/0/organizations/tradewatch/releases/web@1/files/"


@pytest.mark.parametrize(
    ("path", "most_mib", "seconds"),
    [
        ("/admin/login/", 6, 30),
        ("/alerts", 6, 30),
        ("/files/", 6, 30),
        ("/x/api/0/organizations/tradewatch/releases/web@1/files/", 6, 30),
        ("/api/0/organizations/tradewatch/chunk-upload/", 20, 100),
        ("/api/0/organizations/tradewatch/releases/web@1/commits/", 20, 100),
        ("/api/0/organizations/tradewatch/releases/web@1/files/7/", 20, 100),
        (FILES, 33, 165),
        ("/api/0/projects/tradewatch/default/releases/web@1/files", 33, 165),
    ],
)
def test_what_a_path_may_get(path: str, most_mib: int, seconds: float) -> None:
    assert bound_of(path) == (most_mib * MIB, seconds)


def test_the_operator_sets_the_bounds(settings: Any) -> None:
    settings.PAGE_MAX_BYTES, settings.INGEST_BODY_TIMEOUT_SECONDS, settings.ARTIFACT_MAX_BYTES = 12 * MIB, 10, 2 * MIB
    assert bound_of("/alerts") == (12 * MIB, 20)
    assert bound_of(FILES) == (3 * MIB, 10)


class Taker:
    """Stands in for Django: reads to the end and answers; whoever went away is told nothing."""

    def __init__(self, *, stays: bool = False) -> None:
        self.taken_bytes, self.heard, self.stays = 0, [], stays  # type: ignore[var-annotated]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            self.taken_bytes += len(message["body"])
            more = message.get("more_body", False)
        if self.stays:
            self.heard.append((await receive())["type"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"taken"})


async def ask(
    taker: Taker, path: str, pieces: Iterable[bytes | None], headers: Mapping[bytes, bytes] | None = None
) -> tuple[int, dict[bytes, bytes], bytes]:
    """Return what is answered to a body of `pieces`; None: the client falls silent there."""
    waiting = iter(pieces)
    sent: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        piece = next(waiting, b"")
        if piece is None:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": piece, "more_body": piece != b""}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": list((headers or {}).items())}
    await bounded(taker)(scope, receive, send)
    start, body = sent  # one answer, whole
    return start["status"], dict(start["headers"]), body["body"]


async def test_a_body_without_end_is_cut_off() -> None:
    taker = Taker()
    status, headers, body = await ask(taker, "/admin/login/", itertools.repeat(PIECE))
    assert (status, body) == (413, b"The body is larger than 6,291,456 bytes.")
    assert taker.taken_bytes <= 6 * MIB
    assert headers[b"connection"] == b"close"  # or the server would go on reading what has no end
    assert headers[b"content-type"].startswith(b"text/plain") and headers[b"content-length"] == b"%d" % len(body)


async def test_one_that_says_how_large_it_is_is_refused_unread() -> None:
    taker = Taker()
    status, headers, body = await ask(taker, "/alerts", [None], {b"content-length": b"%d" % (6 * MIB + 1)})
    assert (status, orjson.loads(body)) == (413, {"detail": "the body is larger than 6,291,456 bytes", "errors": {}})
    assert taker.taken_bytes == 0 and b"connection" not in headers


@pytest.mark.parametrize("path", ["/admin/login/", "/alerts", FILES])
async def test_as_much_as_may_be_arrives_whole(path: str) -> None:
    taker, most = Taker(), bound_of(path).most_bytes
    answer = await ask(taker, path, [PIECE] * (most // len(PIECE)), {b"content-length": b"%d" % most})
    assert answer == (200, {}, b"taken")
    assert taker.taken_bytes == most


async def test_a_request_without_a_body_goes_through() -> None:
    assert await ask(Taker(), "/dashboard", []) == (200, {}, b"taken")


@pytest.mark.parametrize("pieces", [[None], [b"us", None]])
async def test_one_that_does_not_arrive_in_time_is_refused(settings: Any, pieces: list[bytes | None]) -> None:
    settings.INGEST_BODY_TIMEOUT_SECONDS = 0.05
    status, headers, body = await ask(Taker(), "/admin/login/", pieces)
    assert (status, body) == (408, b"The body did not arrive within 0.05 seconds.")
    assert headers[b"connection"] == b"close"


async def test_once_the_body_is_there_an_answer_may_take_its_time(settings: Any) -> None:
    settings.INGEST_BODY_TIMEOUT_SECONDS = 0.05
    taker = Taker(stays=True)
    goes = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, goes.set)
    messages = [{"type": "http.request", "body": b"a=1", "more_body": False}, {"type": "http.disconnect"}]
    sent: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if len(messages) == 1:
            await goes.wait()
        return messages.pop(0)

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await bounded(taker)({"type": "http", "path": "/alerts", "headers": []}, receive, send)
    assert taker.heard == ["http.disconnect"] and [each.get("status") for each in sent] == [200, None]


@pytest.mark.parametrize(
    ("path", "accept", "words"),
    [
        ("/alerts", "application/json", {"detail": "it is too large", "errors": {}}),
        ("/api/0/organizations/tradewatch/chunk-upload/", "", {"detail": "it is too large"}),  # as sentry-cli prints it
        ("/alerts", "text/html,*/*", "It is too large."),
        ("/admin/login/", "application/json", "It is too large."),
    ],
)
def test_refusals_are_in_the_words_of_their_path(path: str, accept: str, words: Any) -> None:
    kind, body = refusal_body(path, accept, "it is too large")
    assert (orjson.loads(body) if kind == b"application/json" else body.decode()) == words


@pytest.mark.parametrize(("header", "declared"), [(b"7", 7), (b"", None), (b"-1", None), (b"x", None)])
def test_a_length_that_is_none_counts_as_not_said(header: bytes, declared: int | None) -> None:
    assert declared_bytes({"headers": [(b"host", b"x"), (b"content-length", header)]}) == declared
