"""`sentry_config`: reports errors and messages to TradeWatch with what the caller knows about them.

Works beside an application's own `sentry_sdk.init`. Nothing here raises into its caller (see `failures`).
"""

import atexit
import logging
import threading
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Unpack

from sentry_sdk import Client
from sentry_sdk.types import Event, Hint
from sentry_sdk.utils import event_from_exception

from tradewatch.facade.backends import backend_of_this_process
from tradewatch.facade.choices import ErrorCategory, ErrorSeverity
from tradewatch.facade.events import Said, describe
from tradewatch.facade.failures import swallowed

__all__ = ["ErrorCategory", "ErrorSeverity", "SentryConfig", "sentry_config"]

logger = logging.getLogger(__name__)

EXIT_FLUSH_SECONDS = 2.0
MECHANISM = {"type": "tradewatch", "handled": True}

_user: ContextVar[Mapping[str, Any] | None] = ContextVar("tradewatch_user", default=None)


class SentryConfig:
    """Connects on first use, or when `initialize` is called."""

    def __init__(self) -> None:
        self._client: Client | None = None
        self._has_tried = False
        self._lock = threading.Lock()

    @property
    def initialized(self) -> bool:
        return self._client is not None

    def initialize(self, *, project: str = "default") -> bool:
        """Connect to TradeWatch and return whether there is one to send to; again: connect anew.

        Inside TradeWatch `project` is the slug that events go to. Elsewhere TRADEWATCH_DSN decides, and without it
        the answer is False.
        """
        self._has_tried = True
        with swallowed("initialize"):
            client = backend_of_this_process().connect(project)
            if client is None:
                logger.warning("facade not connected: TRADEWATCH_DSN is not set")
            self._replace(client)
        return self.initialized

    def capture_error(self, *, error: BaseException, **said: Unpack[Said]) -> str | None:
        """Report `error` with its chain of causes; return its event id (32 hex digits), None when it cannot be sent.

        `level` is error unless said. A `category` is kept as it is; without one the server's rules find it.
        """
        with swallowed("capture_error"):
            if client := self._connected():
                event, hint = event_from_exception(error, client_options=client.options, mechanism=MECHANISM)
                return _send(client, event, said, usual_level=ErrorSeverity.ERROR, hint=hint)
        return None

    def capture_message(self, message: str, **said: Unpack[Said]) -> str | None:
        """Report `message`, at level info unless said; return as `capture_error` does."""
        with swallowed("capture_message"):
            if client := self._connected():
                return _send(client, {"message": message}, said, usual_level=ErrorSeverity.INFO)
        return None

    def set_user(self, user: Mapping[str, Any] | None) -> None:
        """Name the user of what this task or thread reports from now on; None: nobody."""
        _user.set(user)

    def flush(self, *, timeout_seconds: float = EXIT_FLUSH_SECONDS) -> None:
        """Wait until what was captured is sent, at most `timeout_seconds`."""
        with swallowed("flush"):
            if self._client is not None:
                self._client.flush(timeout=timeout_seconds)

    def close(self) -> None:
        """Send what is waiting and disconnect; the next capture connects anew."""
        self._has_tried = False
        with swallowed("close"):
            self._replace(None)

    def _connected(self) -> Client | None:
        if not self._has_tried:
            self.initialize()
        return self._client

    def _replace(self, client: Client | None) -> None:
        with self._lock:
            previous, self._client = self._client, client
        if previous is not None:
            previous.close(timeout=EXIT_FLUSH_SECONDS)


def _send(
    client: Client, event: Event, said: Said, *, usual_level: ErrorSeverity, hint: Hint | None = None
) -> str | None:
    said.setdefault("user", _user.get())
    return client.capture_event(describe(event, said, usual_level=usual_level), hint)


sentry_config = SentryConfig()
atexit.register(sentry_config.close)  # the SDK's own hook belongs to an integration, and those are off
