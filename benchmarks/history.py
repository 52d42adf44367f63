"""A past as dense as the present: one minute's buckets, copied into the minutes before it.

What a page adds up is the buckets of its time, and how many there are depends on how much is different in a minute, not on
how much happens. A server that was loaded for two minutes has, after this, the buckets of one that was loaded for hours.
"""

import sqlite3

MINUTE, HOUR = 60, 3600


def copy_back(database: sqlite3.Connection, resolution: int, start: int, times: int) -> int:
    """Copy all buckets of `resolution` seconds at `start` into so many before it; return how many rows were written.

    What stands there already goes. Commits after each table.
    """
    written = 0
    for table, columns in _bucket_tables(database).items():
        names = ", ".join(columns)
        values = ", ".join(f"{name} - steps.back * {resolution}" if name == "start" else name for name in columns)
        written += database.execute(
            f"""INSERT OR REPLACE INTO {table} ({names})
            WITH RECURSIVE steps(back) AS (SELECT 1 UNION ALL SELECT back + 1 FROM steps WHERE back < ?)
            SELECT {values} FROM {table}, steps WHERE resolution = ? AND start = ? ORDER BY steps.back DESC""",
            (times, resolution, start),
        ).rowcount
        database.commit()
    return written


def _bucket_tables(database: sqlite3.Connection) -> dict[str, list[str]]:
    """Return {table: columns without the id} of what is kept by resolution and start."""
    found = {}
    for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        columns = [each[1] for each in database.execute(f"PRAGMA table_info({table})") if each[1] != "id"]
        if {"resolution", "start"} <= set(columns):
            found[table] = columns
    return found
