"""A thread that carries signals at a bounded pace: many equal ones become one."""

import logging
import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
Signal = TypeVar("Signal")


class Coalescer(Generic[Signal]):
    """Hands each distinct signal to `deliver` at once, then at most once every `interval_seconds`.

    `put` never blocks and never raises. The thread starts with the first signal of a process: a fork (Celery's prefork
    pool) leaves threads behind, so the child starts its own.
    """

    def __init__(self, deliver: Callable[[Signal], None], *, interval_seconds: float) -> None:
        self._deliver = deliver
        self._interval_seconds = interval_seconds
        self._pid: int | None = None
        self._start_anew()

    def put(self, signal: Signal) -> None:
        if self._pid != os.getpid():
            self._start_anew()
            self._pid = os.getpid()
            threading.Thread(target=self._run, name="coalescer", daemon=True).start()
        with self._lock:
            self._waiting[signal] = None
        self._wake.set()

    def _start_anew(self) -> None:
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._waiting: dict[Signal, None] = {}

    def _run(self) -> None:
        pause = threading.Event()
        while True:
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                signals, self._waiting = self._waiting, {}
            for signal in signals:
                self._deliver_one(signal)
            pause.wait(self._interval_seconds)

    def _deliver_one(self, signal: Signal) -> None:
        try:
            self._deliver(signal)
        except Exception as error:  # a broker that is away must not end the thread: the sweep finds the work
            logger.warning("could not pass on %s: %s: %s", signal, type(error).__name__, error)
            logger.debug("could not pass on %s", signal, exc_info=True)  # many a second, for as long as it is away
