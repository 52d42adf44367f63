from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as live_settings

from tradewatch.core import bulk
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.queue import Arrived
from tradewatch.performance.disk import room as module
from tradewatch.performance.disk.room import disk_room, is_known, may_digest, room
from tradewatch.performance.disk.standing import standing

pytestmark = pytest.mark.django_db
MB = 1 << 20
on_sqlite = pytest.mark.skipif(live_settings.IS_POSTGRES, reason="of SQLite's files")
on_postgres = pytest.mark.skipif(not live_settings.IS_POSTGRES, reason="of PostgreSQL's budget")


@pytest.fixture
def free_mb(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A disk of 1,000 MB: its marks are at 150, 100 and 50 free."""
    free = [500]
    monkeypatch.setattr(
        module.shutil, "disk_usage", lambda path: SimpleNamespace(free=free[0] * MB, used=(1000 - free[0]) * MB)
    )
    return free


@on_sqlite
def test_pages_that_hold_nothing_are_room_in_the_files(settings: Any, tmp_path: Any, free_mb: list[int]) -> None:
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    queue_sqlite.append([Arrived(1, 1.0, "identity", "", b"x" * MB) for _ in range(8)])
    before = room()
    assert queue_sqlite.waiting_bytes(3, enough=1 << 40) == 5 * MB
    assert queue_sqlite.waiting_bytes(3, enough=2 * MB) == 2 * MB
    queue_sqlite.delete_up_to(8, older_than=2.0)
    after = room()
    assert after.free_bytes == before.free_bytes == 500 * MB
    assert 8 * MB <= after.reusable_bytes - before.reusable_bytes < 9 * MB
    queue_sqlite.give_back_space(pages=100_000)
    assert room().reusable_bytes <= before.reusable_bytes
    queue_sqlite.close()


@on_sqlite
@pytest.mark.parametrize(
    ("free", "level", "digests"),
    [(100, "ok", True), (99, "high", True), (49, "critical", True), (24, "critical", False)],
)
def test_where_a_disk_stands(free_mb: list[int], free: int, level: str, digests: bool) -> None:
    free_mb[0] = free
    assert (standing()["level"], may_digest()) == (level, digests)


@on_postgres
def test_a_database_elsewhere_is_measured_by_its_budget(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "free_bytes", lambda: 0)
    settings.DATABASE_BUDGET_MB = 0
    assert not is_known() and standing()["level"] == "unknown" and may_digest()
    size = bulk.database_bytes()
    settings.DATABASE_BUDGET_MB = size // MB + 100
    assert 99 * MB <= room().free_bytes <= 100 * MB
    settings.DATABASE_BUDGET_MB = 1
    assert (room().free_bytes, standing()["level"]) == (0, "critical")
    monkeypatch.setattr(bulk, "free_bytes", lambda: size)
    assert standing()["level"] == "ok"  # what was deleted is filled before the files grow


@on_sqlite
def test_of_two_disks_the_fuller_one_counts(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    monkeypatch.setattr(
        module.shutil,
        "disk_usage",
        lambda path: SimpleNamespace(free=(7 if path == tmp_path else 70) * MB, used=900 * MB),
    )
    assert disk_room().free_bytes == 7 * MB
