"""Sends one prepared request through the guard and reads the answer, both within limits. No database here."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx

from debugging.replays.outcome import Limits, Outcome
from debugging.requests.headers import MOST_HEADERS
from debugging.requests.shapes import Pairs
from debugging.targets.filling import Prepared
from debugging.targets.masking import masked, masked_text
from tradewatch.core.answer_bodies import read_body, text_of_body
from tradewatch.core.net import ForbiddenAddressError, Reach
from tradewatch.core.net_async import AsyncGuardedTransport, Lookup, look_up
from tradewatch.performance.checks.probes.certificates import context_of
from tradewatch.performance.checks.probes.faults import fault_words

MOST_BODY_BYTES = 256 << 10
BEYOND = 16 << 10  # read past the cut, so that a secret that stands across it is still known as one
MOST_REDIRECTS, LONGEST_HEADER = 5, 4096
_BODY_HEADERS = frozenset(("content-length", "content-type", "content-encoding", "content-language"))


async def send(prepared: Prepared, limits: Limits, *, lookup: Lookup = look_up) -> Outcome:
    """Return what came of it, in `limits.timeout_seconds` at most; whatever goes wrong is told, never raised.

    Redirects are followed within the target's own origin; one that leads elsewhere is the answer. The address is looked
    up anew for each, judged by the guard, and connected to as it was judged.
    """
    started = time.monotonic()
    trip = _Trip(prepared)
    reach = Reach(limits.allowed, internal_host=limits.internal_host)
    tls = context_of(verifies=limits.verifies_tls)
    try:
        async with (
            asyncio.timeout(limits.timeout_seconds),
            httpx.AsyncClient(
                transport=AsyncGuardedTransport(reach, tls=tls, lookup=lookup),
                timeout=None,  # noqa: S113  # one limit for all of it
                trust_env=False,
            ) as client,
        ):
            outcome = await trip.follow(client)
    except TimeoutError:
        outcome = replace(trip.begun, fault=f"no whole answer within {limits.timeout_seconds:g} s", is_cut=True)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        outcome = replace(trip.begun, fault=_words(error), is_cut=trip.begun.status is not None)
    return replace(outcome, seconds=time.monotonic() - started, was_sent=trip.was_sent)


class _Trip:
    """One request with the redirects that it was led along. `begun`: what is known of the answer so far."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared
        self.begun = Outcome()
        self.was_sent = False

    async def follow(self, client: httpx.AsyncClient) -> Outcome:
        first = url = httpx.URL(self.prepared.url)
        method, headers, content = self.prepared.method, self.prepared.headers, self.prepared.content
        for _ in range(MOST_REDIRECTS + 1):
            response = await client.send(self._request(method, url, headers, content), stream=True)
            try:
                self.begun = self._head(response)
                target = _target_of(response, url)
                if target is None or not _same_origin(target, first):
                    return await self._whole(response, elsewhere=target)
            finally:
                await response.aclose()
            url = target
            self.begun = replace(self.begun, redirects=(*self.begun.redirects, self._shown(url)))
            if _becomes_get(response.status_code, method):
                method, content = "GET", None
                headers = tuple(pair for pair in headers if pair[0].lower() not in _BODY_HEADERS)
        return replace(self.begun, fault=f"more than {MOST_REDIRECTS} redirects", is_cut=True)

    def _request(self, method: str, url: httpx.URL, headers: Pairs, content: bytes | None) -> httpx.Request:
        raw = [(name.encode("ascii"), value.strip(" \t").encode("utf-8", "replace")) for name, value in headers]
        return httpx.Request(method, url, headers=raw, content=content, extensions={"trace": self._note})

    async def _note(self, event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("send_request_headers.started"):
            self.was_sent = True

    def _head(self, response: httpx.Response) -> Outcome:
        """Without the target's secrets, which it may echo."""
        forms = self.prepared.forms
        pairs = [
            (masked_text(name, forms)[:200], masked_text(value, forms)[:LONGEST_HEADER])
            for name, value in response.headers.multi_items()[:MOST_HEADERS]
        ]
        reason = masked_text(response.reason_phrase, forms)[:100]
        return replace(self.begun, status=response.status_code, reason=reason, headers=tuple(pairs))

    async def _whole(self, response: httpx.Response, *, elsewhere: httpx.URL | None) -> Outcome:
        body = await read_body(response, most_bytes=MOST_BODY_BYTES, beyond=BEYOND)
        text = text_of_body(body.data, response.headers.get("Content-Type", ""))
        text = None if text is None else _cut(masked_text(text, self.prepared.forms))
        fault = masked_text(body.fault, self.prepared.forms)
        if elsewhere is not None:
            fault = f"a redirect to another origin, {self._shown_origin(elsewhere)}, which is not followed"
        length = min(len(body.data), MOST_BODY_BYTES)
        return replace(self.begun, body=text, body_bytes=length, is_cut=body.is_cut, fault=fault)

    def _shown(self, url: httpx.URL) -> str:
        shown: str = masked(url.raw_path.decode("ascii", "replace")[:LONGEST_HEADER], self.prepared.forms)
        return shown

    def _shown_origin(self, url: httpx.URL) -> str:
        port = f":{url.port}" if url.port else ""
        return masked_text(f"{url.scheme}://{url.host}{port}"[:200], self.prepared.forms)


def _target_of(response: httpx.Response, url: httpx.URL) -> httpx.URL | None:
    """Return where a redirect leads; None: it is none, or leads to what is no address."""
    location = response.headers.get("Location", "")
    if response.status_code not in (301, 302, 303, 307, 308) or not location:
        return None
    try:
        target = url.join(location)
        return target.copy_with(fragment=None) if target.host else None
    except (httpx.InvalidURL, ValueError):
        return None


def _same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port) and not one.userinfo


def _becomes_get(status: int, method: str) -> bool:
    """As browsers do: https://fetch.spec.whatwg.org/#http-redirect-fetch, step 12."""
    return (status in (301, 302) and method == "POST") or (status == 303 and method not in ("GET", "HEAD"))


def _cut(text: str) -> str:
    data = text.encode("utf-8", "replace")
    return text if len(data) <= MOST_BODY_BYTES else data[:MOST_BODY_BYTES].decode("utf-8", "ignore")


def _words(error: Exception) -> str:
    match error:
        case ForbiddenAddressError():
            return f"not sent: {error}; an administrator may allow an internal target"
        case httpx.RemoteProtocolError() if "complete message body" in str(error) or "incomplete" in str(error):
            return "hung up within the answer"
        case httpx.RemoteProtocolError() if "without sending" in str(error):
            return "hung up without an answer"
        case httpx.RemoteProtocolError():
            return "what came back breaks HTTP"
        case httpx.LocalProtocolError():
            return "the request breaks HTTP: it was not sent whole"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "the address cannot be called"
        case ValueError():
            return f"cannot be sent: {type(error).__name__}"
        case _:
            return fault_words(error)[1]
