"""The backend of TradeWatch itself: events take the inbox that every other event takes, without HTTP.

`backends` imports this module by name, only where Django is configured: it is the facade's one module that needs it.
"""

import asyncio
import contextlib

from django.conf import settings
from django.db import connections
from sentry_sdk import Client
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tradewatch.core.faults import Unknown
from tradewatch.facade.client import build_client
from tradewatch.facade.failures import swallowed
from tradewatch.facade.options import ClientOptions
from tradewatch.inbox.services import enqueue
from tradewatch.projects.config import project_configs


class InboxTransport(Transport):
    """Puts envelopes into the inbox for the project with `slug`, looked up when needed: it may be made later."""

    def __init__(self, slug: str) -> None:
        super().__init__()
        self.slug = slug

    def capture_envelope(self, envelope: Envelope) -> None:
        body = envelope.serialize()
        with contextlib.suppress(RuntimeError):
            loop = asyncio.get_running_loop()
            # The event loop must not wait for a disk, nor may it use the ORM: a thread does.
            loop.run_in_executor(None, self._enqueue_and_disconnect, body)
            return
        enqueue(self._project_id(), body)

    def _enqueue_and_disconnect(self, body: bytes) -> None:
        try:
            with swallowed("enqueue"):
                enqueue(self._project_id(), body)
        finally:
            connections.close_all()  # the thread's own; nobody else would close them

    def _project_id(self) -> int:
        for config in project_configs().values():
            if config.slug == self.slug:
                return config.id
        raise Unknown(f"no project has the slug {self.slug}")


def connect(project: str) -> Client | None:
    """Return a client that delivers to `project` (a slug) of this TradeWatch."""
    options = ClientOptions(
        dsn="",  # the transport knows where to; empty, not None: None makes the SDK read SENTRY_DSN
        environment=settings.SENTRY_ENVIRONMENT,
        release=f"tradewatch@{settings.VERSION}",
        traces_sample_rate=settings.SENTRY_TRACES_SAMPLE_RATE,
        profiles_sample_rate=settings.SENTRY_PROFILES_SAMPLE_RATE,
    )
    return build_client(options, transport=InboxTransport(project))
