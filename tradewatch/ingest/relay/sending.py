"""Sends a window of envelopes at once, over connections that stay open, through the guard for outbound addresses."""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, datetime

import httpx

from tradewatch.core.answer_bodies import PLAIN
from tradewatch.core.net_async import AsyncGuardedTransport
from tradewatch.ingest.models import RelayEntry
from tradewatch.ingest.relay.answers import Fate, Outcome, failed, outcome_of
from tradewatch.ingest.relay.choices import CATEGORY_OF_TYPE
from tradewatch.ingest.relay.limits import Limits, limited
from tradewatch.ingest.relay.parcels import CLIENT, envelope_of, unpacked
from tradewatch.ingest.relay.queue import Sent
from tradewatch.ingest.relay.targets import Target

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 20.0
ANSWER_BYTES = 4_096


class Line:
    """The connections to one upstream. `run` sends from a thread without an event loop."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self._runner = asyncio.Runner()
        self._client = httpx.AsyncClient(
            transport=AsyncGuardedTransport(target.reach),
            timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
            trust_env=False,
        )

    def run(self, entries: Sequence[RelayEntry], limits: Limits) -> list[Sent]:
        """Send the entries side by side, the first of them first; return what became of each, in their order."""
        return self._runner.run(self._all(entries, limits))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()

    async def _all(self, entries: Sequence[RelayEntry], limits: Limits) -> list[Sent]:
        return list(await asyncio.gather(*(self._one(entry, limits) for entry in entries)))

    async def _one(self, entry: RelayEntry, limits: Limits) -> Sent:
        now = datetime.now(UTC)
        without = limited(CATEGORY_OF_TYPE.values(), limits, now=now.timestamp())
        try:
            parcel = unpacked(bytes(entry.body))
            body, left_out = envelope_of(parcel, self.target.dsn, without=without, now=now)
        except Exception as error:  # written by another version: nothing makes it better
            return Sent(entry, Outcome(Fate.REFUSED, f"cannot be written: {type(error).__name__}"))
        try:
            return Sent(entry, await asyncio.wait_for(self._post(body, entry.category), TOTAL_SECONDS), left_out)
        except (httpx.HTTPError, OSError, TimeoutError, ValueError) as error:
            return Sent(entry, failed(error), left_out)

    async def _post(self, body: bytes, category: str) -> Outcome:
        dsn = self.target.dsn
        headers = {
            "X-Sentry-Auth": f"Sentry sentry_version=7, sentry_client={CLIENT}, sentry_key={dsn.key}",
            "Content-Type": "application/x-sentry-envelope",
            "Content-Encoding": "gzip",
            "User-Agent": CLIENT,
            **PLAIN,
        }
        async with self._client.stream("POST", dsn.url, content=body, headers=headers) as answer:
            said = b""
            async for piece in answer.aiter_raw(ANSWER_BYTES):
                said = (said + piece)[:ANSWER_BYTES]
                if len(said) == ANSWER_BYTES:
                    break
            return outcome_of(answer.status_code, answer.headers, said, category=category, now=time.time())
