"""The installation's own database, whichever it is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from types import ModuleType
from typing import Any, Protocol

from django.db import connection

from tradewatch.core.tables import postgres, sqlite
from tradewatch.core.tables.portable import Table


class Source(Protocol):
    """One moment of a database."""

    def rows(self, table: Table) -> Iterator[Sequence[Any]]:
        """Yield all rows in the order of the key, as portable values, a few in memory at a time."""
        ...

    def last_ids(self, tables: Iterable[Table]) -> dict[str, int]:
        """Return {table: the last id that was given out}, for those that count their ids."""
        ...


def snapshot() -> AbstractContextManager[Source]:
    """Return a context that yields the database as it is now; others go on writing, and nobody waits."""
    snapshot: AbstractContextManager[Source] = _database().snapshot()
    return snapshot


def own_source() -> Source:
    """Return the database as Django's own connection sees it, what its transaction wrote included."""
    source: Source = _database().own_source()
    return source


def fill(table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Replace what the table holds by portable `rows`, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(table.name)}")  # noqa: S608  # names of our own
    with connection.wrap_database_errors:
        _database().insert(table, rows)


def raise_last_ids(tables: Iterable[Table], last_ids: Mapping[str, int]) -> None:
    """Make the ids of new rows count on after {table: id}, at least."""
    for table in tables:
        if table.name in last_ids:
            _database().raise_last_id(table, last_ids[table.name])


def used_bytes() -> int:
    """Return what the database holds, its indexes included, without pages that stand empty."""
    found: int = _database().used_bytes()
    return found


def _database() -> ModuleType:
    return postgres if connection.vendor == "postgresql" else sqlite
