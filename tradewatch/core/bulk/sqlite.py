"""Bulk SQL on SQLite. Its statements are prepared once and run row by row: cheaper than parsing one long statement.

The caller's transaction is IMMEDIATE (see settings): nobody else writes between a read and the write that follows.
"""

import functools
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import DatabaseError, InterfaceError, connection

from tradewatch.core.bulk import statements
from tradewatch.core.bulk.rows import Key, Row

_GREATEST, _LEAST = "MAX", "MIN"  # with two arguments these are SQLite's scalar functions
_KEYS_A_QUERY = 400  # old builds allow 999 parameters, but a WHERE of row values grows slow long before

# https://www.sqlite.org/rescode.html: the primary codes that tell of the file or the moment, not of the statement
_OUTAGE_CODES = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_NOTADB,
}


def insert_many(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    _run_many(statements.insert(table, columns), rows)


def update_many(table: str, key_column: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    _run_many(statements.update(table, key_column, columns), rows)


def insert_new(
    table: str, columns: Sequence[str], key_columns: Sequence[str], rows: Sequence[Row], id_column: str
) -> dict[Key, int]:
    insert = statements.insert(table, columns) + f" ON CONFLICT ({', '.join(key_columns)}) DO NOTHING"
    key_at = [columns.index(name) for name in key_columns]
    connection.ensure_connection()
    with connection.wrap_database_errors:
        # Past Django's cursor: it would rewrite the placeholders for every row.
        cursor = connection.connection.cursor()
        last = None if "id" in columns else _last_id(cursor, table)
        if last is None:
            return _insert_one_by_one(cursor, f"{insert} RETURNING {id_column}", rows, key_at)
        return _insert_together(cursor, insert, table, (id_column, *key_columns), rows, key_at, last)


def _last_id(cursor: sqlite3.Cursor, table: str) -> int | None:
    """Return the id that none of the table's rows to come will have or be below; None: nobody knows.

    Django's own ids are AUTOINCREMENT: https://www.sqlite.org/autoinc.html
    """
    found = cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return found[0] if found else None


def _insert_together(
    cursor: sqlite3.Cursor,
    insert: str,
    table: str,
    wanted: Sequence[str],
    rows: Sequence[Row],
    key_at: Sequence[int],
    last: int,
) -> dict[Key, int]:
    """Insert all by one statement, then read what has a higher id than any row before: it is ours.

    A statement a row with RETURNING takes twice as long. Nobody else writes meanwhile, and keys come back as stored.
    """
    adapted = adapt_all(rows)
    cursor.executemany(_question_marks(insert), adapted)
    given: dict[Key, Key] = {}
    for raw, row in zip(adapted, rows, strict=True):
        given.setdefault(tuple([raw[at] for at in key_at]), tuple([row[at] for at in key_at]))
    sql = f"SELECT {', '.join(wanted)} FROM {table} WHERE id > ?"  # noqa: S608  # names come from our own code
    return {given[found[1:]]: found[0] for found in cursor.execute(sql, (last,))}


def _insert_one_by_one(
    cursor: sqlite3.Cursor, insert: str, rows: Sequence[Row], key_at: Sequence[int]
) -> dict[Key, int]:
    sql, inserted = _question_marks(insert), dict[Key, int]()
    for row in rows:
        if returned := cursor.execute(sql, adapt(row)).fetchall():
            inserted[tuple(row[at] for at in key_at)] = returned[0][0]
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
    sql = statements.insert(table, [*key_columns, *add_columns, *latest, *earliest, *defaults])
    sql += statements.on_conflict_add(
        table, key_columns, add=add_columns, latest=latest, earliest=earliest, greatest=_GREATEST, least=_LEAST
    )
    _run_many(sql, [(*row, *further) for row in rows] if further else rows)


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
    _run_many(sql, [(*row[keys:], *row[:keys]) for row in rows])


def read_locked(
    table: str, key_columns: Sequence[str], columns: Sequence[str], keys: Sequence[Key], blank: Row
) -> dict[Key, Row]:
    found: dict[Key, Row] = {key: tuple(blank) for key in keys}
    width = len(key_columns)
    with connection.cursor() as cursor:
        for start in range(0, len(keys), _KEYS_A_QUERY):
            part = keys[start : start + _KEYS_A_QUERY]
            sql = statements.select_by_keys(table, [*key_columns, *columns], key_columns, len(part))
            cursor.execute(sql, [value for key in part for value in key])
            found.update((row[:width], row[width:]) for row in cursor.fetchall())
    return found


def write_locked(table: str, key_columns: Sequence[str], columns: Sequence[str], rows: Sequence[Row]) -> None:
    conflict = statements.on_conflict_overwrite(key_columns, columns)
    _run_many(statements.insert(table, [*key_columns, *columns]) + conflict, rows)


def on_conflict_add(table: str, key_columns: Sequence[str], add: Sequence[str], latest: Sequence[str]) -> str:
    return statements.on_conflict_add(
        table, key_columns, add=add, latest=latest, earliest=(), greatest=_GREATEST, least=_LEAST
    )


def hold_rows(table: str, ids: Sequence[int]) -> None:
    """Nothing to do: nobody else writes while an IMMEDIATE transaction runs."""


def is_outage(error: DatabaseError) -> bool:
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    if code is None:
        return isinstance(error, InterfaceError)
    return code & 0xFF in _OUTAGE_CODES


def give_back_space(pages: int) -> None:
    if connection.in_atomic_block:
        return  # it would commit what the caller has not finished
    connection.ensure_connection()
    with connection.wrap_database_errors:
        vacuum(connection.connection, pages)


def vacuum(database: sqlite3.Connection, pages: int) -> None:
    # executescript: the pragma frees one page a step, and execute would take only the first step.
    database.executescript(f"PRAGMA incremental_vacuum({pages:d})")


def vacuum_early(tables: Sequence[str]) -> None:
    """Nothing to do: what is deleted is a free page at once."""


def free_bytes() -> int:
    with connection.cursor() as cursor:
        free, page_bytes = (_pragma(cursor, name) for name in ("freelist_count", "page_size"))
    return free * page_bytes


def database_bytes() -> int:
    with connection.cursor() as cursor:
        pages, page_bytes = (_pragma(cursor, name) for name in ("page_count", "page_size"))
    return pages * page_bytes


def _pragma(cursor: Any, name: str) -> int:
    return int(cursor.execute(f"PRAGMA {name}").fetchone()[0])


EXACT_BELOW_BYTES = 256 << 20  # dbstat reads every page of the file
_SAMPLED_ROWS = 50
_ROW_OVERHEAD_BYTES = 40  # of a row's headers and its entries in indexes


def table_sizes() -> tuple[dict[str, int], int, bool]:
    with connection.cursor() as cursor:
        pages, free, page_bytes = (_pragma(cursor, name) for name in ("page_count", "freelist_count", "page_size"))
        used = (pages - free) * page_bytes
        if used < EXACT_BELOW_BYTES and (exact := _measured(cursor)):
            return exact, free * page_bytes, True
        return _shared_out(cursor, used), free * page_bytes, False


def _measured(cursor: Any) -> dict[str, int]:
    """Return the bytes of each table, indexes included; nothing where SQLite was built without dbstat."""
    try:
        cursor.execute(
            "SELECT COALESCE(tbl_name, name), SUM(pgsize) FROM dbstat LEFT JOIN sqlite_master USING (name) "
            "WHERE aggregate = TRUE GROUP BY 1"
        )
    except DatabaseError:
        return {}
    return dict(cursor.fetchall())


def _shared_out(cursor: Any, used: int) -> dict[str, int]:
    """Share `used` bytes out among the tables, by their rows and the length of the newest of them."""
    weights = {}
    for table in connection.introspection.table_names(cursor):
        columns = [each.name for each in connection.introspection.get_table_description(cursor, table)]
        length = " + ".join(f'COALESCE(LENGTH(CAST("{name}" AS BLOB)), 0)' for name in columns)
        sampled = f'SELECT {length} AS bytes FROM "{table}" ORDER BY rowid DESC LIMIT {_SAMPLED_ROWS:d}'  # noqa: S608
        cursor.execute(f'SELECT (SELECT COUNT(*) FROM "{table}"), (SELECT AVG(bytes) FROM ({sampled}))')  # noqa: S608
        rows, mean = cursor.fetchone()
        if rows:
            weights[table] = rows * (mean + _ROW_OVERHEAD_BYTES)
    total = sum(weights.values())
    return {table: round(used * weight / total) for table, weight in weights.items()}


def checkpoint() -> bool:
    with connection.cursor() as cursor:
        return any(_is_complete(*cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()) for _ in range(3))


def _is_complete(busy: int, frames: int, checkpointed: int) -> bool:
    """Say whether the whole log reached the database file; both numbers are -1 for a database without a log.

    A reader of an older state, or another checkpoint under way, leaves frames behind (https://www.sqlite.org/pragma.html).
    """
    return not busy and frames == checkpointed


def adapt(row: Row) -> list[Any]:
    """Return the values as Django's own fields store them on SQLite, so that both can read each other's rows."""
    return [convert(value) if (convert := _CONVERT.get(type(value))) else value for value in row]


def adapt_all(rows: Sequence[Row]) -> list[Row]:
    """Do the same for many rows of one shape, column by column: most columns need nothing, and that is told fast."""
    columns: list[Iterable[Any]] = []
    for column in zip(*rows, strict=True):
        if _CONVERT.keys().isdisjoint(map(type, column)):
            columns.append(column)
        else:
            columns.append([convert(value) if (convert := _CONVERT.get(type(value))) else value for value in column])
    return list(zip(*columns, strict=True))


@functools.lru_cache(maxsize=1024)  # an event and the row of each of its tags carry one moment
def _datetime_text(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("naive datetime")
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ")[:-6]  # without +00:00; half the time of making it naive first


def _json_text(value: object) -> str:
    return orjson.dumps(value).decode()


_CONVERT: dict[type, Callable[[Any], Any]] = {
    UUID: lambda value: value.hex,
    datetime: _datetime_text,
    dict: _json_text,
    list: _json_text,
}


def _run_many(sql: str, rows: Sequence[Row]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, adapt_all(rows))


def _question_marks(sql: str) -> str:
    return sql.replace("%s", "?")
