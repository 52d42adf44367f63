"""The edge for SDKs: a raw ASGI application in front of Django. It accepts durably and leaves meaning to the digest.

No database here: keys and quotas come from a snapshot, the queue is written by a thread. Whatever goes wrong is
answered 503, never 500, and logged without any of the payload.
"""

import logging
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings

from tradewatch.core.kick import kick
from tradewatch.inbox import queue_postgres, queue_sqlite
from tradewatch.inbox.decoding import DecodingError
from tradewatch.inbox.envelope import EnvelopeError
from tradewatch.inbox.writer import NotStoredError, Writer
from tradewatch.ingest.acceptance import Acceptance, Scope
from tradewatch.ingest.answers import Answer, RefusedError, busy, preflight, refused, wrong_method
from tradewatch.ingest.bodies import ClientGoneError, Receive
from tradewatch.ingest.gate import DiskGate
from tradewatch.ingest.quotas import Quotas
from tradewatch.ingest.refresher import Refresher
from tradewatch.ingest.routes import route_of
from tradewatch.ingest.stats import EdgeStats
from tradewatch.ingest.tallying import EdgeTally

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]

_READY_SECONDS = 5.0


class Edge:
    """What the requests of one process share."""

    def __init__(self) -> None:
        self.stats = EdgeStats()
        quotas = Quotas()
        queue = queue_postgres if settings.IS_POSTGRES else queue_sqlite
        self._writer = Writer(queue, after_commit=lambda: kick("digest"))
        self.gate = DiskGate()
        self._acceptance = Acceptance(self._writer, quotas, self.gate, self.stats)
        self._refresher = Refresher(quotas, self.gate)
        self._tally = EdgeTally(self.stats)

    def start(self) -> None:
        self.gate.start()
        self._refresher.start()
        self._refresher.is_ready.wait(_READY_SECONDS)
        self._writer.start()
        self._tally.start()

    def stop(self) -> None:
        self._writer.stop()
        self.gate.stop()
        self._refresher.stop()
        self._acceptance.close()
        self._tally.stop()

    async def answer(self, scope: Scope, receive: Receive) -> Answer:
        """Return what to tell the client. Raises `ClientGoneError` when nobody is left to be told."""
        try:
            answer = await self._answer(scope, receive)
        except RefusedError as refusal:
            answer = refusal.answer
        except (EnvelopeError, DecodingError) as error:
            answer = refused(error.status, str(error))
        except NotStoredError as error:
            answer = busy(str(error))
        except ClientGoneError:
            raise
        except Exception as error:
            # The message is left out: a parser's error may quote what it could not parse.
            place = traceback.extract_tb(error.__traceback__)[-1]
            logger.error("ingest failed error=%s at=%s:%s", type(error).__name__, place.name, place.lineno)
            answer = busy("The request could not be handled.")
        if answer.status >= 400:
            self.stats.refused[answer.status] += 1
        return answer

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        route = route_of(scope["path"])
        if route is None:
            return refused(404, "This path takes no events.")
        if scope["method"] == "OPTIONS":
            return preflight(route.methods)
        if scope["method"] not in route.methods:
            return wrong_method(route.methods)
        if not self._refresher.is_ready.is_set():
            return busy("The server is starting.")
        return await self._acceptance.take(route, scope, receive)


_running: Edge | None = None


def start_edge() -> None:
    """Start accepting in this process. Blocks up to 5 s for the first snapshot of keys."""
    global _running
    if _running is None:
        _running = Edge()
        _running.start()


def stop_edge() -> None:
    """Commit what waits and stop accepting. Blocks."""
    global _running
    if _running is not None:
        _running.stop()
        _running = None


def edge_stats() -> EdgeStats:
    """Return what this process took and refused; zeros where no edge runs."""
    return _running.stats if _running is not None else EdgeStats()


def is_ingest(path: str) -> bool:
    """Return whether a request to `path` is for the edge."""
    return route_of(path) is not None


async def edge(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one HTTP request of an SDK (ASGI 3)."""
    try:
        answer = busy("The server is stopping.") if _running is None else await _running.answer(scope, receive)
    except ClientGoneError:
        return
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
