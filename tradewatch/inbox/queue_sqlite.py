"""The inbox as an SQLite file of its own (`settings.INBOX_PATH`): the writer never waits for a digest's transaction.

Raw sqlite3 and not a second Django database: it wants synchronous=FULL, AUTOINCREMENT and one statement a batch.
"""

import contextlib
import math
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings

from tradewatch.core.sqlite_files import settle_file
from tradewatch.inbox.queue import Arrived, Backlog, Queued

_OPENING = """
PRAGMA synchronous=FULL;
PRAGMA journal_size_limit=67108864;
CREATE TABLE IF NOT EXISTS inbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id INTEGER NOT NULL,
    received_at REAL NOT NULL,
    encoding TEXT NOT NULL,
    address TEXT NOT NULL,
    body BLOB NOT NULL
);
"""
_INSERT = "INSERT INTO inbox (project_id, received_at, encoding, address, body) VALUES "
_ROWS_A_STATEMENT = 200
_ROWS_A_DELETE = 500
_SPARE_PAGES = 16_384  # 64 MiB stay in the file for the next burst: giving pages back costs as much as taking them

_local = threading.local()


def append(batch: Sequence[Arrived]) -> None:
    """Store all of `batch` in one commit, on disk when it returns."""
    connection = _connection()
    if len(batch) <= _ROWS_A_STATEMENT:
        _insert(connection, batch)  # a statement outside a transaction commits itself
        return
    with _transaction(connection):
        for start in range(0, len(batch), _ROWS_A_STATEMENT):
            _insert(connection, batch[start : start + _ROWS_A_STATEMENT])


def read_after(position: int, *, limit: int, max_bytes: int) -> list[Queued]:
    """Return up to `limit` rows after `position` by id, at least one, and none more once they hold `max_bytes`."""
    rows = _connection().execute(
        "SELECT id, project_id, received_at, encoding, address, body FROM inbox WHERE id > ? ORDER BY id LIMIT ?",
        (position, limit),
    )
    taken: list[Queued] = []
    body_bytes = 0
    for row in rows:
        taken.append(Queued(*row))
        body_bytes += len(taken[-1].body)
        if body_bytes >= max_bytes:
            break
    rows.close()
    return taken


def replace_body(row_id: int, body: bytes) -> bool:
    """Give a row another body, uncompressed, and no address; its old bytes are overwritten. False: it is gone."""
    connection = _connection()
    connection.execute("PRAGMA secure_delete=ON")
    sql = "UPDATE inbox SET body = ?, encoding = 'identity', address = '' WHERE id = ?"
    return connection.execute(sql, (body, row_id)).rowcount == 1


def undigested(position: int) -> Iterator[tuple[Any, ...]]:
    """Yield (project_id, received_at, encoding, address, body) of all rows after `position`, as of one moment."""
    with contextlib.closing(_open(Path(settings.INBOX_PATH))) as own:
        yield from own.execute(
            "SELECT project_id, received_at, encoding, address, body FROM inbox WHERE id > ? ORDER BY id", (position,)
        )


class Refill:
    """An inbox that is being filled from a backup; the rows are those of `undigested`."""

    def __init__(self, own: sqlite3.Connection) -> None:
        self._own = own

    def fill(self, rows: Iterable[Sequence[Any]]) -> None:
        self._own.executemany(f"{_INSERT}(?,?,?,?,?)", rows)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        yield from self._own.execute("SELECT project_id, received_at, encoding, address, body FROM inbox ORDER BY id")


@contextmanager
def refilling(position: int) -> Iterator[Refill]:
    """Fill an empty inbox in one transaction, with ids after `position`; it is committed when the block ends well."""
    never_reuse_ids_up_to(position)
    with contextlib.closing(_open(Path(settings.INBOX_PATH))) as own, _transaction(own):
        yield Refill(own)


def empty() -> None:
    """Delete all rows, digested or not."""
    _connection().execute("DELETE FROM inbox")


def delete_up_to(position: int, *, older_than: float, newer_than: float = math.inf) -> int:
    """Delete rows up to `position` that were received before `older_than` (epoch seconds); return how many.

    So do those received after `newer_than`, which is now: a clock that was ahead wrote them, and nobody knows when.
    Rows came nearly in the order of their time, so the first step that finds none to delete is the last: the file may
    hold a million others, and nobody looks through them. In small transactions, because the writer waits for each.
    """
    connection = _connection()
    deleted, last, step_is_old = 0, 0, True
    while step_is_old and (end := _end_of_step(connection, last, position)):
        count = connection.execute(
            "DELETE FROM inbox WHERE id > ? AND id <= ? AND (received_at < ? OR received_at > ?)",
            (last, end, older_than, newer_than),
        ).rowcount
        deleted, last, step_is_old = deleted + count, end, count > 0
    _give_back_pages(connection)
    return deleted


