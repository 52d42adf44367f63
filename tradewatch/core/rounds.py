"""A thread of a process that does the same again and again beside its work, whatever goes wrong in one round."""

import logging
import threading
from collections.abc import Callable

from django.db import connections

logger = logging.getLogger(__name__)


class Rounds:
    """Calls `act` every so many seconds, `at_once` for the first time as it starts; `last` once when it is stopped.

    What a round raises is written to the log as `trouble` with the error's type alone, which quotes no payload, and the
    thread lives on. Between rounds it holds no connection to a database.
    """

    def __init__(
        self,
        act: Callable[[], object],
        *,
        name: str,
        seconds: float,
        trouble: str,
        at_once: bool = False,
        last: Callable[[], object] | None = None,
    ) -> None:
        self._act, self._last = act, last
        self._seconds, self._trouble, self._at_once = seconds, trouble, at_once
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Blocks until the last round is over, for ten seconds at most."""
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        if self._at_once:
            self._try(self._act)
        while not self._stopping.wait(self._seconds):
            self._try(self._act)
        if self._last is not None:
            self._try(self._last)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:
            logger.warning("%s error=%s", self._trouble, type(error).__name__)
        finally:
            connections.close_all()
