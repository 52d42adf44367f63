"""Bulk SQL on PostgreSQL: COPY for wide rows, one statement of many VALUES for counters."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import DatabaseError, InterfaceError, connection
from psycopg.types.json import Jsonb

from tradewatch.core.bulk import statements
from tradewatch.core.bulk.rows import Key, Row

_GREATEST, _LEAST = "GREATEST", "LEAST"
_ROWS_A_STATEMENT = 500

# https://www.postgresql.org/docs/current/errcodes-appendix.html: connection, rollback (deadlock), resources, lock not
# available, operator intervention, system error. Class 54 (a value too long for an index) is the row's own fault.
_OUTAGE_CLASSES = {"08", "40", "53", "55", "57", "58"}


def insert_many(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    _copy(table, columns, rows)


def update_many(table: str, key_column: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statements.update(table, key_column, columns), [_adapt(row) for row in rows])


def insert_new(
    table: str, columns: Sequence[str], key_columns: Sequence[str], rows: Sequence[Row], id_column: str
) -> dict[Key, int]:
    names, keys = ", ".join(columns), ", ".join(key_columns)
    draft = f"bulk_{table}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE {draft} ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA")  # noqa: S608
        _copy(draft, columns, rows)
        cursor.execute(
            # Ordered by key: two processes that bring the same rows wait for each other in one direction.
            f"INSERT INTO {table} ({names}) SELECT {names} FROM {draft} ORDER BY {keys} "  # noqa: S608
            f"ON CONFLICT ({keys}) DO NOTHING RETURNING {id_column}, {keys}"
        )
        inserted = {tuple(row[1:]): row[0] for row in cursor.fetchall()}
        cursor.execute(f"DROP TABLE {draft}")
    return inserted


def add_up(
    table: str,
    key_columns: Sequence[str],
    add_columns: Sequence[str],
    rows: Sequence[Row],
    latest: Sequence[str],
    earliest: Sequence[str],
    defaults: Mapping[str, object],
) -> None:
    further = tuple(defaults.values())
    conflict = statements.on_conflict_add(
        table, key_columns, add=add_columns, latest=latest, earliest=earliest, greatest=_GREATEST, least=_LEAST
    )
    columns = [*key_columns, *add_columns, *latest, *earliest, *defaults]
    _insert_values(table, columns, [(*row, *further) for row in rows], conflict)


def add_existing(
    table: str,
    key_columns: Sequence[str],
    add_columns: Sequence[str],
    rows: Sequence[Row],
    latest: Sequence[str],
    earliest: Sequence[str],
) -> None:
    sql = statements.update_add(
        table, key_columns, add=add_columns, latest=latest, earliest=earliest, greatest=_GREATEST, least=_LEAST
    )
    keys = len(key_columns)
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(*row[keys:], *row[:keys]) for row in rows])


def read_locked(
    table: str, key_columns: Sequence[str], columns: Sequence[str], keys: Sequence[Key], blank: Row
) -> dict[Key, Row]:
    names = ", ".join(key_columns)
    _insert_values(
        table, [*key_columns, *columns], [(*key, *blank) for key in keys], f" ON CONFLICT ({names}) DO NOTHING"
    )
    sql = statements.select_by_keys(table, [*key_columns, *columns], key_columns, len(keys))
    width = len(key_columns)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY {names} FOR UPDATE", [value for key in keys for value in key])
        return {row[:width]: row[width:] for row in cursor.fetchall()}


def write_locked(table: str, key_columns: Sequence[str], columns: Sequence[str], rows: Sequence[Row]) -> None:
    conflict = statements.on_conflict_overwrite(key_columns, columns)
    _insert_values(table, [*key_columns, *columns], rows, conflict)


def on_conflict_add(table: str, key_columns: Sequence[str], add: Sequence[str], latest: Sequence[str]) -> str:
    return statements.on_conflict_add(
        table, key_columns, add=add, latest=latest, earliest=(), greatest=_GREATEST, least=_LEAST
    )


def hold_rows(table: str, ids: Sequence[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE", [list(ids)])  # noqa: S608


def is_outage(error: DatabaseError) -> bool:
    code = getattr(error.__cause__, "sqlstate", None)
    if code is None:  # the client's own: the connection is lost, or the pool is empty
        return isinstance(error, InterfaceError) or error.__class__.__name__ == "OperationalError"
    return code[:2] in _OUTAGE_CLASSES


def give_back_space(pages: int) -> None:
    """Nothing to do: autovacuum makes the space of deleted rows usable again."""


def free_bytes() -> int:
    return 0


def database_bytes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])


def table_sizes() -> tuple[dict[str, int], int, bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_total_relation_size(pg_class.oid) FROM pg_class "
            "JOIN pg_namespace ON pg_namespace.oid = relnamespace "
            "WHERE nspname = current_schema() AND relkind IN ('r', 'p')"
        )
        return dict(cursor.fetchall()), 0, True


def checkpoint() -> bool:
    return True  # each commit waited for the log on disk (synchronous_commit)


def _copy(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(sql) as copy:
        for row in rows:
            copy.write_row(_adapt(row))


def _insert_values(table: str, columns: Sequence[str], rows: Sequence[Row], conflict: str) -> None:
    start = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608
    with connection.cursor() as cursor:
        for first in range(0, len(rows), _ROWS_A_STATEMENT):
            part = rows[first : first + _ROWS_A_STATEMENT]
            sql = start + statements.several_rows(len(part), len(columns)) + conflict
            cursor.execute(sql, [value for row in part for value in _adapt(row)])


def _adapt(row: Row) -> list[Any]:
    return [Jsonb(value, dumps=orjson.dumps) if type(value) in (dict, list) else value for value in row]
