"""The sockets of live pages: staff only, their own projects only, and only as long as that stays true."""

import asyncio
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from tradewatch.accounts.gate import user_of
from tradewatch.core.faults import Fault
from tradewatch.dashboard.feeds import Feed, Message, unwatch, watch
from tradewatch.dashboard.scope import Scope, read_scope, user_actor

HEARTBEAT_SECONDS = 5.0
RIGHTS_SECONDS = 30.0
NOT_ALLOWED = 4403


class ScopedConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """A socket about the projects of the scope that its URL names; what it tells of them is up to `begin`.

    Sends heartbeats, and listens to nothing that the page says.
    """

    live_scope: Scope | None = None
    ticker: asyncio.Task[None] | None = None

    async def begin(self, scope: Scope) -> None:
        """Called once, when the socket is open and its user may see the scope."""

    async def end(self) -> None:
        """Called when it closes; perhaps without a `begin`."""

    async def connect(self) -> None:
        self.live_scope = await self._allowed_scope()
        await self.accept()  # before a refusal too: only an open socket can give its reason to the page
        if self.live_scope is None:
            await self.close(code=NOT_ALLOWED)
            return
        for project_id in self.live_scope.project_ids:
            await self.channel_layer.group_add(f"project-{project_id}", self.channel_name)
        self.ticker = asyncio.create_task(self._tick())
        await self.begin(self.live_scope)

    async def disconnect(self, code: int) -> None:
        if self.ticker is not None:
            self.ticker.cancel()
        await self.end()
        for project_id in self.live_scope.project_ids if self.live_scope else ():
            await self.channel_layer.group_discard(f"project-{project_id}", self.channel_name)

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """The page has nothing to say."""

    async def topic_changed(self, event: dict[str, Any]) -> None:
        """Called by a live push to one of the groups (`core.live.push`)."""

    async def _tick(self) -> None:
        """Keep the line known to be alive, and look every 30 s whether the user still may see this."""
        waited = 0.0
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            waited += HEARTBEAT_SECONDS
            if waited >= RIGHTS_SECONDS:
                waited = 0.0
                if await self._allowed_scope() != self.live_scope:
                    await self.close(code=NOT_ALLOWED)
                    return
            await self.send_json({"type": "heartbeat"})

    @database_sync_to_async
    def _allowed_scope(self) -> Scope | None:
        """Return what the URL asks for, read anew with the session's user; None when they may not see it."""
        user = self._session_user()
        if not (user.is_active and user.is_staff):
            return None
        query = dict(parse_qsl(self.scope["query_string"].decode("latin-1")))
        try:
            return read_scope(user_actor(user), query)
        except Fault:
            return None

    def _session_user(self) -> Any:
        """Return the session's user as the database has it now: logout, new password and an end from afar close it."""
        session = self.scope.get("session")
        if session is None or not session.session_key:
            return AnonymousUser()
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(session.session_key)
        return user_of(request)


class LiveConsumer(ScopedConsumer):
    """Sends `{"type": "snapshot", ...}` (see `fragments`)."""

    feed: Feed | None = None

    async def begin(self, scope: Scope) -> None:
        self.feed = watch(scope, self.send_message)

    async def end(self) -> None:
        if self.feed is not None:
            unwatch(self.feed, self.send_message)

    async def topic_changed(self, event: dict[str, Any]) -> None:
        if self.feed is not None and event.get("topic") != "logs":  # no figure of the live page counts lines
            self.feed.mark_changed()

    async def send_message(self, message: Message) -> None:
        await self.send_json(message)
