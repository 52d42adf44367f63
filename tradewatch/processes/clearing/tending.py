"""Looks at the room every few seconds and makes some where it is needed, in portions that keep nobody waiting."""

import logging
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import DatabaseError

from tradewatch.core import bulk
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.cleaning import clean_queue
from tradewatch.performance.disk.marks import clears
from tradewatch.performance.disk.room import Room, is_known, room
from tradewatch.performance.disk.watching import note_begin, note_cleared, note_end, watched
from tradewatch.processes.clearing.kinds import KINDS, TABLES
from tradewatch.processes.clearing.leasing import lease
from tradewatch.processes.clearing.plan import plan
from tradewatch.projects.models import Project

logger = logging.getLogger(__name__)

SECONDS_A_TURN = 4.0  # the clock ticks every five
PAGES_A_PORTION = 1000  # 4 MB of log, which must fit into what the critical mark leaves


class _TimeIsUp(Exception):
    pass


def tend(now: datetime, *, seconds: float = SECONDS_A_TURN) -> None:
    """Clear above the high mark until the low one, for `seconds` at most: the next turn goes on. While another turn
    clears, nothing is done. A full disk raises nothing."""
    try:
        if is_known() and _is_needed(room()):
            with lease(now) as is_ours:
                if is_ours:
                    _take_turn(_Turn(now, time.monotonic() + seconds))
    except (DatabaseError, sqlite3.Error) as error:  # full to the last byte, or locked: the next turn tries again
        logger.error("clearing for room failed error=%s", type(error).__name__)


def _is_needed(found: Room) -> bool:
    return found.free_bytes < found.marks.high or watched().is_clearing


class _Turn:
    def __init__(self, now: datetime, deadline: float) -> None:
        self._now = now
        self._deadline = deadline
        self._rows: Counter[str] = Counter()

    def run(self, found: Room) -> None:
        has_begun = watched().is_clearing
        if found.free_bytes < found.marks.high or has_begun:
            found = self._squeeze(found)
        if not clears(found.usable_bytes, found.marks, has_begun=has_begun):
            if has_begun:
                note_end(self._now)
            return
        if not has_begun:
            note_begin(self._now)
            _vacuum_early()
        if self._delete_until_low():
            self.note()
            note_end(self._now)
        elif self._rows or not has_begun:
            logger.error("nothing is left that may go for room: the disk stays above its low mark")

    def note(self) -> None:
        """Write down what went, once."""
        if self._rows:
            note_cleared(self._rows)
            self._rows.clear()

    def _delete_until_low(self) -> bool:
        """Return False when nothing is left to delete. Raises `_TimeIsUp` when there is more to do."""
        for _ in self._steps():
            found = self._squeeze(room(), portions=1)
            if found.usable_bytes >= found.marks.low:
                return True
            self._look_at_the_clock()
        return False

    def _steps(self) -> Iterator[None]:
        """Delete a step for each value taken. Raises `_TimeIsUp` where looking alone took the time."""
        projects = list(Project.objects.values_list("pk", flat=True))
        if rows := clean_queue(self._now, kept=timedelta(0)):
            self._rows["inbox"] += rows
            yield
        for kind, floor in plan():
            for rows in KINDS[kind].delete(dict.fromkeys(projects, self._now - floor)):
                if rows:
                    self._rows[kind] += rows
                    yield
                else:
                    self._look_at_the_clock()

    def _squeeze(self, found: Room, *, portions: int = 1_000_000) -> Room:
        """Hand free pages of the files to the file system, until the low mark or none is left; return the room then."""
        for _ in range(portions):
            if found.free_bytes >= found.marks.low or not found.reusable_bytes:
                break
            before = found.reusable_bytes
            queue_sqlite.give_back_space(pages=PAGES_A_PORTION)
            bulk.give_back_space(pages=PAGES_A_PORTION)
            bulk.checkpoint()
            found = room()
            if found.reusable_bytes >= before:
                break
            self._look_at_the_clock()
        return found

    def _look_at_the_clock(self) -> None:
        if time.monotonic() > self._deadline:
            raise _TimeIsUp


def _take_turn(turn: _Turn) -> None:
    try:
        turn.run(room())
    except _TimeIsUp:
        pass
    finally:
        turn.note()


def _vacuum_early() -> None:
    """Another's tables, or a vacuum that may not be interrupted: room is made all the same, and used again later."""
    try:
        bulk.vacuum_early(TABLES)
    except DatabaseError as error:
        logger.warning("autovacuum cannot be set for what is cleared error=%s", type(error).__name__)
