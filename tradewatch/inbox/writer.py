"""Group commit: requests hand their envelopes to one thread, which commits whatever queued up during its last commit.

No linger: an idle writer commits a lone envelope at once, a busy one shares each fsync among all who wait.
"""

import asyncio
import logging
import threading
from asyncio import AbstractEventLoop, Future
from collections import defaultdict
from collections.abc import Callable, Iterable

from tradewatch.inbox.queue import Arrived, Queue

logger = logging.getLogger(__name__)

_MAX_ROWS_A_COMMIT = 1_000
_MAX_BYTES_A_COMMIT = 32 << 20  # also what one COPY or INSERT holds in memory besides the waiting bodies
_STOP_SECONDS = 30.0

Waiter = tuple[Arrived, "Future[None]"]


class NotStoredError(Exception):
    """The envelope is not in the queue and must not be answered with 200; the text is for the sender."""


class Writer:
    """Stores envelopes through `queue`; `after_commit` runs in the writer's thread once a commit and never raises."""

    def __init__(
        self,
        queue: Queue,
        *,
        after_commit: Callable[[], None] = lambda: None,
        max_waiting: int = 10_000,
        max_waiting_bytes: int = 128 << 20,
    ) -> None:
        self._queue = queue
        self._after_commit = after_commit
        self._max_waiting = max_waiting
        self._max_waiting_bytes = max_waiting_bytes
        self._waiting: list[Waiter] = []
        self._waiting_bytes = 0
        self._changed = threading.Condition(threading.Lock())
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="inbox-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Commit what waits, then end the thread; whoever comes later gets `NotStoredError`."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(_STOP_SECONDS)

    async def put(self, arrived: Arrived) -> None:
        """Return once `arrived` is on disk. Raises `NotStoredError` when it cannot be, or too much waits already."""
        future: Future[None] = asyncio.get_running_loop().create_future()
        with self._changed:
            self._admit(len(arrived.body))
            self._waiting.append((arrived, future))
            if len(self._waiting) == 1:
                self._changed.notify()
        await future

    def _admit(self, body_bytes: int) -> None:
        if self._stopping:
            raise NotStoredError("The server is shutting down.")
        is_full = len(self._waiting) >= self._max_waiting or self._waiting_bytes + body_bytes > self._max_waiting_bytes
        if is_full and self._waiting:
            raise NotStoredError("Too many envelopes are waiting to be stored.")
        self._waiting_bytes += body_bytes

    def _run(self) -> None:
        while batch := self._next_batch():
            error = self._commit([arrived for arrived, _ in batch])
            _answer((future for _, future in batch), error)
        self._queue.close()

    def _next_batch(self) -> list[Waiter]:
        """Return what waits now, blocking until something does; empty when the writer stops."""
        with self._changed:
            while not self._waiting and not self._stopping:
                self._changed.wait()
            batch = self._cut()
            self._waiting_bytes -= sum(len(arrived.body) for arrived, _ in batch)
            return batch

    def _cut(self) -> list[Waiter]:
        count = body_bytes = 0
        for arrived, _ in self._waiting[:_MAX_ROWS_A_COMMIT]:
            body_bytes += len(arrived.body)
            if count and body_bytes > _MAX_BYTES_A_COMMIT:
                break
            count += 1
        batch, self._waiting = self._waiting[:count], self._waiting[count:]
        return batch

    def _commit(self, batch: list[Arrived]) -> NotStoredError | None:
        try:
            self._queue.append(batch)
        except Exception as error:  # whatever a driver raises, those who wait must be told and the thread must live
            logger.error("inbox commit failed envelopes=%s error=%s", len(batch), type(error).__name__)
            return NotStoredError("The envelope could not be stored.")
        self._after_commit()
        return None


def _answer(futures: Iterable["Future[None]"], error: NotStoredError | None) -> None:
    by_loop: dict[AbstractEventLoop, list[Future[None]]] = defaultdict(list)
    for future in futures:
        by_loop[future.get_loop()].append(future)
    for loop, waiting in by_loop.items():
        try:
            loop.call_soon_threadsafe(_resolve, waiting, error)
        except RuntimeError:
            logger.warning("inbox answered a closed event loop envelopes=%s", len(waiting))


def _resolve(futures: list["Future[None]"], error: NotStoredError | None) -> None:
    for future in futures:
        if future.done():  # its request was cancelled
            continue
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
