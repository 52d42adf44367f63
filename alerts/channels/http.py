"""One guarded POST and what its answer means. Nothing of a request is logged: URLs and headers hold secrets."""

import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from alerts.channels.outcome import Outcome
from tradewatch.core.answer_bodies import PLAIN, encodings_of
from tradewatch.core.net import ForbiddenAddressError, guarded_client

STEP_SECONDS = 10.0  # to connect, to write, and between two pieces of the answer
WHOLE_SECONDS = 30.0  # for the answer's body: one that drips must not outlast the worker's lease
MAX_ANSWER_BYTES = 4096
LONGEST_WAIT = timedelta(hours=6)


def post(url: str, body: bytes, *, headers: Mapping[str, str], secrets: Collection[str], now: datetime) -> Outcome:
    """POST `body` and return what came of it. Redirects are not followed: the signed body is for this address alone."""
    try:
        with (
            guarded_client(timeout_seconds=STEP_SECONDS) as client,
            client.stream("POST", url, content=body, headers={**PLAIN, **headers}) as response,
        ):
            answer = _read(response)
            return outcome_of_answer(
                response.status_code, answer, secrets=secrets, retry_after=response.headers.get("Retry-After"), now=now
            )
    except Exception as error:
        return outcome_of_error(error)


def outcome_of_answer(
    status: int, body: str, *, secrets: Collection[str] = (), retry_after: str | None = None, now: datetime
) -> Outcome:
    """2xx is sent. 408, 429 and 5xx may be tried again, everything else is of no use to repeat.

    A gateway's 502 or 504 says that it lost what stands behind it, which may have taken the message.
    """
    answer = redact(f"{status} {body}".strip(), secrets)
    if 200 <= status < 300:
        return Outcome(is_sent=True, answer=answer)
    is_permanent = status < 500 and status not in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
    wait = None if is_permanent else wait_of(retry_after, now=now)
    is_lost = status in (HTTPStatus.BAD_GATEWAY, HTTPStatus.GATEWAY_TIMEOUT)
    return Outcome(is_sent=False, answer=answer, is_permanent=is_permanent, may_have_arrived=is_lost, retry_after=wait)


def outcome_of_error(error: Exception) -> Outcome:
    """The texts are ours: what httpx says may quote the URL."""
    match error:
        case ForbiddenAddressError():
            host = urlsplit(str(error.request.url)).hostname if getattr(error, "_request", None) else "it"
            text = f"not called: {host} is not a public address (TRADEWATCH_OUTBOUND_ALLOW names exceptions)"
            return Outcome(is_sent=False, answer=text, is_permanent=True)
        case httpx.TimeoutException():
            is_open = not isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout)
            return Outcome(is_sent=False, answer=f"no answer within {STEP_SECONDS:g} s", may_have_arrived=is_open)
        case httpx.UnsupportedProtocol():
            return Outcome(is_sent=False, answer="the URL cannot be called", is_permanent=True)
        case httpx.ConnectError():
            return Outcome(is_sent=False, answer="cannot connect")
        case httpx.TransportError():
            text = f"the connection broke: {type(error).__name__}"
            return Outcome(is_sent=False, answer=text, may_have_arrived=True)
        case httpx.InvalidURL():
            return Outcome(is_sent=False, answer="the URL cannot be called", is_permanent=True)
        case _:
            return Outcome(is_sent=False, answer=type(error).__name__)


def wait_of(text: str | None, *, now: datetime) -> timedelta | None:
    """Return the wait of a Retry-After header (RFC 9110, 10.2.3: seconds or a date), 6 h at most. None: unreadable."""
    if not text:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return min(timedelta(seconds=int(text.strip()[:9])), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta()), LONGEST_WAIT)


def redact(text: str, secrets: Collection[str]) -> str:
    """Return `text` without the secrets that a receiver may have echoed."""
    for secret in sorted(secrets, key=len, reverse=True):
        if secret:
            text = text.replace(secret, "…")
    return text


def fault_in_url(url: str) -> str:
    """Return why `url` cannot be called, or "". Names are resolved when it is called: they may change until then."""
    if any(not char.isprintable() or char.isspace() for char in url):
        return "must not contain spaces or control characters"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        return f"cannot be read: {error}"
    if parts.scheme not in ("https", "http"):
        return "must begin with https:// (or http://)"
    if not parts.hostname:
        return "names no host"
    return ""


def _read(response: httpx.Response) -> str:
    """Nothing of a body that is encoded although none was asked for: it could become of any size."""
    if encodings_of(response):
        return ""
    deadline, read = time.monotonic() + WHOLE_SECONDS, b""
    for piece in response.iter_raw():
        read += piece
        if len(read) >= MAX_ANSWER_BYTES or time.monotonic() > deadline:
            break
    return read[:MAX_ANSWER_BYTES].decode("utf-8", "replace")
