"""The socket: who may listen, what is said, and that a push reaches the page."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import count, make_issue
from tests.projects.builders import make_project, make_user
from tradewatch.accounts.models import Authenticator, SessionRecord
from tradewatch.dashboard import consumers, feeds
from tradewatch.processes.sockets import sockets
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Membership

pytestmark = pytest.mark.django_db(transaction=True)


def cookie_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies["sessionid"].value


@asynccontextmanager
async def socket(cookie: str = "", query: str = "", path: str = "/ws/live/") -> AsyncIterator[ApplicationCommunicator]:
    """Open the socket as a browser does. (channels.testing can too, but wants daphne, which nothing here needs.)"""
    headers = [(b"cookie", f"sessionid={cookie}".encode()), (b"host", b"testserver")]
    scope = {
        "type": "websocket",
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
        "subprotocols": [],
    }
    line = ApplicationCommunicator(sockets, scope)
    await line.send_input({"type": "websocket.connect"})
    assert (await line.receive_output(timeout=5))["type"] == "websocket.accept"
    try:
        yield line
    finally:
        await line.send_input({"type": "websocket.disconnect", "code": 1000})
        await line.wait(timeout=5)


async def next_message(line: ApplicationCommunicator) -> dict[str, Any]:
    return dict(json.loads((await line.receive_output(timeout=5))["text"]))


async def next_snapshot(line: ApplicationCommunicator) -> dict[str, Any]:
    while (message := await next_message(line))["type"] != "snapshot":
        pass
    return message


async def closed_with(line: ApplicationCommunicator) -> int:
    while (message := await line.receive_output(timeout=2))["type"] != "websocket.close":
        pass
    return int(message["code"])


@pytest.fixture
def viewer() -> User:
    return make_user("vera", role=Role.VIEWER)


async def test_a_watcher_gets_the_page_at_once_and_after_each_push(viewer: User) -> None:
    cookie = await sync_to_async(cookie_of)(viewer)
    async with socket(cookie) as line:
        first = await next_snapshot(line)
        assert "0 events" in first["fragments"]["figures"]
        issue = await sync_to_async(make_issue)(title="Fresh: from the wire")
        await sync_to_async(count)("events", timezone.now(), 3)
        group = f"project-{issue.project_id}"
        await get_channel_layer().group_send(group, {"type": "topic.changed", "topic": "errors"})
        second = await next_snapshot(line)
    assert "3 events" in second["fragments"]["figures"]
    assert "Fresh" in second["fragments"]["newest"]
    assert sum(second["charts"]["errors"]["values"]) == 3
    assert "csrf" not in str(second)


async def test_watchers_of_one_view_share_a_feed_which_ends_with_the_last(viewer: User) -> None:
    cookie = await sync_to_async(cookie_of)(viewer)
    async with socket(cookie) as one:
        await next_snapshot(one)
        async with socket(cookie) as other:
            await next_snapshot(other)
            assert [len(feed) for feed in feeds._feeds.values()] == [2]
        assert [len(feed) for feed in feeds._feeds.values()] == [1]
    assert not feeds._feeds


async def test_a_burst_of_pushes_makes_few_snapshots(viewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []
    real = feeds.take_snapshot
    monkeypatch.setattr(feeds, "take_snapshot", lambda *args, **kwargs: taken.append(1) or real(*args, **kwargs))
    cookie = await sync_to_async(cookie_of)(viewer)
    project = await sync_to_async(make_project)()
    async with socket(cookie) as line:
        await next_snapshot(line)
        started = time.monotonic()
        for _ in range(50):
            await get_channel_layer().group_send(f"project-{project.pk}", {"type": "topic.changed", "topic": "errors"})
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.7)
    assert 2 <= len(taken) <= 2 + (time.monotonic() - started) / feeds.LEAST_INTERVAL_SECONDS


@pytest.mark.parametrize("kind", ["anonymous", "not staff", "another project"])
async def test_who_may_not_look_is_told_so(kind: str) -> None:
    if kind == "anonymous":
        cookie, query = "", ""
    elif kind == "not staff":
        cookie = await sync_to_async(lambda: cookie_of(make_user("guest", role=Role.VIEWER, is_staff=False)))()
        query = ""
    else:
        cookie = await sync_to_async(lambda: cookie_of(make_user("vera", role=Role.VIEWER)))()
        await sync_to_async(make_project)("other")
        query = "project=other"
    async with socket(cookie, query) as line:
        assert await closed_with(line) == consumers.NOT_ALLOWED


@pytest.mark.parametrize("ending", ["membership", "staff", "session", "from afar", "second factor"])
async def test_a_socket_ends_when_its_rights_do(viewer: User, monkeypatch: pytest.MonkeyPatch, ending: str) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(consumers, "RIGHTS_SECONDS", 0.1)
    cookie = await sync_to_async(cookie_of)(viewer)
    async with socket(cookie) as line:
        await next_snapshot(line)
        await sync_to_async(_end)(viewer, ending)
        assert await closed_with(line) == consumers.NOT_ALLOWED


def _end(user: User, ending: str) -> None:
    if ending == "membership":
        Membership.objects.filter(user=user).delete()
    elif ending == "staff":
        User.objects.filter(pk=user.pk).update(is_staff=False)
    elif ending == "from afar":
        SessionRecord.objects.filter(user=user).update(ended_at=timezone.now())
    elif ending == "second factor":  # set up from another browser: this one showed none
        now = timezone.now()
        Authenticator.objects.create(user=user, seed="A" * 32, created_at=now, confirmed_at=now)
    else:
        user.set_password("another")
        user.save()


async def test_silence_is_filled_with_heartbeats(viewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.05)
    cookie = await sync_to_async(cookie_of)(viewer)
    async with socket(cookie) as line:
        await next_snapshot(line)
        assert await next_message(line) == {"type": "heartbeat"}
