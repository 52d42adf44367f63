"""Whole tables of SQLite. A snapshot is a read transaction in WAL: writers go on, the log grows until it ends."""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection

from tradewatch.core.tables.portable import Convert, Table, from_sqlite
from tradewatch.core.tables.rows import converted, quoted_names


class SqliteSource:
    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def rows(self, table: Table) -> Iterator[Sequence[Any]]:
        # The plus changes no value, but hides the column's type from Django's connection, which would convert by it.
        names = ", ".join(f'+"{name}"' for name in table.names)
        sql = f'SELECT {names} FROM "{table.name}" ORDER BY "{table.key}"'  # noqa: S608  # our own names
        converters: list[Convert | None] = [from_sqlite(column.kind) for column in table.columns]
        cursor = self._database.cursor()
        cursor.row_factory = None
        yield from converted(cursor.execute(sql), converters)

    def last_ids(self, tables: Iterable[Table]) -> dict[str, int]:
        names = {table.name for table in tables}
        found = self._database.execute("SELECT name, seq FROM sqlite_sequence")
        return {name: last for name, last in found if name in names and last}


@contextlib.contextmanager
def snapshot() -> Iterator[SqliteSource]:
    # Not Django's connection: its transactions are IMMEDIATE and would keep the digest from writing.
    place = connection.get_connection_params()["database"]
    with contextlib.closing(sqlite3.connect(place, uri=True, timeout=20, isolation_level=None)) as own:
        own.execute("PRAGMA query_only=ON")
        own.execute("BEGIN")
        own.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the first read fixes the moment
        yield SqliteSource(own)
        own.execute("ROLLBACK")


def own_source() -> SqliteSource:
    connection.ensure_connection()
    return SqliteSource(connection.connection)


def insert(table: Table, rows: Iterable[Sequence[Any]]) -> None:
    marks = ",".join("?" * len(table.columns))
    sql = f'INSERT INTO "{table.name}" ({quoted_names(table)}) VALUES ({marks})'  # noqa: S608  # our own names
    connection.ensure_connection()
    connection.connection.cursor().executemany(sql, rows)  # past Django's cursor: it would hold all rows in a list


def raise_last_id(table: Table, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s AND seq < %s", [last, table.name, last])
        cursor.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT %s, %s "
            "WHERE NOT EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = %s)",
            [table.name, last, table.name],
        )


def used_bytes() -> int:
    with connection.cursor() as cursor:
        pages, free, size = (
            cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)
