"""The digest: one batch from the queue into the handlers, in one transaction with the cursor.

SQLite: rows are prepared before the transaction, and the cursor says whether another digest was here first. What takes
long to store is cut into several transactions (`parts`).
PostgreSQL: rows are claimed with SKIP LOCKED and deleted by the transaction that stores them.

A batch that fails is halved until the row at fault stands alone; its items at fault become a dead letter, everything
else is stored. A database that is busy or away is nobody's fault: the batch is tried again.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.utils import timezone

from tradewatch.core import bulk
from tradewatch.inbox import own_tables, preparing, queue_postgres
from tradewatch.inbox.ahead import Ahead, prepare_after
from tradewatch.inbox.blame import blame
from tradewatch.inbox.handlers import COPIES, Handlers
from tradewatch.inbox.models import Cursor
from tradewatch.inbox.parts import collecting_later, parts_of
from tradewatch.inbox.preparing import DraftedItem, Failure, Prepared
from tradewatch.inbox.queue import DIGEST_CURSOR
from tradewatch.inbox.storing import DigestStats, store_items, store_rows

__all__ = ["DigestStats", "digest_batch"]

PAUSES_SECONDS = (0.05, 0.25, 1.0)  # before another try, when the database is busy or away

logger = logging.getLogger(__name__)

Attempt = Callable[[Sequence[Prepared]], DigestStats]  # stores rows wholly or, raising, not at all


def digest_batch(handlers: Handlers, *, now: datetime | None = None, ahead: Ahead | None = None) -> DigestStats:
    """Digest up to 750 rows; `rows` is 0 when nothing waited or another digest took it.

    `ahead` (SQLite only) has the next batch prepared elsewhere while this one is stored.

    Raises the database's error when it is still busy or away after three more tries; nothing is lost then.
    """
    own_tables.note_tables()
    digest = _digest_postgres if settings.IS_POSTGRES else partial(_digest_sqlite, ahead=ahead)
    for pause in PAUSES_SECONDS:
        try:
            return digest(handlers, now or timezone.now())
        except DatabaseError as error:
            if not bulk.is_outage(error):
                raise
            logger.warning("digest waits for the database error=%s pause=%s", type(error.__cause__).__name__, pause)
            connection.close_if_unusable_or_obsolete()
            time.sleep(pause)
    return digest(handlers, now or timezone.now())


class _LostRaceError(Exception):
    """Another digest moved the cursor since the rows were read."""


@dataclass
class _SqliteRound:
    """Stores parts of a batch in order, each in a transaction of its own that moves the cursor from `position`."""

    handlers: Handlers
    now: datetime
    position: int

    def attempt(self, part: Sequence[Prepared]) -> DigestStats:
        end = part[-1].row.id
        with collecting_later(), transaction.atomic():
            moved = Cursor.objects.filter(name=DIGEST_CURSOR, position=self.position).update(
                position=end, digested_count=F("digested_count") + len(part), last_digested_at=self.now
            )
            if not moved:
                raise _LostRaceError
            stats = store_rows(part, self.handlers, now=self.now)
        self.position = end
        return stats


def _digest_sqlite(handlers: Handlers, now: datetime, *, ahead: Ahead | None) -> DigestStats:
    cursor, _ = Cursor.objects.get_or_create(name=DIGEST_CURSOR)
    prepared = (ahead and ahead.take(cursor.position)) or prepare_after(cursor.position, handlers)
    if not prepared:
        return DigestStats()
    if ahead and len(prepared) == preparing.ROWS_A_BATCH:
        ahead.ask(prepared[-1].row.id)
    elif ahead:
        ahead.rest()
    attempt, stats = _SqliteRound(handlers, now, cursor.position).attempt, DigestStats()
    try:
        for part in parts_of(prepared):
            stats += _settle(part, attempt, handlers, now)
    except _LostRaceError:
        pass
    return stats


def _digest_postgres(handlers: Handlers, now: datetime) -> DigestStats:
    def attempt(part: Sequence[Prepared]) -> DigestStats:
        with transaction.atomic():
            stats = store_rows(part, handlers, now=now)
            connection.check_constraints()  # foreign keys are deferred: a fault must show here, not at the commit
            return stats

    with transaction.atomic():
        rows = queue_postgres.claim(limit=preparing.ROWS_A_BATCH, max_bytes=preparing.BYTES_A_BATCH)
        if not rows:
            return DigestStats()
        prepared = preparing.prepare_rows(rows, handlers, max_bytes=preparing.PLAIN_BYTES_A_BATCH)
        stats = _settle(prepared, attempt, handlers, now)
        queue_postgres.remove([one.row.id for one in prepared])
        # Last: every digest updates this one row, and the lock on it lasts until the commit.
        Cursor.objects.get_or_create(name=DIGEST_CURSOR)
        Cursor.objects.filter(name=DIGEST_CURSOR).update(
            digested_count=F("digested_count") + stats.rows, last_digested_at=now
        )
    return stats


def _settle(part: Sequence[Prepared], attempt: Attempt, handlers: Handlers, now: datetime) -> DigestStats:
    """Store `part` in one attempt, or in ever smaller ones around the rows at fault."""
    try:
        return attempt(part)
    except Exception as error:
        _raise_what_is_no_fault(error)
        if len(part) == 1:
            return _settle_faulty(part[0], error, attempt, handlers, now)
    middle = len(part) // 2
    return _settle(part[:middle], attempt, handlers, now) + _settle(part[middle:], attempt, handlers, now)


def _settle_faulty(
    prepared: Prepared, error: Exception, attempt: Attempt, handlers: Handlers, now: datetime
) -> DigestStats:
    """Store what can be stored of a row that failed, and bury the rest of it."""
    faults = {item: fault for item in prepared.drafted if (fault := _fault_alone(item, handlers, now))}
    logger.warning("digest buries row=%s project=%s", prepared.row.id, prepared.row.project_id)
    if 0 < len(faults) < len(prepared.drafted):
        try:
            return attempt([_without(prepared, faults)])
        except Exception as again:
            _raise_what_is_no_fault(again)
    return attempt([_without(prepared, dict.fromkeys(prepared.drafted, error))])


class _Undone(Exception):
    """Undoes a trial that went well."""


def _fault_alone(item: DraftedItem, handlers: Handlers, now: datetime) -> Exception | None:
    """Store `item` for trial and undo it; return what it raised."""
    try:
        with transaction.atomic():
            store_items([item], handlers, now=now)
            raise _Undone
    except _Undone:
        return None
    except Exception as error:
        _raise_what_is_no_fault(error)
        return error


def _without(prepared: Prepared, faults: Mapping[DraftedItem, Exception]) -> Prepared:
    """Return the row without the items at fault, and without copies of them. A copy at fault buries nothing."""
    buried = {item.at for item in faults if item.handler != COPIES}
    return Prepared(
        row=prepared.row,
        headers=prepared.headers,
        drafted=[
            item
            for item in prepared.drafted
            if item not in faults and not (item.handler == COPIES and item.at in buried)
        ],
        discarded=prepared.discarded,
        failures=[
            *prepared.failures,
            *(Failure(item.at, blame(fault)) for item, fault in faults.items() if item.handler != COPIES),
        ],
    )


def _raise_what_is_no_fault(error: Exception) -> None:
    if isinstance(error, _LostRaceError) or own_tables.is_state(error):
        raise error
