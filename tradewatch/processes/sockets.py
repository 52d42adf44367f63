"""The websocket side of the ASGI application: who may connect, and to what."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from channels.auth import AuthMiddlewareStack
from channels.routing import URLRouter

from tradewatch.dashboard.routing import websocket_urlpatterns

_routes = AuthMiddlewareStack(URLRouter(websocket_urlpatterns))


async def sockets(
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Refuse a page of another origin: a browser would lend it the session cookie."""
    if is_same_origin(dict(scope["headers"])):
        await _routes(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close", "code": 4403})


def is_same_origin(headers: dict[bytes, bytes]) -> bool:
    """Return whether Origin names the Host that was asked. Only browsers send Origin: without one there is no page."""
    origin = headers.get(b"origin")
    return origin is None or urlsplit(origin.decode("latin-1")).netloc.encode() == headers.get(b"host")
