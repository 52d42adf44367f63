import sqlite3
from contextlib import closing

from benchmarks.history import HOUR, MINUTE, copy_back


def test_a_minute_is_copied_into_those_before_it() -> None:
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(
            """CREATE TABLE bucket (id INTEGER PRIMARY KEY, series TEXT, resolution INT, start INT, count INT,
                UNIQUE (series, resolution, start));
            CREATE TABLE other (id INTEGER PRIMARY KEY, start INT);
            INSERT INTO bucket (series, resolution, start, count) VALUES
                ('a', 60, 7200, 5), ('b', 60, 7200, 7), ('a', 60, 7140, 1), ('a', 60, 7260, 9), ('a', 3600, 7200, 14);
            INSERT INTO other (start) VALUES (7200);"""
        )
        assert copy_back(database, MINUTE, 7200, 2) == 4
        assert copy_back(database, HOUR, 7200, 1) == 1
        rows = "SELECT series, start, count FROM bucket WHERE resolution = ? ORDER BY start, series"
        assert database.execute(rows, (MINUTE,)).fetchall() == [
            *(("a", 7080, 5), ("b", 7080, 7)),
            *(("a", 7140, 5), ("b", 7140, 7)),
            *(("a", 7200, 5), ("b", 7200, 7)),
            ("a", 7260, 9),
        ]
        assert database.execute(rows, (HOUR,)).fetchall() == [("a", 3600, 14), ("a", 7200, 14)]
        assert database.execute("SELECT COUNT(*) FROM other").fetchone() == (1,)
