"""Carries live pushes into Channels groups, on the event loop that owns the layer."""

import asyncio
import threading
from collections.abc import Callable

from channels.layers import get_channel_layer

from tradewatch.processes.coalesce import Coalescer

PUSH_INTERVAL_SECONDS = 0.1
Push = Callable[[str, int], None]


def pusher_on(loop: asyncio.AbstractEventLoop) -> Push:
    """Return a `push(topic, project_id)` for any thread. The in-memory layer is not thread-safe: it hops to `loop`."""

    def deliver(signal: tuple[str, int]) -> None:
        asyncio.run_coroutine_threadsafe(_send(*signal), loop)

    return _coalesced(deliver)


def pusher() -> Push:
    """Like `pusher_on`, for a process without an event loop (a Celery worker on Redis): its thread keeps one."""
    local = threading.local()

    def deliver(signal: tuple[str, int]) -> None:
        if not hasattr(local, "loop"):
            local.loop = asyncio.new_event_loop()
        local.loop.run_until_complete(_send(*signal))

    return _coalesced(deliver)


def _coalesced(deliver: Callable[[tuple[str, int]], None]) -> Push:
    coalescer: Coalescer[tuple[str, int]] = Coalescer(deliver, interval_seconds=PUSH_INTERVAL_SECONDS)
    return lambda topic, project_id: coalescer.put((topic, project_id))


async def _send(topic: str, project_id: int) -> None:
    await get_channel_layer().group_send(f"project-{project_id}", {"type": "topic.changed", "topic": topic})
