"""Tells those who watch that a batch moved on, at most twice a second however fast it does."""

import asyncio

from tradewatch.core.live import push

EACH_SECONDS = 0.5


class Pace:
    """Used on one event loop. The last change is always told, half a second late at most."""

    def __init__(self, project_id: int) -> None:
        self._project_id = project_id
        self._told_at = float("-inf")
        self._later: asyncio.TimerHandle | None = None

    def changed(self) -> None:
        loop = asyncio.get_running_loop()
        wait = self._told_at + EACH_SECONDS - loop.time()
        if wait <= 0:
            self._tell()
        elif self._later is None:
            self._later = loop.call_later(wait, self._tell)

    def _tell(self) -> None:
        if self._later is not None:
            self._later.cancel()
        self._later, self._told_at = None, asyncio.get_running_loop().time()
        push("debug", self._project_id)
