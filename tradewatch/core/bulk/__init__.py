"""Raw bulk SQL for the hot path, in the caller's transaction: insert what is new, add to counters, read under lock.

The same functions and the same tests on SQLite and PostgreSQL; one module for each holds what differs.
Tables and columns are names from our own code, never from outside. A row is a sequence of plain values in the order of
the columns: int, float, bool, str, bytes, aware datetime, UUID, None, and dict or list for a JSON column.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from django.db import DatabaseError, connection
from django.db.models import Model

from tradewatch.core.bulk import objects, postgres, sqlite, statements
from tradewatch.core.bulk.rows import Key, Row, fold

__all__ = [
    "Key",
    "Row",
    "TableSizes",
    "add_copies",
    "add_existing",
    "add_up",
    "checkpoint",
    "database_bytes",
    "free_bytes",
    "give_back_space",
    "hold_rows",
    "insert_many",
    "insert_new",
    "insert_new_ids",
    "insert_objects",
    "is_outage",
    "read_locked",
    "table_sizes",
    "take_out_copies",
    "update_objects",
    "vacuum_early",
    "write_locked",
]


def insert_many(table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert all `rows`; IntegrityError when one exists already."""
    if rows:
        _database().insert_many(table, columns, rows)


def insert_objects(models: Sequence[Model]) -> None:
    """Insert unsaved objects of one model, for a quarter of what `bulk_create` takes; they are not told their ids.

    IntegrityError when one exists already. Their JSON must be what orjson writes (no integer above 64 bits).
    """
    if models:
        _database().insert_many(*objects.as_rows(models))


def update_objects(models: Sequence[Model], fields: Sequence[str]) -> None:
    """Write these fields of saved objects of one model, for a fraction of what `bulk_update` takes.

    The caller holds the rows' locks. The same holds of JSON as for `insert_objects`.
    """
    if models:
        _database().update_many(*objects.as_updates(models, fields))


def insert_new(table: str, columns: Sequence[str], key_columns: Sequence[str], rows: Sequence[Row]) -> set[Key]:
    """Insert the rows whose key is new and return those keys, as tuples of the values that were given.

    `key_columns` carry a unique constraint. Of rows with one key the first wins. A second process that inserts the same
    keys at the same time waits; each key is new for one of them.
    """
    return set(insert_new_ids(table, columns, key_columns, rows, id_column=key_columns[0]))


def insert_new_ids(
    table: str, columns: Sequence[str], key_columns: Sequence[str], rows: Sequence[Row], *, id_column: str = "id"
) -> dict[Key, int]:
    """Like `insert_new`, and return {key: value of `id_column`} of the rows really inserted."""
    if not rows:
        return {}
    inserted: dict[Key, int] = _database().insert_new(table, columns, key_columns, rows, id_column)
    return inserted


def add_up(
    table: str,
    key_columns: Sequence[str],
    add_columns: Sequence[str],
    rows: Sequence[Row],
    *,
    latest: Sequence[str] = (),
    earliest: Sequence[str] = (),
    defaults: Mapping[str, object] | None = None,
) -> None:
    """Add `rows` to the counters of `table`; a row whose key is unknown is inserted.

    A row is the key, the numbers to add, the `latest` (the greater stays) and the `earliest` values (the smaller
    stays), in that order. `defaults` are further columns of inserted rows. Rows of one key are folded, and all
    are written in the order of their keys: two processes never wait for each other in a circle.
    """
    if rows:
        folded = fold(rows, keys=len(key_columns), adds=len(add_columns), latest=len(latest))
        _database().add_up(table, key_columns, add_columns, folded, latest, earliest, defaults or {})


def add_existing(
    table: str,
    key_columns: Sequence[str],
    add_columns: Sequence[str],
    rows: Sequence[Row],
    *,
    latest: Sequence[str] = (),
    earliest: Sequence[str] = (),
) -> None:
    """Like `add_up` for rows known to exist (issues, by id): an unknown key changes nothing."""
    if rows:
        folded = fold(rows, keys=len(key_columns), adds=len(add_columns), latest=len(latest))
        _database().add_existing(table, key_columns, add_columns, folded, latest, earliest)


