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
from urllib.parse import urlsplit

import pytest

from tests.backends import wait_until
from tests.servers import Server, empty_server, migrated_file, start_embedded
from tests.walks.facts import counts
from tests.walks.senders import Sender, envelope

pytestmark = [pytest.mark.server, pytest.mark.once]
MB = 1 << 20
CRITICAL_MB = 384 * 30 / 100
LARGE_BYTES = 4_000_000
MARKS = {
    "TRADEWATCH_DISK_LOW_PERCENT": "55",
    "TRADEWATCH_DISK_HIGH_PERCENT": "65",
    "TRADEWATCH_DISK_CRITICAL_PERCENT": "70",
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


def answer_of(url: str, token: str = "") -> dict[str, object]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refusal:
        return json.load(refusal)


def send_large(dsn: str) -> tuple[str, int]:
    """Send an event with an attachment of 4 MB that cannot be compressed; return its id and the answer's status."""
    parts, event_id, data = urlsplit(dsn), uuid.uuid4().hex, os.urandom(LARGE_BYTES)
    head = b'{"type":"attachment","length":%d,"filename":"dump.bin"}\n' % len(data)
    request = urllib.request.Request(
        f"http://{parts.hostname}:{parts.port}/api{parts.path}/envelope/",
        data=envelope(event_id) + head + data + b"\n",
        headers={"X-Sentry-Auth": f"Sentry sentry_key={parts.username}, sentry_version=7"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return event_id, answer.status
    except urllib.error.HTTPError as refusal:
        return event_id, refusal.code


def fill_by_sending(home: Path, dsn: str) -> list[str]:
    """Send until it is refused; return the ids that were taken."""
    taken = []
    for _ in range(300):
        event_id, status = send_large(dsn)
        if status == 429:
            return taken
        assert status == 200, f"{status} with {free_mb(home):.0f} MB free"
        taken.append(event_id)
    raise AssertionError("it was never refused")


def age_attachments(home: Path) -> None:
    with contextlib.closing(sqlite3.connect(home / "tradewatch.sqlite3", timeout=30)) as store, store:
        store.execute("UPDATE inbox_keptitem SET received_at = datetime('now', '-2 days')")


def test_a_disk_that_fills_refuses_events_in_time_loses_none_and_takes_them_again(small_disk: Path) -> None:
    filler = small_disk / "of-others"
    with serving(small_disk) as server:
        dsn, token = server.dsn, server.token("errors:read")
        sender = Sender([dsn])
        sender.start(2)
        wait_until(lambda: len(sender.acked) > 50, what="events taken", seconds=60)

        filler.write_bytes(b"x" * int((free_mb(small_disk) - CRITICAL_MB + 4) * MB))
        wait_until(lambda: sender.refused, what="a refusal", seconds=60)
        disk = answer_of(f"{server.url}/error-tracking/status", token)["disk"]
        assert disk["level"] == "critical" and disk["critical_mark_free_bytes"] == CRITICAL_MB * MB // 1
        ready = answer_of(f"{server.url}/health/ready")["checks"]["disk"]
        assert ready["status"] == "failing" and "events are refused (429)" in ready["detail"]
        filler.unlink()
        before = len(sender.acked)
        wait_until(lambda: len(sender.acked) > before + 50, what="events taken again", seconds=60)
        sender.stop()

        large = fill_by_sending(small_disk, dsn)
        assert len(large) > 10 and free_mb(small_disk) > CRITICAL_MB / 2
        server.drain()
        age_attachments(small_disk)  # nothing that is younger than an hour goes for room
        wait_until(lambda: send_large(dsn)[1] == 200, what="room made of what is old", seconds=90)
        disk = answer_of(f"{server.url}/error-tracking/status", token)["disk"]
        assert disk["cleared"]["attachments"] > 0, disk
        server.drain()

        assert set(sender.refused) == {429} and sender.broken == 0
        ids = counts(server)["ids"]
        assert set(sender.acked + large) <= set(ids) and len(ids) == len(set(ids))
        log = server.log("serve")
        assert "disk critical: events are refused" in log and "disk no longer critical" in log
    for name in ("tradewatch.sqlite3", "inbox.sqlite3"):
        with contextlib.closing(sqlite3.connect(small_disk / name)) as store:
            assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
