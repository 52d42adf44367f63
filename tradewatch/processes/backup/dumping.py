"""Writes a backup: every table in one snapshot of the main database, and what was accepted and not yet digested.

The cut: the main snapshot is taken first, and the digest's position is read in it; then the inbox is read from there
on. What was accepted before is either stored in the snapshot or still in the inbox: rows leave it only after a
checkpoint past them, and that waits for the snapshot's reader. On PostgreSQL both are tables of one snapshot.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from tradewatch.core.tables import Column, Source, Table, snapshot
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.models import Cursor
from tradewatch.inbox.queue import DIGEST_CURSOR
from tradewatch.processes.backup.container import BLOCK_BYTES, Writing, pack
from tradewatch.processes.backup.contents import INBOX, as_record, stored_models, tables
from tradewatch.processes.backup.keys import key_records

ROWS_A_BLOCK = 2_000
SAY_EACH_SECONDS = 5.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and the hash of them all in the order of their key."""

    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class Made:
    sums: Mapping[str, Sum]
    size_bytes: int

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.sums.values())


def write_backup(
    path: Path, *, now: datetime, configuration: bool = False, with_key: bool = False, say: Say = lambda text: None
) -> Made:
    """Write the backup; raises `BackupFault`, and then there is no file."""
    kept = tables(stored_models(), configuration=configuration)
    with Writing(path) as file, snapshot() as source:
        file.record(_header(source, kept, now=now, configuration=configuration) | key_records(with_key=with_key))
        sums = {}
        if not configuration:  # first, and fast: while its file is read its log grows
            sums[INBOX.name] = _write_table(file, INBOX, inbox_rows(source), say)
        for table in kept:
            sums[table.name] = _write_table(file, table, source.rows(table), say)
        file.record({"last": True, "tables": len(sums)})
        return Made(sums, file.finish())


def inbox_rows(source: Source) -> Iterator[Sequence[Any]]:
    """Yield what was accepted and is not digested in `source`, oldest first."""
    if settings.IS_POSTGRES:
        yield from source.rows(INBOX)
        return
    yield from queue_sqlite.undigested(_position(source))


def _position(source: Source) -> int:
    plain = (Column("name", "plain"), Column("position", "plain"))
    rows = source.rows(Table(Cursor._meta.db_table, "name", plain))
    return next((position for name, position in rows if name == DIGEST_CURSOR), 0)


def sum_of(rows: Iterable[Sequence[Any]]) -> Sum:
    """Return the sum of portable rows, as `write_backup` makes it of the same rows."""
    hashed, count = hashlib.blake2b(digest_size=16), 0
    for row in rows:
        hashed.update(pack(row))
        count += 1
    return Sum(count, hashed.hexdigest())


def _write_table(file: Writing, table: Table, rows: Iterable[Sequence[Any]], say: Say) -> Sum:
    file.record(as_record(table))
    hashed, count, said_at = hashlib.blake2b(digest_size=16), 0, time.monotonic()
    for block in blocks(pack(row) for row in rows):
        for row in block:
            hashed.update(row)
        count += len(block)
        file.rows(block)
        if time.monotonic() - said_at > SAY_EACH_SECONDS:
            said_at = time.monotonic()
            say(f"{table.name}: {count:,} rows so far")
    file.record({"end": table.name, "rows": count, "hash": hashed.hexdigest()})
    return Sum(count, hashed.hexdigest())


def blocks(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield rows in blocks of a MiB, or of one row that is larger, and of 2,000 at most."""
    block, held = list[bytes](), 0
    for row in rows:
        block.append(row)
        held += len(row)
        if held >= BLOCK_BYTES or len(block) >= ROWS_A_BLOCK:
            yield block
            block, held = [], 0
    if block:
        yield block


def _header(source: Source, kept: Sequence[Table], *, now: datetime, configuration: bool) -> dict[str, Any]:
    return {
        "made_by": settings.VERSION,
        "made_at": now.isoformat(timespec="seconds"),
        "database": connection.vendor,
        "configuration": configuration,
        "migrations": sorted(MigrationRecorder(connection).applied_migrations()),
        "digest_position": _position(source),
        "last_ids": source.last_ids(kept),
    }
