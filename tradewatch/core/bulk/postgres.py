"""Bulk SQL on PostgreSQL: COPY for wide rows, one statement of many VALUES for counters."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.db import DatabaseError, InterfaceError, connection, transaction
from psycopg.types.json import Jsonb

from tradewatch.core.bulk import space, statements
from tradewatch.core.bulk.rows import Key, Row

_GREATEST, _LEAST = "GREATEST", "LEAST"
_ROWS_A_STATEMENT = 500

_FLUSHES = 150_000  # from this version on a session may have its counts flushed at once; before, within a second
_SAMPLED_SECONDS, _MOST_SAMPLED = 600, 1000
_sampled: dict[tuple[str, str, int], float | None] = {}
# Counts begin anew after a crash: until a table is looked through again, what its catalogue row says holds. One that
# was never looked through is not known.
_LIVE = """
SELECT c.relname, pg_table_size(c.oid),
       CASE WHEN COALESCE(pg_stat_get_last_vacuum_time(c.oid), pg_stat_get_last_autovacuum_time(c.oid),
                          pg_stat_get_last_analyze_time(c.oid), pg_stat_get_last_autoanalyze_time(c.oid)) IS NULL
            THEN GREATEST(c.reltuples, pg_stat_get_live_tuples(c.oid)) ELSE pg_stat_get_live_tuples(c.oid) END
FROM pg_class AS c LEFT JOIN pg_class AS pieces ON pieces.oid = c.reltoastrelid
WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND c.reltuples >= 0
  AND c.relpages + COALESCE(pieces.relpages, 0) >= %s
"""
_EARLY = 0.02
_UNTOUCHED = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = current_schema() AND relkind = 'r' AND relname = ANY(%s)
  AND COALESCE(array_to_string(reloptions, ','), '') NOT LIKE '%%autovacuum%%'
"""
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
    """Return what the large tables' files have beyond what their rows take, as the server's statistics count them.

    Indexes are left out: what is free in them is filled by like keys alone.
    """
    with connection.cursor() as cursor:
        if cursor.connection.info.server_version >= _FLUSHES:
            cursor.execute("SELECT pg_stat_force_next_flush()")  # what this session deleted is counted, too
        cursor.execute(_LIVE, [space.LEAST_PAGES])
        tables = cursor.fetchall()
    return sum(space.free_within(size, rows, _row_bytes(table, size)) for table, size, rows in tables)


def _row_bytes(table: str, size: int) -> float | None:
    """Return what a row takes on average, toasted values included, by a sample of this hour; None without any row."""
    key = (connection.settings_dict["NAME"], table, int(time.time()) // _SAMPLED_SECONDS)
    if key not in _sampled:
        if len(_sampled) > _MOST_SAMPLED:
            _sampled.clear()
        percent = min(100.0, 100.0 * space.SAMPLED_PAGES * space.PAGE_BYTES / size)
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT avg(pg_column_size(found.*)) FROM (SELECT * FROM "{table}" TABLESAMPLE SYSTEM (%s)) AS found',  # noqa: S608
                [percent],
            )
            found = cursor.fetchone()[0]
        _sampled[key] = None if found is None else float(found)
    return _sampled[key]


def vacuum_early(tables: Sequence[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '3s'")  # a vacuum that may not be interrupted would keep us waiting
        cursor.execute(_UNTOUCHED, [list(tables)])
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'ALTER TABLE "{table}" SET (autovacuum_vacuum_scale_factor = {_EARLY}, '
                f"toast.autovacuum_vacuum_scale_factor = {_EARLY})"
            )


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
