"""A thread that does what waits on the network, so that the application never does. Bounded, and flushed at the end."""

import os
import queue
import threading
import time
from collections.abc import Callable

from tradewatch.facade.failures import count_failure, swallowed

WAITING_AT_MOST = 200
THREAD_NAME = "tradewatch-facade"

Job = Callable[[], None]


class Background:
    """Runs jobs one after another. Its thread starts with the first job, anew in each process after a fork."""

    def __init__(self, operation: str) -> None:
        self._operation = operation
        self._jobs: queue.Queue[Job] = queue.Queue(WAITING_AT_MOST)
        self._pid = 0
        self._lock = threading.Lock()

    def add(self, job: Job) -> bool:
        """Put a job in line. False, and counted, when too many wait: memory is the application's."""
        self._start_once()
        try:
            self._jobs.put_nowait(job)
        except queue.Full:
            count_failure(self._operation, "queue full")
            return False
        return True

    def flush(self, *, timeout_seconds: float) -> bool:
        """Wait until all jobs are done; False when the time ran out."""
        deadline = time.monotonic() + timeout_seconds
        while self._jobs.unfinished_tasks and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._jobs.unfinished_tasks

    def _start_once(self) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid, self._jobs = os.getpid(), queue.Queue(WAITING_AT_MOST)
            threading.Thread(target=self._run, args=(self._jobs,), name=THREAD_NAME, daemon=True).start()

    def _run(self, jobs: "queue.Queue[Job]") -> None:
        while True:
            job = jobs.get()
            try:
                with swallowed(self._operation):
                    job()
            except Exception:  # noqa: S110  # tests let failures surface; here nobody is left to see them
                pass
            finally:
                jobs.task_done()
