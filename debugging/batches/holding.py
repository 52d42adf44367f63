"""Runs claimed batches on one event loop, in a thread of its own, and lets go of one as soon as it is cancelled.

All that is read and written goes through one other thread, which keeps its database connection: short transactions,
one after the other, so that what was claimed, begun and ended is in that order. Called by a tick, which waits for none.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from debugging.batches.claims import Claim, Standing, claim_due, renewed
from tradewatch.core.bulk import is_outage

BATCHES_AT_ONCE = 4
LOOKS_EACH_SECONDS = 0.2
PATIENCE_SECONDS, AGAIN_SECONDS = 10.0, 0.05  # with a database that is away, or that another one writes to
logger = logging.getLogger(__name__)
P = ParamSpec("P")
T = TypeVar("T")


class Hold:
    """A claimed batch in the hands of this process. `stored` runs a function on the database's thread."""

    def __init__(self, claim: Claim, writer: ThreadPoolExecutor) -> None:
        self.claim = claim
        self._writer = writer

    @property
    def batch_id(self) -> int:
        return self.claim.batch_id

    async def stored(self, act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, lambda: _patient(act, *args, **kwargs))

    async def standing(self) -> Standing:
        return await self.stored(self._renew)

    def _renew(self) -> Standing:
        self.claim, standing = renewed(self.claim, timezone.now())
        return standing


Work = Callable[[Hold], Coroutine[Any, Any, None]]
End = Callable[[Hold, Standing, str], Awaitable[None]]


async def held_to_its_end(hold: Hold, work: Work, end: End) -> None:
    """Do the work while the claim holds, then `end(hold, standing, fault)`; nothing more is written for a lost one.

    A cancelled batch, or one whose target is gone, is let go of at once: what is under way is cut off.
    """
    task = asyncio.create_task(work(hold))
    standing = Standing.HELD
    try:
        while standing == Standing.HELD and not task.done():
            await asyncio.wait({task}, timeout=LOOKS_EACH_SECONDS)
            standing = await hold.standing()
    finally:
        fault = await _let_go(task, hold)
    if standing != Standing.LOST:
        await end(hold, standing, fault)


async def _let_go(task: "asyncio.Task[None]", hold: Hold) -> str:
    """Cut the task off if it still runs; return what went wrong in it."""
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
    except Exception:
        logger.exception("batch broke off batch=%s", hold.batch_id)
        return "an error inside TradeWatch; it is in the log"
    return ""


class Runner:
    """`submit` returns at once. Used from one process; each process that works has one."""

    def __init__(self, run: Callable[[Hold], Awaitable[None]], *, batches_at_once: int = BATCHES_AT_ONCE) -> None:
        self._run = run
        self._batches_at_once = batches_at_once
        self._lock = threading.Lock()
        self._under_way = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="batches-write")

    @property
    def free(self) -> int:
        with self._lock:
            return self._batches_at_once - self._under_way

    def start_due(self, now: datetime) -> int:
        """Claim what is due, as far as there are places, and let it run. Returns how many were started."""
        claims = claim_due(now, limit=self.free)
        for claim in claims:
            self.submit(claim)
        return len(claims)

    def submit(self, claim: Claim) -> None:
        with self._lock:
            self._under_way += 1
            loop = self._started_loop()
        asyncio.run_coroutine_threadsafe(self._held(Hold(claim, self._writer)), loop)

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="batches", daemon=True).start()
        return self._loop

    async def _held(self, hold: Hold) -> None:
        try:
            await self._run(hold)
        except Exception:
            logger.exception("batch was not ended batch=%s", hold.batch_id)  # its claim runs out
        finally:
            # Kept open until here: to open one for each act took more time than all the acts.
            await asyncio.get_running_loop().run_in_executor(self._writer, close_old_connections)
            with self._lock:
                self._under_way -= 1


def _patient(act: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Each act asks for the state that it changes: one that was done although nobody heard so does no harm twice."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return act(*args, **kwargs)
        except DatabaseError as error:
            close_old_connections()
            if not is_outage(error) or time.monotonic() > until:
                raise
        time.sleep(AGAIN_SECONDS)
