"""Starts the worker process, watches it, and starts it again when it ends."""

import logging
import subprocess
import sys
import threading
import time

from django.conf import settings

from tradewatch.processes.link import Link, link_pair

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.2, 10.0
STEADY_SECONDS = 30.0
GRACE_SECONDS = 12.0
logger = logging.getLogger(__name__)


class Supervisor:
    """Keeps one worker process alive. Both ends of the link stay open here: a new worker inherits the same one."""

    def __init__(self) -> None:
        ours, self._theirs = link_pair()
        self.link = Link(ours)
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the worker: ask, wait, then kill. What it had not digested waits in the inbox."""
        self._stopping.set()
        child = self._child
        if child is None:
            return
        child.terminate()
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            logger.warning("the worker did not stop in time: killing it")
            child.kill()

    def _watch(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping.is_set():
            started_at = time.monotonic()
            self._child = self._spawn()
            code = self._child.wait()
            if self._stopping.is_set():
                return
            pause = FIRST_PAUSE_SECONDS if time.monotonic() - started_at > STEADY_SECONDS else pause
            logger.error("the worker ended with code %s, starting it again in %.1f s", code, pause)
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _spawn(self) -> subprocess.Popen[bytes]:
        fd = self._theirs.fileno()
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "work", "--link", str(fd)]
        # A session of its own: Ctrl-C reaches the server alone, which then ends the worker in order.
        return subprocess.Popen(command, pass_fds=[fd], start_new_session=True)  # noqa: S603
