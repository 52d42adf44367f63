"""Prepares the next batch in a process of its own while the digest stores this one.

Preparing (parse, scrub, group, compress) needs no database and is the larger half of digesting; the other core does it.
Only a backlog starts that process, two full batches in a row, and it ends when there has been none for a while: an
install that is not behind runs without it.
What comes back is nothing but prepared rows: the cursor, and so what is stored, stays the digest's own.
"""

import logging
import pickle
import subprocess
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

from tradewatch.inbox import preparing, queue_sqlite
from tradewatch.inbox.handlers import Handlers
from tradewatch.inbox.preparing import Prepared

IDLE_SECONDS = 30.0
LONGEST_WAIT_SECONDS = 60.0
READY = b"ready"

logger = logging.getLogger(__name__)
Spawn = Callable[[], tuple["subprocess.Popen[bytes]", Connection]]


def prepare_after(position: int, handlers: Handlers) -> list[Prepared]:
    """Return the next batch of the SQLite queue after `position`, prepared; empty when nothing waits."""
    rows = queue_sqlite.read_after(position, limit=preparing.ROWS_A_BATCH, max_bytes=preparing.BYTES_A_BATCH)
    return preparing.prepare_rows(rows, handlers, max_bytes=preparing.PLAIN_BYTES_A_BATCH)


def serve_preparing(line: Connection, handlers: Handlers) -> None:
    """The other process: answer each position with the batch after it, until the digest at the other end is gone."""
    try:
        line.send_bytes(READY)
        while True:
            batch = prepare_after(int(line.recv_bytes()), handlers)
            line.send_bytes(pickle.dumps(batch, protocol=pickle.HIGHEST_PROTOCOL))
    except (EOFError, ConnectionError):
        return


class Ahead:
    """The digest's end. Whatever happens to the other process, `take` says None and the digest prepares by itself."""

    def __init__(self, spawn: Spawn) -> None:
        self._spawn = spawn
        self._process: subprocess.Popen[bytes] | None = None
        self._line: Connection | None = None
        self._is_ready = False
        self._is_behind = False  # the last batch was a full one
        self._asked: int | None = None
        self._used_at = 0.0

    def ask(self, position: int) -> None:
        """After a full batch: have the one after `position` prepared, if the process is there and ready.

        Where it is not there, the second full batch in a row starts it.
        """
        self._used_at = time.monotonic()
        was_behind, self._is_behind = self._is_behind, True
        if self._line is None:
            if was_behind:
                self._process, self._line = self._spawn()
            return
        try:
            if not self._is_ready and self._line.poll():
                self._is_ready = self._line.recv_bytes() == READY
            if self._is_ready and self._asked is None:
                self._line.send_bytes(b"%d" % position)
                self._asked = position
        except (EOFError, OSError):
            self._give_up()

    def take(self, position: int) -> list[Prepared] | None:
        """Return the batch after `position` if it was asked for; None when it was not, or its process failed."""
        if self._line is None or self._asked is None:
            return None
        asked, self._asked = self._asked, None
        try:
            if not self._line.poll(LONGEST_WAIT_SECONDS):
                raise EOFError("no answer")
            # Written by our own process at the other end of an inherited socket pair.
            batch: list[Prepared] = pickle.loads(self._line.recv_bytes())  # noqa: S301
        except (EOFError, OSError, pickle.UnpicklingError):
            self._give_up()
            return None
        return batch if asked == position else None  # the cursor went elsewhere meanwhile

    def rest(self) -> None:
        """Less than a batch waits: end the process if it has not been used for a while."""
        self._is_behind = False
        if self._line is not None and time.monotonic() - self._used_at > IDLE_SECONDS:
            self.stop()

    def stop(self) -> None:
        """End the process; the next backlog starts it anew."""
        line, process = self._line, self._process
        self._process, self._line, self._is_ready, self._asked = None, None, False, None
        if line is not None:
            line.close()  # the other end reads that this one is gone
        if process is not None:
            process.terminate()
            process.wait()

    def _give_up(self) -> None:
        logger.warning("the process that prepares ahead is gone: preparing here")
        self.stop()
