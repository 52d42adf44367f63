"""The SQL that both databases understand. Pure text: values are always parameters."""
# ruff: noqa: S608  # names come from our own code, never from outside

from collections.abc import Sequence


def insert(table: str, columns: Sequence[str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({placeholders(len(columns))})"


def placeholders(count: int) -> str:
    return ", ".join(["%s"] * count)


def several_rows(row_count: int, column_count: int) -> str:
    """Return `(%s, %s), (%s, %s)`, for VALUES and IN."""
    return ", ".join([f"({placeholders(column_count)})"] * row_count)


def on_conflict_add(
    table: str,
    key_columns: Sequence[str],
    *,
    add: Sequence[str],
    latest: Sequence[str],
    earliest: Sequence[str],
    greatest: str,
    least: str,
) -> str:
    """Return the ON CONFLICT clause that adds up counters and keeps extremes.

    `greatest` and `least` are the database's functions of two arguments: MAX and MIN on SQLite.
    """
    changes = [
        *(f"{name} = {table}.{name} + excluded.{name}" for name in add),
        *(f"{name} = {greatest}({table}.{name}, excluded.{name})" for name in latest),
        *(f"{name} = {least}({table}.{name}, excluded.{name})" for name in earliest),
    ]
    return f" ON CONFLICT ({', '.join(key_columns)}) DO UPDATE SET {', '.join(changes)}"


def on_conflict_overwrite(key_columns: Sequence[str], columns: Sequence[str]) -> str:
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns)
    return f" ON CONFLICT ({', '.join(key_columns)}) DO UPDATE SET {changes}"


def update_add(
    table: str,
    key_columns: Sequence[str],
    *,
    add: Sequence[str],
    latest: Sequence[str],
    earliest: Sequence[str],
    greatest: str,
    least: str,
) -> str:
    """Return the UPDATE of one row; parameters in the order add, latest, earliest, key."""
    changes = [
        *(f"{name} = {name} + %s" for name in add),
        *(f"{name} = {greatest}({name}, %s)" for name in latest),
        *(f"{name} = {least}({name}, %s)" for name in earliest),
    ]
    where = " AND ".join(f"{name} = %s" for name in key_columns)
    return f"UPDATE {table} SET {', '.join(changes)} WHERE {where}"


def select_by_keys(table: str, columns: Sequence[str], key_columns: Sequence[str], key_count: int) -> str:
    keys = several_rows(key_count, len(key_columns))
    return f"SELECT {', '.join(columns)} FROM {table} WHERE ({', '.join(key_columns)}) IN (VALUES {keys})"
