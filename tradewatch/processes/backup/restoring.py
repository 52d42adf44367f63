"""Makes an empty installation that of a backup: in one transaction, read back and compared before it is committed.

Nothing is written before the file was read to its end. On SQLite the inbox is a file of its own, committed just before
the main database; a marker beside it says that a restore was under way, so that one that was killed between the two is
taken back by the next.
"""

import collections
import contextlib
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.models import Model

from tradewatch.core import bulk
from tradewatch.core.backup_state import TRIED
from tradewatch.core.models import AuditEntry, Pulse
from tradewatch.core.tables import Table, fill, own_source, raise_last_ids
from tradewatch.errors.models import Event
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.models import QueuedEnvelope
from tradewatch.processes.backup.container import Reading, packed_rows, rows_of
from tradewatch.processes.backup.contents import INBOX, as_table
from tradewatch.processes.backup.dumping import Say, Sum, sum_of
from tradewatch.processes.backup.faults import BackupFault, Damaged
from tradewatch.processes.backup.keys import is_readable, take_key
from tradewatch.processes.backup.schema import Fit, migrate_on, prepare_tables
from tradewatch.processes.home import is_unfinished, mark_finished, mark_unfinished
from tradewatch.projects.models import Project

IN_USE: Sequence[type[Model]] = (User, Project, Event, AuditEntry, QueuedEnvelope)


@dataclass(frozen=True, slots=True)
class Restored:
    sums: Mapping[str, Sum]
    header: Mapping[str, Any]
    secrets_readable: bool
    people_counted_anew: bool  # under a key that is not the backup's
    migrated: bool


def restore(path: Path, *, without_secrets: bool = False, say: Say = lambda text: None) -> Restored:
    """Restore the whole file or nothing. Raises `BackupFault`, `Damaged` when the file is."""
    verify(path)
    with Reading(path) as file:
        take_back_unfinished()
        _refuse_in_use()  # before its tables are touched: they may be of an earlier version, and in use
        migrated = prepare_tables([(app, name) for app, name in file.header["migrations"]]) is Fit.OLDER
        _refuse_in_use()  # migrating takes its time: somebody may have begun meanwhile
        is_same_key = take_key(file.header, without_secrets=without_secrets)
        try:
            sums = _load(file, say)
        except DatabaseError as error:
            raise BackupFault(f"the database refused a row ({type(error).__name__}): {_first_line(error)}") from error
        if migrated:
            say("migrating to this version")
            migrate_on()
        # A scheduled backup was under way when it was made: here nobody goes on with it.
        Pulse.objects.filter(name=TRIED).delete()
        bulk.checkpoint()
        are_readable = is_readable(file.header) or "secret_key" in file.header
        return Restored(sums, file.header, are_readable, not is_same_key, migrated)


def verify(path: Path) -> tuple[Mapping[str, Any], dict[str, Sum]]:
    """Read the file to its end; return its header and each table's sum. Raises `Damaged`."""
    with Reading(path) as file:
        sums = {table.name: _pour(records, _read_on) for table, records in _by_table(file)}
        return file.header, sums


def take_back_unfinished() -> None:
    """Empty the inbox that a killed restore had filled: its main database never came to be."""
    if is_unfinished(settings.HOME) and not settings.IS_POSTGRES and not _count(Project):
        queue_sqlite.empty()
        mark_finished(settings.HOME)


def _refuse_in_use() -> None:
    held = [f"{model._meta.verbose_name_plural}: {rows}" for model in IN_USE if (rows := _count(model))]
    waiting = 0 if settings.IS_POSTGRES else queue_sqlite.backlog(0).pending
    if waiting:
        held.append(f"accepted envelopes: {waiting}")
    if held:
        where = "the database" if settings.IS_POSTGRES else str(settings.HOME)
        raise BackupFault(
            f"{where} is in use ({', '.join(held)}): restore into an empty TRADEWATCH_HOME, or an empty database"
        )


def _count(model: type[Model]) -> int:
    """Count by SQL: the tables may be older than the model, or not there yet."""
    with connection.cursor() as cursor:
        if model._meta.db_table not in connection.introspection.table_names(cursor):
            return 0
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608
        return int(cursor.fetchone()[0])


def _load(file: Reading, say: Say) -> dict[str, Sum]:
    mark_unfinished(settings.HOME)
    try:
        # SQLite's foreign keys are looked at once, at the end; PostgreSQL's are deferred until then. The inbox, where
        # it is a file, is left before the main database: see above.
        with connection.constraint_checks_disabled(), transaction.atomic(), _inbox(file.header) as inbox:
            sums = dict(_fill_all(file, inbox, say))
            connection.check_constraints()
    except BaseException:
        if not settings.IS_POSTGRES:
            queue_sqlite.empty()
        raise
    finally:
        mark_finished(settings.HOME)
    return sums


def _inbox(header: Mapping[str, Any]) -> contextlib.AbstractContextManager[queue_sqlite.Refill | None]:
    if settings.IS_POSTGRES or header["configuration"]:
        return contextlib.nullcontext()
    return queue_sqlite.refilling(header["digest_position"])


def _fill_all(file: Reading, inbox: queue_sqlite.Refill | None, say: Say) -> Iterator[tuple[str, Sum]]:
    """Fill every table of the file and yield its sum, as it was read back."""
    filled: list[tuple[Table, Sum]] = []
    for table, records in _by_table(file):
        is_file = table.name == INBOX.name and inbox is not None
        put = inbox.fill if is_file and inbox is not None else partial(fill, table)
        told = _pour(records, put)
        filled.append((table, told))
        say(f"{table.name}: {told.rows:,} rows")
    raise_last_ids([table for table, _ in filled], file.header["last_ids"])
    say("reading back what was written")
    for table, told in filled:
        is_file = table.name == INBOX.name and inbox is not None
        found = sum_of(inbox.rows() if is_file and inbox is not None else own_source().rows(table))
        if found != told:
            raise BackupFault(f"{table.name} was not stored as the backup has it: {found.rows:,} of {told.rows:,} rows")
        yield table.name, found


def _pour(records: Iterator[Mapping[str, Any] | bytes], put: Callable[[Iterable[Sequence[Any]]], None]) -> Sum:
    """Hand a table's rows on as they are read; return their sum. Raises `Damaged` when it is not the one told."""
    hashed, count, end = hashlib.blake2b(digest_size=16), 0, Sum(-1, "")

    def rows() -> Iterator[Sequence[Any]]:
        nonlocal count, end
        for record in records:
            if not isinstance(record, bytes):
                end = Sum(record["rows"], record["hash"])
                return
            hashed.update(packed_rows(record))
            block = rows_of(record)
            count += len(block)
            yield from block

    put(rows())
    if end != (found := Sum(count, hashed.hexdigest())):
        raise Damaged("the backup is damaged: a table holds other rows than its end tells")
    return found


def _by_table(file: Reading) -> Iterator[tuple[Table, Iterator[Mapping[str, Any] | bytes]]]:
    """Yield each table with its records, which must be read before the next."""
    records = file.records()
    for record in records:
        if isinstance(record, bytes):
            raise Damaged("the backup is damaged: rows outside a table")
        yield as_table(dict(record)), records


def _read_on(rows: Iterable[Sequence[Any]]) -> None:
    collections.deque(rows, maxlen=0)


def _first_line(error: Exception) -> str:
    """Return what the database says, without the row (PostgreSQL tells it in the lines that follow)."""
    return str(error).strip().partition("\n")[0]
