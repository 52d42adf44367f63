"""The ASGI application: SDK traffic to the raw edge, sockets to Channels, everything else to Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tradewatch.settings")

from django.core.asgi import get_asgi_application

unbounded_pages = get_asgi_application()  # sets Django up: what follows imports models

from tradewatch.ingest.edge import edge, is_ingest  # noqa: E402
from tradewatch.processes.page_bodies import Receive, Scope, Send, bounded  # noqa: E402
from tradewatch.processes.sockets import sockets  # noqa: E402
from tradewatch.processes.web import lifespan  # noqa: E402

pages = bounded(unbounded_pages)


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await (edge if is_ingest(scope["path"]) else pages)(scope, receive, send)
    elif scope["type"] == "websocket":
        await sockets(scope, receive, send)
    else:
        await lifespan(scope, receive, send)
