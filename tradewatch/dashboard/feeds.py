"""One feed for each view that somebody watches in this process: snapshots are computed once and sent to all of them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from django.utils import timezone

from tradewatch.dashboard.fragments import make_message
from tradewatch.dashboard.scope import Scope
from tradewatch.dashboard.snapshot import View, take_snapshot

logger = logging.getLogger(__name__)

LEAST_INTERVAL_SECONDS = 0.5
IDLE_REFRESH_SECONDS = 10.0  # without news the window still moves on: rates fall, "nothing in the last hour" comes true

Message = dict[str, Any]
Watcher = Callable[[Message], Awaitable[None]]


class Feed:
    """Sends a message to its watchers when told that something changed, at most twice a second, and every 10 s."""

    def __init__(self, compute: Callable[[], Message]) -> None:
        self._compute = compute
        self._watchers: set[Watcher] = set()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._watchers)

    def add(self, watcher: Watcher) -> None:
        self._watchers.add(watcher)
        self._changed.set()  # whoever joins gets the present state at once
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def remove(self, watcher: Watcher) -> None:
        self._watchers.discard(watcher)
        if not self._watchers and self._task is not None:
            self._task.cancel()
            self._task = None

    def mark_changed(self) -> None:
        self._changed.set()

    async def _run(self) -> None:
        while True:
            await self._wait()
            self._changed.clear()
            try:
                message = await sync_to_async(_with_fresh_connection, thread_sensitive=False)(self._compute)
            except Exception:
                logger.exception("snapshot failed")  # watchers see it as stale; the next change tries again
            else:
                await asyncio.gather(*(watcher(message) for watcher in [*self._watchers]), return_exceptions=True)
            await asyncio.sleep(LEAST_INTERVAL_SECONDS)

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._changed.wait(), IDLE_REFRESH_SECONDS)
        except TimeoutError:
            return


def _with_fresh_connection(compute: Callable[[], Message]) -> Message:
    close_old_connections()
    try:
        return compute()
    finally:
        close_old_connections()


_feeds: dict[tuple[View, str], Feed] = {}  # by what is seen, and by the query that its links keep


def watch(scope: Scope, watcher: Watcher) -> Feed:
    """Let `watcher` get the messages of the scope's view, the first one now. End it with `unwatch`."""
    view = View(scope.project_ids, scope.environment, scope.range)
    key = view, scope.query
    if key not in _feeds:
        _feeds[key] = Feed(lambda: make_message(take_snapshot(view, now=timezone.now()), scope))
    _feeds[key].add(watcher)
    return _feeds[key]


def unwatch(feed: Feed, watcher: Watcher) -> None:
    feed.remove(watcher)
    if not len(feed):
        for key in [key for key, each in _feeds.items() if each is feed]:
            del _feeds[key]
