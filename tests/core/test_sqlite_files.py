"""Opening an SQLite file: it is made once, and who only reads waits for nobody."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.db import ConnectionHandler
from django.db.backends.base.base import BaseDatabaseWrapper

from tests.inbox.builders import make_arrived
from tradewatch.core.sqlite_files import settle_file
from tradewatch.inbox import queue_sqlite

INCREMENTAL = 2


def pragma(database: sqlite3.Connection, name: str) -> int | str:
    found: int | str = database.execute(f"PRAGMA {name}").fetchone()[0]
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A settled file with a table."""
    path = tmp_path / "own.sqlite3"
    with closing(sqlite3.connect(path)) as first:
        settle_file(first)
        first.execute("CREATE TABLE held (value)")
    return path


@pytest.fixture
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Somebody who holds the write lock of the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO held VALUES (1)")
        yield writer


def test_a_new_file_keeps_a_log_and_gives_its_space_back_in_steps(path: Path) -> None:
    with closing(sqlite3.connect(path)) as later:
        assert (pragma(later, "journal_mode"), pragma(later, "auto_vacuum")) == ("wal", INCREMENTAL)


def test_a_file_with_tables_is_left_as_it_is(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "foreign.sqlite3")) as foreign:
        foreign.execute("CREATE TABLE t (b)")
        settle_file(foreign)
        assert (pragma(foreign, "journal_mode"), pragma(foreign, "auto_vacuum")) == ("wal", 0)


@pytest.mark.usefixtures("writing")
def test_opening_it_does_not_wait_for_who_writes(path: Path) -> None:
    with closing(sqlite3.connect(path, timeout=0)) as reader:
        settle_file(reader)
        assert reader.execute("SELECT count(*) FROM held").fetchone() == (0,)


@pytest.fixture
def opened(path: Path) -> Iterator[BaseDatabaseWrapper]:
    """Django's own connection to the file, as an installation on SQLite opens it, but without patience."""
    with connected(path) as own:
        yield own


@contextmanager
def connected(path: Path) -> Iterator[BaseDatabaseWrapper]:
    options = {**live_settings.SQLITE_OPTIONS, "timeout": 0}
    own = ConnectionHandler(
        {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}}
    )["default"]
    try:
        yield own
    finally:
        own.close()


@pytest.mark.django_db
@pytest.mark.usefixtures("writing")
def test_a_connection_of_django_does_not_wait_for_who_writes(opened: BaseDatabaseWrapper) -> None:
    with opened.cursor() as cursor:
        assert cursor.execute("SELECT count(*) FROM held").fetchone() == (0,)
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.django_db
def test_django_makes_a_new_file_the_same_way(tmp_path: Path) -> None:
    with connected(tmp_path / "new.sqlite3") as own, own.cursor() as cursor:
        cursor.execute("CREATE TABLE t (b)")
        assert cursor.execute("PRAGMA auto_vacuum").fetchone() == (INCREMENTAL,)
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_who_opens_the_inbox_does_not_wait_for_its_writer(inbox: Path) -> None:
    queue_sqlite.append([make_arrived()])
    with closing(sqlite3.connect(inbox, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        queue_sqlite.close()
        with closing(queue_sqlite._open(inbox)) as reader:
            reader.execute("PRAGMA busy_timeout=0")
            assert reader.execute("SELECT count(*) FROM inbox").fetchone() == (1,)
