"""The socket of the page of logs: how many lines came that fit what the page shows, told when some come."""

import asyncio
from typing import Any
from urllib.parse import parse_qsl

from channels.db import database_sync_to_async
from django.utils import timezone

from tradewatch.core.faults import Fault
from tradewatch.dashboard.consumers import ScopedConsumer
from tradewatch.dashboard.logs.asked import Asked, read_asked, stretch_of
from tradewatch.dashboard.scope import Scope
from tradewatch.performance.logs.search.finding import newer_than, read_place
from tradewatch.performance.logs.search.wanted import wanted_of

LEAST_INTERVAL_SECONDS = 1.0
COUNTED = 500


class LogsConsumer(ScopedConsumer):
    """Sends `{"type": "news", "count": n, "has_more": bool}` and heartbeats."""

    task: asyncio.Task[None] | None = None
    last_count = -1

    async def begin(self, scope: Scope) -> None:
        self.changed = asyncio.Event()
        self.changed.set()
        query = dict(parse_qsl(self.scope["query_string"].decode("latin-1")))
        self.task = asyncio.create_task(self._run(scope, read_asked(query)))

    async def end(self) -> None:
        if self.task is not None:
            self.task.cancel()

    async def topic_changed(self, event: dict[str, Any]) -> None:
        if event.get("topic") == "logs" and self.task is not None:
            self.changed.set()

    async def _run(self, scope: Scope, asked: Asked) -> None:
        while True:
            await self.changed.wait()
            self.changed.clear()
            count = await database_sync_to_async(_count_newer)(scope, asked)
            if count != self.last_count:
                self.last_count = count
                names = ", ".join(project.slug for project in scope.projects)
                await self.send_json({"type": "news", "count": count, "has_more": count >= COUNTED, "of": names})
            await asyncio.sleep(LEAST_INTERVAL_SECONDS)


def _count_newer(scope: Scope, asked: Asked) -> int:
    """Return how many lines came; 0 for an address that asks for nothing sound."""
    try:
        place, wanted = read_place(asked.cursor), wanted_of(asked.query)
    except Fault:
        return 0
    return newer_than(wanted, stretch_of(scope, now=timezone.now()), place, most=COUNTED)
