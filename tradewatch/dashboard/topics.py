"""The socket of pages that draw themselves anew: it says that something on them changed, and nothing more."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from tradewatch.dashboard.consumers import ScopedConsumer
from tradewatch.dashboard.scope import Scope

LEAST_INTERVAL_SECONDS = 1.0


class TopicsConsumer(ScopedConsumer):
    """Sends `{"type": "changed"}` when one of the URL's `topics` (`performance,hosts`) changed, and heartbeats."""

    task: asyncio.Task[None] | None = None

    async def begin(self, scope: Scope) -> None:
        query = dict(parse_qsl(self.scope["query_string"].decode("latin-1")))
        self.topics = frozenset(query.get("topics", "").split(","))
        self.changed = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def topic_changed(self, event: dict[str, Any]) -> None:
        if self.task is not None and event.get("topic") in self.topics:
            self.changed.set()

    async def _run(self) -> None:
        while True:
            await self.changed.wait()
            self.changed.clear()
            await self.send_json({"type": "changed"})
            await asyncio.sleep(LEAST_INTERVAL_SECONDS)
