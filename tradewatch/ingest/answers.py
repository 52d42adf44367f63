"""What the edge says, as finished headers and bytes; each carries the CORS headers, errors too."""

from typing import NamedTuple

import orjson

from tradewatch.ingest.cors import CORS, Headers, preflight_headers

_JSON: Headers = [(b"content-type", b"application/json"), *CORS]
_ACCEPTED_HEADERS: Headers = [*_JSON, (b"content-length", b"41")]  # {"id":"<32 hex>"} has one length
QUOTA_SECONDS = 60
BUSY_SECONDS = 5


class Answer(NamedTuple):
    status: int
    headers: Headers
    body: bytes


class RefusedError(Exception):
    """The request cannot be taken; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def accepted(event_id: str, *, status: int = 200) -> Answer:
    return Answer(status, _ACCEPTED_HEADERS, b'{"id":"%s"}' % event_id.encode())


def refused(status: int, detail: str, *headers: tuple[bytes, bytes]) -> Answer:
    """Return `{"detail": ...}`, and the same in the header that SDKs log."""
    one_line = detail.encode("ascii", "replace").replace(b"\r", b" ").replace(b"\n", b" ")
    return _json(status, {"detail": detail}, (b"x-sentry-error", one_line), *headers)


def busy(detail: str) -> Answer:
    """Return the 503 of a server that is healthy, but has its hands full."""
    return refused(503, detail, (b"retry-after", b"%d" % BUSY_SECONDS))


def over_quota(*kinds: tuple[str, str]) -> Answer:
    """Return the refusal for quotas that are used up, each as its words and the SDKs' categories."""
    used_up = " and ".join(words for words, _ in kinds)
    limits = ", ".join(f"{QUOTA_SECONDS}:{categories}:project:quota" for _, categories in kinds)
    return refused(
        429,
        f"The project's quota of {used_up} for this minute is used up.",
        (b"retry-after", b"%d" % QUOTA_SECONDS),
        (b"x-sentry-rate-limits", limits.encode()),
    )


def disk_full() -> Answer:
    """Return the refusal of everything while the disk is at its critical mark: no category means all of them."""
    return refused(
        429,
        "TradeWatch's disk is nearly full: no events are taken until there is room again.",
        (b"retry-after", b"%d" % QUOTA_SECONDS),
        (b"x-sentry-rate-limits", b"%d::organization:disk_full" % QUOTA_SECONDS),
    )


def preflight(methods: tuple[str, ...]) -> Answer:
    return Answer(200, [*CORS, *preflight_headers(methods), (b"content-length", b"0")], b"")


def wrong_method(methods: tuple[str, ...]) -> Answer:
    allowed = ", ".join(methods)
    return refused(405, f"This path takes {allowed}.", (b"allow", allowed.encode()))


def _json(status: int, content: dict[str, str], *headers: tuple[bytes, bytes]) -> Answer:
    body = orjson.dumps(content)
    return Answer(status, [*_JSON, *headers, (b"content-length", b"%d" % len(body))], body)
