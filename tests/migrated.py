"""Stores that were migrated before: the same migrations take ten seconds and more of each test process.

Kept in the system's temporary folder under a hash of every migration and of the pinned packages: another set of
migrations is another file. `manage.py migrate` still runs over the copy, and finds nothing to do.
"""

import contextlib
import fcntl
import getpass
import hashlib
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
OUR_CODE = ("alerts", "releases", "sla", "debugging", "tradewatch")
KEPT_SECONDS = 86_400


def start_from_kept() -> None:
    """Let the test database begin as a copy of the kept store, where there is one."""
    if connection.vendor != "sqlite":
        return
    create = connection.creation._create_test_db

    def create_and_fill(*arguments: Any, **options: Any) -> Any:
        created = create(*arguments, **options)
        if (kept := _path()).is_file():
            connection.settings_dict["NAME"] = created
            connection.ensure_connection()
            with contextlib.closing(sqlite3.connect(kept)) as source:
                source.backup(connection.connection)
        return created

    connection.creation._create_test_db = create_and_fill


def keep() -> None:
    """Keep the test database as it stands, just migrated, for the next process."""
    path = _path()
    if connection.vendor != "sqlite" or path.is_file():
        return
    connection.ensure_connection()
    for other in path.parent.iterdir():
        if other.stat().st_mtime < time.time() - KEPT_SECONDS:
            other.unlink(missing_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent)
    os.close(handle)
    with contextlib.closing(sqlite3.connect(draft)) as target:
        connection.connection.backup(target)
    Path(draft).replace(path)


@contextlib.contextmanager
def made_once(kind: str) -> Iterator[Path]:
    """Yield the path of another store that is kept under the same hash; of several processes one at a time."""
    path = _path().with_suffix(f".{kind}")
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path


def hashed() -> str:
    """Return what names this set of migrations and packages."""
    return _path().stem


def _path() -> Path:
    digest = hashlib.sha256(sys.version.encode())
    migrations = sorted(path for name in OUR_CODE for path in (ROOT / name).glob("**/migrations/*.py"))
    for each in [ROOT / "requirements.txt", *migrations]:
        digest.update(str(each.relative_to(ROOT)).encode() + each.read_bytes())
    folder = Path(tempfile.gettempdir()) / f"tradewatch-tests-{getpass.getuser()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{digest.hexdigest()[:24]}.sqlite3"
