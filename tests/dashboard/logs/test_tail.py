"""The socket of logs: it tells how many lines came that fit, and of nobody else's."""

import json
from datetime import datetime
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.utils import timezone

from tests.dashboard.test_live import cookie_of
from tests.performance.logs.builders import container, digest, line
from tests.projects.builders import make_project, make_user
from tradewatch.core.live import route_pushes
from tradewatch.dashboard.logs import tail
from tradewatch.processes.sockets import sockets
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db(transaction=True)


async def open_socket(query: str) -> ApplicationCommunicator:
    cookie = await sync_to_async(lambda: cookie_of(make_user("vera", role=Role.VIEWER)))()
    scope = {
        "type": "websocket",
        "path": "/ws/logs/",
        "query_string": query.encode(),
        "headers": [(b"cookie", f"sessionid={cookie}".encode()), (b"host", b"testserver")],
        "subprotocols": [],
    }
    socket = ApplicationCommunicator(sockets, scope)
    await socket.send_input({"type": "websocket.connect"})
    assert (await socket.receive_output(timeout=5))["type"] == "websocket.accept"
    return socket


async def next_count(socket: ApplicationCommunicator) -> int:
    message: dict[str, Any] = {}
    while message.get("type") != "news":
        message = json.loads((await socket.receive_output(timeout=5))["text"])
    return int(message["count"])


async def log(*lines: dict[str, Any], now: datetime) -> None:
    """Digest, and carry the push that the digest makes to where the sockets listen."""
    pushed: list[tuple[str, int]] = []
    route_pushes(lambda topic, project_id: pushed.append((topic, project_id)))
    await sync_to_async(lambda: digest(make_project(), container(*lines), now=now))()
    for topic, project_id in pushed:
        await get_channel_layer().group_send(f"project-{project_id}", {"type": "topic.changed", "topic": topic})
    assert ("logs", (await sync_to_async(make_project)()).pk) in pushed


async def test_it_counts_what_came_since_the_page_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "LEAST_INTERVAL_SECONDS", 0.01)
    now = timezone.now()
    since = int((now.timestamp() - 20) * 1e6)
    socket = await open_socket(f"q=level:error&cursor={since}.0")
    assert await next_count(socket) == 0
    await log(line("a", now=now, ago=9, level="error"), line("b", now=now, ago=8), now=now)
    assert await next_count(socket) == 1
    await log(line("c", now=now, ago=7, level="error"), line("old", now=now, ago=60, level="error"), now=now)
    assert await next_count(socket) == 2
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(timeout=5)


@pytest.mark.parametrize("query", ["cursor=nonsense", "q=level:loud&cursor=1.0", ""])
async def test_nonsense_is_no_news(query: str) -> None:
    socket = await open_socket(query)
    assert await next_count(socket) == 0
    await socket.send_input({"type": "websocket.disconnect", "code": 1000})
    await socket.wait(timeout=5)