def _end_of_step(connection: sqlite3.Connection, last: int, position: int) -> int | None:
    """Return the id of the last of the next rows after `last`; None when there is none up to `position`."""
    end: int | None
    (end,) = connection.execute(
        "SELECT max(id) FROM (SELECT id FROM inbox WHERE id > ? AND id <= ? ORDER BY id LIMIT ?)",
        (last, position, _ROWS_A_DELETE),
    ).fetchone()
    return end


def waiting_bytes(position: int, *, enough: int) -> int:
    """Return how many bytes the bodies after `position` hold; once that is `enough` or more, at least that.

    Bodies are not read: their lengths stand in the rows' heads.
    """
    found = 0
    for (size,) in _connection().execute("SELECT LENGTH(body) FROM inbox WHERE id > ? ORDER BY id", (position,)):
        found += size
        if found >= enough:
            break
    return found


def file_bytes() -> int:
    """Return how large the file and its log are; 0 before there is one."""
    path = Path(settings.INBOX_PATH)
    return sum(each.stat().st_size for each in (path, path.with_name(path.name + "-wal")) if each.is_file())


def free_bytes() -> int:
    """Return what of the file holds nothing: filled before it grows."""
    connection = _connection()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
    return int(free) * int(page_bytes)


def give_back_space(*, pages: int) -> None:
    """Hand up to `pages` free pages to the file system, those for the next burst too, and reuse the log's."""
    connection = _connection()
    connection.executescript(f"PRAGMA incremental_vacuum({pages:d})")
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()


def backlog(position: int) -> Backlog:
    """Return what lies after `position`. Ids after it have no gaps, so nothing needs to be counted."""
    connection = _connection()
    oldest = connection.execute(
        "SELECT id, received_at FROM inbox WHERE id > ? ORDER BY id LIMIT 1", (position,)
    ).fetchone()
    if oldest is None:
        return Backlog(pending=0, oldest_received_at=None)
    (newest_id,) = connection.execute("SELECT max(id) FROM inbox").fetchone()
    return Backlog(pending=newest_id - oldest[0] + 1, oldest_received_at=oldest[1])


def never_reuse_ids_up_to(position: int) -> None:
    """Make new ids start after `position`: a fresh inbox file beside an older main database would otherwise count
    from 1 again, below the digest's cursor, and its rows would never be read."""
    connection = _connection()
    with _transaction(connection):
        row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'inbox'").fetchone()
        if row is None:
            connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('inbox', ?)", (position,))
        elif row[0] < position:
            connection.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = 'inbox'", (position,))


def close() -> None:
    """Close this thread's connection, if there is one."""
    connection = _local.__dict__.pop("connection", None)
    if connection is not None:
        connection.close()


def _connection() -> sqlite3.Connection:
    """Return this thread's connection; a fork or another INBOX_PATH opens a new one."""
    home = (os.getpid(), Path(settings.INBOX_PATH))
    if getattr(_local, "home", None) != home or "connection" not in _local.__dict__:
        close()
        _local.connection = _open(home[1])
        _local.home = home
    connection: sqlite3.Connection = _local.connection
    return connection


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=20, isolation_level=None, cached_statements=256)
    settle_file(connection)
    for statement in _OPENING.split(";"):
        connection.execute(statement).fetchall()
    return connection


def _insert(connection: sqlite3.Connection, batch: Sequence[Arrived]) -> None:
    # One statement of many rows, not executemany: the driver gives up the interpreter lock at each statement and
    # gets it back from a busy event loop only after its 5 ms slice.
    values: Iterable[Any] = chain.from_iterable(
        (row.project_id, row.received_at, row.encoding, row.address, row.body) for row in batch
    )
    connection.execute(_INSERT + ",".join(["(?,?,?,?,?)"] * len(batch)), tuple(values))


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _give_back_pages(connection: sqlite3.Connection) -> None:
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    if free > _SPARE_PAGES:
        # executescript: the pragma frees one page a step, and execute would take only the first.
        connection.executescript(f"PRAGMA incremental_vacuum({min(free - _SPARE_PAGES, 2_000)})")
