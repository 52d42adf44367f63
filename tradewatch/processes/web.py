"""What a web process starts and stops with: kicks and pushes find their way, the edge accepts."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from tradewatch.core.kick import route_kicks
from tradewatch.core.live import route_pushes
from tradewatch.ingest.edge import start_edge, stop_edge
from tradewatch.performance.prometheus.processes import take_over_ended
from tradewatch.processes.link import Link
from tradewatch.processes.live import pusher_on
from tradewatch.processes.present import Presence
from tradewatch.processes.standing_in import StandIn

_link: Link | None = None
_stand_in: StandIn | None = None
_presence: Presence | None = None


def attach(link: Link) -> None:
    """Give this process the line to its worker (embedded mode), before the server starts."""
    global _link
    _link = link


async def lifespan(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """The ASGI lifespan protocol: start with the server, stop with it."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            start_web(asyncio.get_running_loop())
            await send({"type": "lifespan.startup.complete"})
        else:
            await asyncio.to_thread(stop_web)
            await send({"type": "lifespan.shutdown.complete"})
            return


def start_web(loop: asyncio.AbstractEventLoop) -> None:
    global _stand_in, _presence
    take_over_ended(settings.PROMETHEUS_FOLDER)
    push = pusher_on(loop)
    route_pushes(push)
    if settings.REDIS_URL:
        # Imported where Redis is: embedded, the web process does without Celery's 20 MB.
        from tradewatch.celery import app
        from tradewatch.processes.kicks import celery_kicker

        route_kicks(celery_kicker(app))
    elif _link is not None:
        route_kicks(_link.send)
        threading.Thread(target=_pass_on_pushes, args=(_link, push), name="link", daemon=True).start()
    start_edge()
    _stand_in = StandIn()
    _stand_in.start()
    _presence = Presence()
    _presence.start()


def stop_web() -> None:
    """Blocks until what was accepted is on disk."""
    stop_edge()
    if _stand_in is not None:
        _stand_in.stop()
    if _presence is not None:
        _presence.stop()


def _pass_on_pushes(link: Link, push: Callable[[str, int], None]) -> None:
    """Words from the worker are `topic project_id`."""
    for word in link.words():
        topic, _, project_id = word.partition(" ")
        push(topic, int(project_id))
