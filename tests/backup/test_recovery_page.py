"""docs/recovery.md as a reader follows it, with the commands of the page itself."""

import contextlib
import fcntl
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends import running_postgres, wait_until
from tests.servers import MANAGE, ROOT, Server, empty_server, fresh_database, migrated_file, running_embedded
from tests.walks.senders import Sender

pytestmark = [pytest.mark.server, pytest.mark.once]
PAGE = (ROOT / "docs" / "recovery.md").read_text()
COMMANDS = re.findall(r"^    manage\.py (.+)$", PAGE, re.M)
SLOW = 600.0  # migrations from nothing on a busy machine


def command(start: str) -> str:
    """Return the page's command that starts so."""
    return min((each for each in COMMANDS if each.startswith(start)), key=lambda each: "--verify" in each)


def run(server: Server, line: str, **replaced: str) -> subprocess.CompletedProcess[str]:
    for name, value in replaced.items():
        line = line.replace(WORDS[name], value)
    return subprocess.run(
        [sys.executable, MANAGE, *line.split()], env=server.env, capture_output=True, text=True, timeout=SLOW
    )


WORDS = {"file": "/backups/tradewatch.backup", "database": "postgres://user:password@db.example/tradewatch"}


@contextlib.contextmanager
def stopped_after_events() -> Iterator[tuple[Server, int]]:
    """Yield a server that has ended, and how many events it had stored by then."""
    with running_embedded() as server:
        sender = Sender([server.dsn])
        sender.start(1)
        wait_until(lambda: len(sender.acked) > 50, what="traffic", seconds=60)
        sender.stop()
        server.drain(timeout=300)
        server.stop()
        yield server, len(sender.acked)


def checksums(said: str) -> dict[str, tuple[str, str]]:
    """Return {table: (rows, checksum)} of the table that a command printed."""
    return {name: (rows, sum_) for name, rows, sum_ in re.findall(r"^(\w+) +([\d,]+)  ([0-9a-f]{32})$", said, re.M)}


def test_the_page_is_walked(tmp_path: Path) -> None:
    file = str(tmp_path / "tradewatch.backup")
    with stopped_after_events() as (server, acked), empty_server() as new:
        made = run(server, command("backup"), file=file)
        assert (made.returncode, made.stderr) == (0, "")
        assert run(server, command("backup"), file=file).returncode == 1, "it is there already"
        looked = run(server, command("backup --verify"), file=file)
        told = checksums(looked.stdout)
        assert (looked.returncode, told["errors_event"][0]) == (0, str(acked))

        shutil.copy(migrated_file(), new.home / "tradewatch.sqlite3")  # tables, and nothing in them
        refused = run(new, command("restore"), file=file)
        assert (refused.returncode, "another secret key" in refused.stderr) == (1, True)
        shutil.copy(server.home / "secret_key", new.home / "secret_key")
        (tmp_path / "cut").write_bytes(Path(file).read_bytes()[:-1])
        assert run(new, command("restore"), file=str(tmp_path / "cut")).returncode == 3
        restored = run(new, command("restore"), file=file)
        assert restored.returncode == 0, restored.stderr
        assert checksums(restored.stdout) == told
        assert run(new, command("restore"), file=file).returncode == 1, "it is in use now"


def test_a_move_to_postgresql_and_back_changes_no_checksum(tmp_path: Path) -> None:
    with running_postgres() as url, fresh_database(url) as database, stopped_after_events() as (server, acked):
        with (server.home / "serve.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            assert run(server, command("move"), database=database).returncode == 1, "it runs: nothing is moved"
        moved = run(server, command("move"), database=database)
        assert moved.returncode == 0, moved.stderr
        assert "moved. Set DATABASE_URL" in moved.stdout
        there = checksums(moved.stdout)
        assert there["errors_event"][0] == str(acked)

        server.env |= {"DATABASE_URL": database}
        (tmp_path / "back").mkdir()
        shutil.copy(migrated_file(), tmp_path / "back" / "tradewatch.sqlite3")
        back = run(server, f"move --to {tmp_path / 'back'}")
        assert back.returncode == 0, back.stderr
        assert checksums(back.stdout) == there
        assert (tmp_path / "back" / "secret_key").read_text() == (server.home / "secret_key").read_text()


def test_a_backup_of_an_earlier_version_is_restored_and_then_migrated(tmp_path: Path) -> None:
    """Its code is today's, which reads the tables as they are; its database lacks what came last."""
    file = str(tmp_path / "tradewatch.backup")
    with empty_server() as server, empty_server() as new:
        shutil.copy(migrated_file(), server.home / "tradewatch.sqlite3")
        server.manage("migrate", "ingest", "zero", "-v", "0", timeout=SLOW)
        shutil.copy(server.home / "tradewatch.sqlite3", new.home / "tradewatch.sqlite3")
        server.manage("bootstrap", timeout=SLOW)
        made = run(server, command("backup"), file=file)
        assert (made.returncode, made.stderr) == (0, "")
        assert "ingest_" not in run(server, command("backup --verify"), file=file).stdout
        shutil.copy(server.home / "secret_key", new.home / "secret_key")
        restored = run(new, command("restore"), file=file)
        assert restored.returncode == 0, restored.stderr
        assert "came from an earlier version and was migrated" in restored.stdout
        assert new.manage("migrate", "--check", timeout=SLOW) == ""
        assert new.manage("dsn", timeout=SLOW).partition("@")[0] == server.manage("dsn", timeout=SLOW).partition("@")[0]


def test_an_earlier_version_in_use_refuses_a_later_backup_and_stays_as_it_is(tmp_path: Path) -> None:
    file = str(tmp_path / "tradewatch.backup")
    with empty_server() as used, empty_server() as later:
        for each in (used, later):
            shutil.copy(migrated_file(), each.home / "tradewatch.sqlite3")
        used.manage("migrate", "ingest", "zero", "-v", "0", timeout=SLOW)
        used.manage("bootstrap", timeout=SLOW)
        before = tables_of(used)
        assert run(later, command("backup"), file=file).returncode == 0
        refused = run(used, command("restore"), file=file)
        assert (refused.returncode, "is in use" in refused.stderr) == (1, True), refused.stderr
        assert tables_of(used) == before
        assert set(tables_of(later)) - set(before) >= {"ingest_relaysettings", "ingest_relayupstream"}


def tables_of(server: Server) -> list[str]:
    with contextlib.closing(sqlite3.connect(server.home / "tradewatch.sqlite3")) as store:
        return [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def test_the_worker_makes_a_backup_when_one_is_due(tmp_path: Path) -> None:
    with running_embedded(TRADEWATCH_BACKUP_FOLDER=str(tmp_path / "backups")) as server:
        wait_until(lambda: list((tmp_path / "backups").glob("tradewatch-*.backup")), what="a backup", seconds=240)
        (file,) = (tmp_path / "backups").glob("tradewatch-*.backup")
        assert run(server, command("backup --verify"), file=str(file)).returncode == 0
