"""Whole tables of PostgreSQL. A snapshot is a REPEATABLE READ transaction of a connection of its own."""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import psycopg
from django.db import connection

from tradewatch.core.tables.portable import Convert, Table, from_postgres
from tradewatch.core.tables.rows import converted, quoted_names

_ROWS_A_FETCH, _WIDE_ROWS_A_FETCH = 1_000, 50  # a row of a table with bytes may carry a MiB
_TEXT_KEY = "SELECT 1 FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = %s \
AND column_name = %s AND data_type IN ('character varying', 'text')"


class PostgresSource:
    def __init__(self, database: "psycopg.Connection[Any]") -> None:
        self._database = database

    def rows(self, table: Table) -> Iterator[Sequence[Any]]:
        is_text = self._database.execute(_TEXT_KEY, (table.name, table.key)).fetchone()
        order = f'"{table.key}" COLLATE "C"' if is_text else f'"{table.key}"'  # as SQLite orders text: by its bytes
        sql = f'SELECT {quoted_names(table)} FROM "{table.name}" ORDER BY {order}'  # noqa: S608  # our own names
        converters: list[Convert | None] = [from_postgres(column.kind) for column in table.columns]
        with self._database.cursor(name="whole_table") as cursor:
            cursor.itersize = _WIDE_ROWS_A_FETCH if table.is_wide else _ROWS_A_FETCH
            cursor.execute(sql)
            yield from converted(cursor, converters)

    def last_ids(self, tables: Iterable[Table]) -> dict[str, int]:
        found = {}
        for table in tables:
            (sequence,) = self._database.execute(
                "SELECT pg_get_serial_sequence(quote_ident(%s), %s)", (table.name, table.key)
            ).fetchone() or (None,)
            if sequence is None:
                continue
            last, is_called = self._database.execute(f"SELECT last_value, is_called FROM {sequence}").fetchone()  # type: ignore[misc] # noqa: S608
            if is_called:
                found[table.name] = last
        return found


@contextlib.contextmanager
def snapshot() -> Iterator[PostgresSource]:
    with contextlib.closing(psycopg.connect(**connection.get_connection_params(), autocommit=True)) as own:
        own.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        own.execute("SELECT count(*) FROM pg_class").fetchone()  # the first read fixes the moment
        yield PostgresSource(own)
        own.execute("ROLLBACK")


def own_source() -> PostgresSource:
    connection.ensure_connection()
    return PostgresSource(connection.connection)


def insert(table: Table, rows: Iterable[Sequence[Any]]) -> None:
    sql = f'COPY "{table.name}" ({quoted_names(table)}) FROM STDIN'
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(row)  # as text, which each column's type reads


def raise_last_id(table: Table, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(quote_ident(%s), %s), "  # noqa: S608  # our own names
            f'GREATEST(%s, (SELECT max("{table.key}") FROM "{table.name}")))',
            [table.name, table.key, last],
        )


def used_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
