"""A real server on a file system of its own of 384 MB: filled by others, then by what it was sent."""

import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.backends import wait_until
from tests.servers import Server, empty_server, migrated_file, start_embedded
from tests.walks.senders import Sender, envelope

pytestmark = [pytest.mark.server, pytest.mark.once]
MB = 1 << 20
CRITICAL_MB = 384 * 30 / 100
LARGE_BYTES = 4_000_000
MARKS = {
    "TRADEWATCH_DISK_LOW_PERCENT": "55",
    "TRADEWATCH_DISK_HIGH_PERCENT": "65",
    "TRADEWATCH_DISK_CRITICAL_PERCENT": "70",
    "TRADEWATCH_DISK_HEADROOM_MB": "4096",
}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=384m", "tmpfs", place], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a file system of its own may not be mounted here: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


@contextlib.contextmanager
def serving(home: Path) -> Iterator[Server]:
    with empty_server(TRADEWATCH_HOME=str(home), **MARKS) as server:
        shutil.copy(migrated_file(), home / "tradewatch.sqlite3")
        start_embedded(server)
        yield server


def free_mb(home: Path) -> float:
    return shutil.disk_usage(home).free / MB


def stored(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask the database itself: commands of the server take long on a busy machine."""
    with contextlib.closing(sqlite3.connect(home / "tradewatch.sqlite3", timeout=30)) as store, store:
        return store.execute(sql).fetchall()


def dsn_of(server: Server, home: Path) -> str:
    ((key, project),) = stored(home, "SELECT public_key, project_id FROM projects_projectkey")
    return server.url.replace("://", f"://{key}@") + f"/{project}"


def cleared(home: Path) -> dict[str, int]:
    rows = stored(home, "SELECT cleared FROM performance_diskwatch")
    return json.loads(rows[0][0]) if rows else {}


def readiness_of_disk(server: Server) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{server.url}/health/ready", timeout=30) as answer:
            return json.load(answer)["checks"]["disk"]
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)["checks"]["disk"]


class Large:
    """Sends events with an attachment of 4 MB that cannot be compressed, and knows which were taken."""

    def __init__(self, dsn: str) -> None:
        parts = urlsplit(dsn)
        self.taken: list[str] = []
        self._url = f"http://{parts.hostname}:{parts.port}/api{parts.path}/envelope/"
        self._headers = {"X-Sentry-Auth": f"Sentry sentry_key={parts.username}, sentry_version=7"}

    def send(self) -> int:
        """Return the answer's status."""
        event_id, data = uuid.uuid4().hex, os.urandom(LARGE_BYTES)
        head = b'{"type":"attachment","length":%d,"filename":"dump.bin"}\n' % len(data)
        body = envelope(event_id) + head + data + b"\n"
        try:
            urllib.request.urlopen(urllib.request.Request(self._url, body, self._headers), timeout=30).close()
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 429
            return refusal.code
        self.taken.append(event_id)
        return 200

    def send_until_refused(self) -> None:
        for _ in range(300):
            if self.send() == 429:
                return
        raise AssertionError("it was never refused")


def test_a_disk_that_fills_refuses_events_in_time_loses_none_and_takes_them_again(small_disk: Path) -> None:
    filler = small_disk / "of-others"
    with serving(small_disk) as server:
        dsn = dsn_of(server, small_disk)
        sender, large = Sender([dsn]), Large(dsn)
        sender.start(2)
        wait_until(lambda: len(sender.acked) > 50, what="events taken", seconds=60)

        filler.write_bytes(b"x" * int((free_mb(small_disk) - CRITICAL_MB + 4) * MB))
        wait_until(lambda: sender.refused, what="a refusal", seconds=60)
        ready = readiness_of_disk(server)
        assert ready["status"] == "failing" and "events are refused (429)" in ready["detail"]
        fill_to_the_last_byte(filler)
        refused = len(sender.refused)
        wait_until(lambda: len(sender.refused) > refused + 20, what="refusals without a byte free", seconds=60)
        assert readiness_of_disk(server)["detail"].startswith("0 MB free")
        filler.unlink()
        before = len(sender.acked)
        wait_until(lambda: len(sender.acked) > before + 50, what="events taken again", seconds=60)
        sender.stop()

        large.send_until_refused()
        assert len(large.taken) > 10 and free_mb(small_disk) > CRITICAL_MB / 4
        sent = sender.acked + large.taken
        wait_until(lambda: ids_of(small_disk) >= set(sent), what="all of it digested", seconds=90)
        # Copies of what is digested went for room already; what is younger than an hour never does.
        stored(small_disk, "UPDATE inbox_keptitem SET received_at = datetime('now', '-2 days')")
        wait_until(lambda: (large.send(), cleared(small_disk).get("attachments"))[1], what="attachments", seconds=90)
        wait_until(lambda: large.send() == 200, what="room made of what is old", seconds=60)

        sent = sender.acked + large.taken
        wait_until(lambda: ids_of(small_disk) >= set(sent), what="all of it digested", seconds=90)
        ((counted,),) = stored(small_disk, "SELECT SUM(event_count) FROM errors_issue")
        assert counted == len(ids_of(small_disk)) == len(sent)
        assert set(sender.refused) == {429} and sender.broken == 0
        log = server.log("serve")
        assert "disk critical: events are refused" in log and "disk no longer critical" in log
        assert "inbox commit failed" not in log
    for name in ("tradewatch.sqlite3", "inbox.sqlite3"):
        with contextlib.closing(sqlite3.connect(small_disk / name)) as store:
            assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def fill_to_the_last_byte(filler: Path) -> None:
    with contextlib.suppress(OSError), filler.open("ab") as file:
        while True:
            file.write(b"x" * 4096)
            file.flush()


def ids_of(home: Path) -> set[str]:
    return {event_id for (event_id,) in stored(home, "SELECT event_id FROM errors_event")}
