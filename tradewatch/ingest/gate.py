"""Closes the edge before the disk is full: events are refused with 429 while nothing of them touches the disk.

A thread looks at the file system twice a second. What waits in the inbox will take room when it is digested, so that
is owed already; and between two looks what is taken is counted down: a burst does not find the last bytes.
PostgreSQL's size against its budget is brought by the edge's refresher.
"""

import logging
import sqlite3
import threading

from django.conf import settings
from django.db import DatabaseError, connections

from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.queries import waiting_bytes
from tradewatch.ingest.answers import RefusedError, disk_full
from tradewatch.performance.disk.marks import refuses
from tradewatch.performance.disk.room import Room, disk_room

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
DIGESTED_COPIES = 3  # of what waits: the database's log, its file, and counts and indexes
COPIES = DIGESTED_COPIES + 2  # of what comes: the inbox's log and file before that


class DiskGate:
    """Open at first. `check` and `spend` are the event loop's; they wait for nothing."""

    def __init__(self) -> None:
        self.is_closed = False
        self._left = 0  # bytes until the critical mark, as far as is known
        self._is_known = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="edge-disk", daemon=True)

    def start(self) -> None:
        if not settings.IS_POSTGRES:
            self._look()
            self._thread.start()

    def stop(self) -> None:
        self._stopping.set()

    def check(self) -> None:
        """Raise `RefusedError` (429) while the gate is closed."""
        if self.is_closed:
            raise RefusedError(disk_full())

    def spend(self, body_bytes: int) -> None:
        """Count what is about to be stored. Raises `RefusedError` where it might lead below the critical mark."""
        self.check()
        if not self._is_known:
            return
        self._left -= body_bytes * COPIES
        if self._left < 0:
            raise RefusedError(disk_full())

    def heed(self, room: Room, *, waiting_bytes: int = 0) -> None:
        """Open or close by what was measured."""
        free = room.free_bytes - waiting_bytes * DIGESTED_COPIES
        self._left = free - room.marks.critical
        self._is_known = True
        closes = refuses(free, room.marks, has_begun=self.is_closed)
        if closes != self.is_closed:
            self.is_closed = closes
            _say(closes, room)

    def _run(self) -> None:
        while not self._stopping.wait(LOOK_SECONDS):
            self._look()
        queue_sqlite.close()

    def _look(self) -> None:
        try:
            found = disk_room()
            enough = max(0, found.free_bytes - found.marks.critical) // DIGESTED_COPIES + 1
            is_near = queue_sqlite.file_bytes() >= enough  # seldom: the database is not asked before
            self.heed(found, waiting_bytes=_waiting(enough) if is_near else 0)
        except OSError as error:  # the file system is away: what is written will tell
            logger.warning("the disk's free space cannot be read error=%s", type(error).__name__)


def _waiting(enough: int) -> int:
    try:
        return waiting_bytes(enough=enough)
    except (DatabaseError, sqlite3.Error) as error:  # then the file system alone is to go by
        logger.warning("what waits in the inbox cannot be read error=%s", type(error).__name__)
        return 0
    finally:
        connections.close_all()


def _say(is_closed: bool, room: Room) -> None:
    if is_closed:
        logger.error(
            "disk critical: events are refused free_mb=%d mark_mb=%d", room.free_bytes >> 20, room.marks.critical >> 20
        )
    else:
        logger.warning(
            "disk no longer critical: events are taken free_mb=%d mark_mb=%d",
            room.free_bytes >> 20,
            room.marks.resume >> 20,
        )
