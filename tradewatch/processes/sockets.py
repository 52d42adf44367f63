"""The websocket side of the ASGI application: who may connect, and to what."""

from collections.abc import Awaitable, Callable
from typing import Any

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter

from tradewatch.dashboard.routing import websocket_urlpatterns
from tradewatch.processes.origin import is_same_origin
from tradewatch.processes.present import open_sockets

_routes = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))


async def sockets(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Refuse a page of another origin: a browser would lend it the session cookie."""
    if is_same_origin(dict(scope["headers"])):
        with open_sockets:
            await _routes(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": 4403})