def add_copies(
    table: str,
    key_columns: Sequence[str],
    add_columns: Sequence[str],
    *,
    source: Mapping[str, object],
    target: Mapping[str, object],
    latest: Sequence[str] = (),
) -> None:
    """Add the counters of the rows at `source` to those at `target`, inside the database.

    Both give values for the same key columns, e.g. {"issue_id": 7}; the other key columns say which rows meet. `latest`
    columns keep the greater value.
    """
    sql, values = statements.copy_rows(table, key_columns, [*add_columns, *latest], source, target)
    sql += _database().on_conflict_add(table, key_columns, add_columns, latest)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def take_out_copies(
    table: str,
    key_columns: Sequence[str],
    add_columns: Sequence[str],
    *,
    source: Mapping[str, object],
    target: Mapping[str, object],
) -> None:
    """Undo `add_copies`: subtract the counters at `source` from those at `target`. Rows that end at zero go."""
    with connection.cursor() as cursor:
        cursor.execute(*statements.subtract_rows(table, key_columns, add_columns, source, target))
        cursor.execute(*statements.delete_zeros(table, add_columns, target))


def hold_rows(table: str, ids: Sequence[int]) -> None:
    """Keep others from locking these rows for a change of what hangs on them (FOR UPDATE) until the transaction ends.

    Any number may hold a row at once, and its columns may still be updated. SQLite's transactions do that already.
    """
    if ids:
        _database().hold_rows(table, ids)


def read_locked(
    table: str, key_columns: Sequence[str], columns: Sequence[str], keys: Sequence[Key], *, blank: Row
) -> dict[Key, Row]:
    """Return {key: values of `columns`} of all `keys`, locked until the transaction ends; read, merge, `write_locked`.

    A key without a row gets one with the values `blank`, so that there is something to lock on PostgreSQL.
    Keys may not hold datetimes or UUIDs: they come back as the database gives them.
    """
    if not keys:
        return {}
    found: dict[Key, Row] = _database().read_locked(table, key_columns, columns, sorted(set(keys)), blank)
    return found


def write_locked(table: str, key_columns: Sequence[str], columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Overwrite `columns` of the rows that `read_locked` gave. A row is its key, then the values."""
    if rows:
        _database().write_locked(
            table, key_columns, columns, sorted(rows, key=lambda row: tuple(row[: len(key_columns)]))
        )


def is_outage(error: DatabaseError) -> bool:
    """Return whether `error` is the database's state (locked, full, gone, deadlock), not the fault of what was written.

    The same statement may succeed later.
    """
    return bool(_database().is_outage(error))


def give_back_space(*, pages: int = 2000) -> None:
    """Hand up to `pages` free pages back to the file system after deletes (SQLite; PostgreSQL does it by itself)."""
    _database().give_back_space(pages)


def free_bytes() -> int:
    """Return what of the database's files holds nothing: filled before they grow. Cheap.

    On PostgreSQL an estimate of what lies in tables of a MiB and more, a few percent of them wrong, and 0 of one that
    was never looked through (autovacuum does so in its first minute). What is deleted counts before it is vacuumed.
    """
    return int(_database().free_bytes())


def vacuum_early(tables: Sequence[str]) -> None:
    """Have the place of deleted rows made usable at 2% of the table, not at a fifth of it: until then it grows instead.

    PostgreSQL's autovacuum does it, in the background, from now on. Tables for which someone has set autovacuum already
    are left as they are.
    """
    _database().vacuum_early(tables)


def database_bytes() -> int:
    """Return how large the database is on its disk, what holds nothing included. Cheap."""
    return int(_database().database_bytes())


@dataclass(frozen=True, slots=True)
class TableSizes:
    """Bytes on disk of each table with its indexes. `unused_bytes`: pages of the file that hold nothing (SQLite).

    `is_exact` False: shared out by the tables' rows, as a large SQLite file would have to be read as a whole.
    """

    tables: Mapping[str, int]
    unused_bytes: int = 0
    is_exact: bool = True


def table_sizes() -> TableSizes:
    """Return how much each table of the database takes. Up to a second on SQLite."""
    return TableSizes(*_database().table_sizes())


def checkpoint() -> bool:
    """Return whether everything committed before this call survives a loss of power by now. Outside a transaction.

    On SQLite a commit is in the log but perhaps not on disk (synchronous=NORMAL): only a checkpoint makes it so.
    """
    return bool(_database().checkpoint())


def _database() -> ModuleType:
    return postgres if connection.vendor == "postgresql" else sqlite
