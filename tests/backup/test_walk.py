"""A server is backed up under traffic, restored elsewhere and started: nothing acknowledged before is missing."""

import json
import os
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backends import wait_until
from tests.servers import Server, empty_server, migrated_database, migrated_file, start_embedded, start_grown
from tests.walks.facts import counts
from tests.walks.senders import Sender

pytestmark = [pytest.mark.server]

SECRET = "hooks-are-secret"
STORE_SECRET = f"""
from alerts.models import NotificationChannel
NotificationChannel.objects.create(name="pager", kind="slack", encrypted_settings='{{"url": "https://{SECRET}"}}')
"""
READ_SECRET = """
from alerts.models import NotificationChannel
print(NotificationChannel.objects.get(name="pager").encrypted_settings)
"""


def shell(server: Server, program: str) -> str:
    return server.manage("shell", "--no-imports", "-c", program)


@pytest.fixture
def new_home() -> Iterator[Server]:
    """A server whose tables are made and empty; nothing of it runs. From no tables at all: test_recovery_page."""
    if not os.environ.get("DATABASE_URL"):
        with empty_server() as server:
            shutil.copy(migrated_file(), server.home / "tradewatch.sqlite3")
            yield server
        return
    with (
        migrated_database(os.environ["DATABASE_URL"]) as database,
        empty_server(DATABASE_URL=database, REDIS_URL=os.environ["REDIS_URL"]) as server,
    ):
        yield server


def test_what_was_acknowledged_before_a_backup_is_in_it(server: Server, new_home: Server, tmp_path: Path) -> None:
    token = server.token("errors:read")
    shell(server, STORE_SECRET)
    sender = Sender([server.dsn])
    sender.start()
    wait_until(lambda: len(sender.acked) > 300, what="traffic")
    before = list(sender.acked)
    server.manage("backup", str(tmp_path / "one.backup"), "--with-secret-key", timeout=400)
    after = len(sender.acked)
    sender.stop()
    assert after > len(before), "traffic went on while the backup was made"
    assert (tmp_path / "one.backup").stat().st_mode & 0o777 == 0o600
    dsn = server.dsn
    server.stop()

    said = new_home.manage("restore", str(tmp_path / "one.backup"), timeout=400)
    assert SECRET not in said
    start(new_home)
    drained = new_home.drain(timeout=90)
    assert (drained["pending"], drained["dead"]) == (0, 0)
    stored = counts(new_home)
    ids = stored["ids"]
    assert isinstance(ids, list)
    assert len(ids) == len(set(ids))
    assert set(before) - set(ids) == set()
    assert set(ids) <= set(sender.acked)
    assert stored["payloads"] == stored["issue_events"] == stored["minute_events"] == stored["hour_events"] == len(ids)
    assert SECRET in shell(new_home, READ_SECRET)
    assert new_home.dsn.partition("@")[0] == dsn.partition("@")[0], "the key of the DSN is the same"
    assert ask(new_home, "/error-tracking/status", token), "the token of the old installation works"
    again = Sender([new_home.dsn])
    again.start(1)
    wait_until(lambda: len(again.acked) > 5, what="new events")
    again.stop()
    new_home.drain()
    assert set(again.acked) <= set(counts(new_home)["ids"])  # type: ignore[call-overload]


def start(server: Server) -> None:
    start_grown(server) if server.env.get("DATABASE_URL") else start_embedded(server)


def ask(server: Server, path: str, token: str) -> dict[str, object]:
    request = urllib.request.Request(server.url + path, headers={"Authorization": f"Bearer {token}"})
    answer: dict[str, object] = json.load(urllib.request.urlopen(request, timeout=10))
    return answer
