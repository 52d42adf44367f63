"""Runs claimed checks side by side on one event loop, in a thread of its own: one that hangs costs only its place.

The answers are written by two threads, which keep their database connections. A process that dies loses its runs; their
claims run out, and another takes them up.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import close_old_connections
from django.utils import timezone

from tradewatch.performance.checks.plans import Answer, Plan
from tradewatch.performance.checks.probes import run_probe
from tradewatch.performance.checks.running import Job, claim_due, record

RUNS_AT_ONCE = 100
WRITERS = 2
logger = logging.getLogger(__name__)


class Runner:
    """`submit` returns at once. Used from one process; each process that works has one."""

    def __init__(
        self, probe: Callable[[Plan], Awaitable[Answer]] = run_probe, *, runs_at_once: int = RUNS_AT_ONCE
    ) -> None:
        self._probe = probe
        self._runs_at_once = runs_at_once
        self._lock = threading.Lock()
        self._under_way = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="checks-write")

    @property
    def free(self) -> int:
        """How many more runs it takes."""
        with self._lock:
            return self._runs_at_once - self._under_way

    def submit(self, job: Job) -> None:
        with self._lock:
            self._under_way += 1
            loop = self._started_loop()
        asyncio.run_coroutine_threadsafe(self._run(job), loop)

    def _started_loop(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=self._loop.run_forever, name="checks", daemon=True).start()
        return self._loop

    async def _run(self, job: Job) -> None:
        try:
            answer = await self._probe(job.plan)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._writers, _write, job, answer, timezone.now())
        except Exception:
            logger.exception("check was not run check=%s", job.check_id)  # its claim runs out
        finally:
            with self._lock:
                self._under_way -= 1


_runner: Runner | None = None
_runner_lock = threading.Lock()


def start_due(now: datetime) -> int:
    """Claim what is due, as far as there are places, and let it run. Returns how many were started; waits for none."""
    runner = _own_runner()
    jobs = claim_due(now, limit=runner.free)
    for job in jobs:
        runner.submit(job)
    return len(jobs)


def _own_runner() -> Runner:
    global _runner
    with _runner_lock:
        if _runner is None:
            _runner = Runner()
        return _runner


def _write(job: Job, answer: Answer, at: datetime) -> None:
    close_old_connections()
    try:
        record(job, answer, at=at)
    finally:
        close_old_connections()
