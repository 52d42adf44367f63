"""A socket says nothing of another project, whatever it is asked for; every socket route there is."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from django.test import Client

from tests.hostile.rows import Side
from tests.projects.builders import make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.dashboard.routing import websocket_urlpatterns
from tradewatch.processes.sockets import sockets
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db(transaction=True)
PATHS = ["/" + str(each.pattern) for each in websocket_urlpatterns]
NAMELESS = {"/ws/topics/"}  # says that something changed, never what; whose news it tells: tests/dashboard/test_topics


def cookie_of_a_responder_of_another_project() -> str:
    Side("zebra4242", 4242).fill()
    ours = Side("koala4343", 4343).fill()
    user = make_user("the-responder")
    add_member(SYSTEM, ours.project, user, Role.RESPONDER)
    client = Client()
    client.force_login(user)
    return str(client.cookies["sessionid"].value)


async def heard(path: str, query: str, cookie: str) -> list[Any]:
    """Return what a socket sends until it pauses for half a second, its close code included."""
    scope = {
        "type": "websocket",
        "path": path,
        "query_string": query.encode(),
        "headers": [(b"cookie", f"sessionid={cookie}".encode()), (b"host", b"testserver")],
        "subprotocols": [],
    }
    line = ApplicationCommunicator(sockets, scope)
    await line.send_input({"type": "websocket.connect"})
    said: list[Any] = []
    try:
        while True:
            message = await line.receive_output(timeout=2 if len(said) < 2 else 0.5)
            said.append(message)
            if message["type"] == "websocket.close":
                break
            await line.send_input({"type": "websocket.receive", "text": json.dumps({"project": "zebra4242"})})
    except TimeoutError:
        return said
    await line.send_input({"type": "websocket.disconnect", "code": 1000})
    await asyncio.wait_for(line.wait(timeout=5), 6)
    return said


@pytest.mark.parametrize("path", PATHS)
async def test_a_socket_shows_ones_own_projects_alone(path: str) -> None:
    cookie = await sync_to_async(cookie_of_a_responder_of_another_project)()
    said = await heard(path, "", cookie)
    assert said[0]["type"] == "websocket.accept"
    assert path in NAMELESS or "koala4343" in str(said), "it says something"
    assert "zebra4242" not in str(said)
    refused = await heard(path, "project=zebra4242", cookie)
    assert refused[-1].get("code") == 4403
    assert "zebra4242" not in str(refused)
    strangers = await heard(path, "", "nonsense")
    assert strangers[-1]["code"] == 4403
