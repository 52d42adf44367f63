"""What an SQLite file is told once, when it is empty, and what each connection to it may do without waiting."""

import sqlite3
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


def settle_file(connection: sqlite3.Connection) -> None:
    """Make a new file give back its space in steps and keep a log; the file remembers both.

    The first only takes effect before the first table, and a log writes the file's header: hence this order. It is not
    repeated, because it waits for the write lock even where it changes nothing: whoever opens a file to read it would
    wait for all who write.
    """
    if connection.execute("PRAGMA page_count").fetchone()[0] == 0:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")
    connection.execute("PRAGMA journal_mode=WAL").fetchall()


def settle_database(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receive Django's `connection_created`."""
    if connection.vendor == "sqlite":
        settle_file(connection.connection)
