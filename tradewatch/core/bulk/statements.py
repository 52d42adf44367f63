"""The SQL that both databases understand. Pure text: values are always parameters."""
# ruff: noqa: S608  # names come from our own code, never from outside

from collections.abc import Mapping, Sequence
from typing import Any


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


def update(table: str, key_column: str, columns: Sequence[str]) -> str:
    """Return the UPDATE of one row; parameters in the order of the columns, then the key."""
    return f"UPDATE {table} SET {', '.join(f'{name} = %s' for name in columns)} WHERE {key_column} = %s"


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


def copy_rows(
    table: str,
    key_columns: Sequence[str],
    columns: Sequence[str],
    source: Mapping[str, Any],
    target: Mapping[str, Any],
) -> tuple[str, list[Any]]:
    """Return the INSERT that writes the rows at `source` again at `target`, without its ON CONFLICT, and its values."""
    names = [*key_columns, *columns]
    picked = ["%s" if name in target else name for name in names]
    where = " AND ".join(f"{name} = %s" for name in source)
    sql = (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(picked)} FROM {table} "
        f"WHERE {where} ORDER BY {', '.join(key_columns)}"
    )
    return sql, [*(target[name] for name in names if name in target), *source.values()]


def subtract_rows(
    table: str,
    key_columns: Sequence[str],
    columns: Sequence[str],
    source: Mapping[str, Any],
    target: Mapping[str, Any],
) -> tuple[str, list[Any]]:
    """Return the UPDATE that takes the counters at `source` out of those at `target`, and its values."""
    changes = ", ".join(f"{name} = kept.{name} - taken.{name}" for name in columns)
    meeting = [f"kept.{name} = taken.{name}" for name in key_columns if name not in target]
    where = [*(f"kept.{name} = %s" for name in target), *(f"taken.{name} = %s" for name in source), *meeting]
    sql = f"UPDATE {table} AS kept SET {changes} FROM {table} AS taken WHERE {' AND '.join(where)}"
    return sql, [*target.values(), *source.values()]


def delete_zeros(table: str, columns: Sequence[str], target: Mapping[str, Any]) -> tuple[str, list[Any]]:
    where = " AND ".join([*(f"{name} = %s" for name in target), *(f"{name} = 0" for name in columns)])
    return f"DELETE FROM {table} WHERE {where}", list(target.values())
