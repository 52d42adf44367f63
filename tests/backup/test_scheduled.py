import fcntl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.choices import AlertState
from alerts.models import Alert
from tests.projects.builders import make_project
from tradewatch.core import pulse
from tradewatch.core.backup_state import DONE, FAILED, TRIED, as_status, backup_state
from tradewatch.processes.backup import scheduled
from tradewatch.processes.backup.dumping import Made
from tradewatch.processes.backup.faults import BackupFault
from tradewatch.processes.backup.scheduled import back_up, claim
from tradewatch.processes.backup.watching import tell_of_backups

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.BACKUP_FOLDER = tmp_path / "backups"
    return tmp_path / "backups"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(path: Path, **_: object) -> Made:
        path.write_bytes(b"whole")
        return Made({}, 5)

    monkeypatch.setattr(scheduled, "write_backup", write)


def test_nothing_is_due_without_a_folder(settings: Any) -> None:
    settings.BACKUP_FOLDER = None
    assert not claim(NOW)
    assert backup_state(NOW).state == "off"


def test_one_of_two_beats_begins_a_backup(folder: Path) -> None:
    assert [claim(NOW), claim(NOW)] == [True, False]
    assert [claim(NOW + DAY), claim(NOW + DAY)] == [True, False]


def test_one_that_was_killed_is_told_and_tried_again_after_an_hour(folder: Path) -> None:
    make_project()
    pulse.beat(NOW - DAY, name=DONE)
    assert claim(NOW)
    folder.mkdir()
    (folder / ".lock").touch()  # as its process left it
    assert not claim(NOW + timedelta(minutes=59))
    again = NOW + timedelta(minutes=61)
    assert [claim(again), claim(again)] == [True, False]
    assert (pulse.last_beat(FAILED), pulse.last_beat(TRIED)) == (NOW, again)
    tell_of_backups(again)
    assert "Scheduled backups fail: the last try failed 1 h ago" in Alert.objects.get().message
    pulse.beat(again, name=DONE)
    assert not claim(again + timedelta(hours=2))
    assert backup_state(again).state == "ok"


def test_one_that_takes_hours_is_left_to_it(folder: Path) -> None:
    folder.mkdir()
    assert claim(NOW)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not claim(NOW + timedelta(hours=5))
    assert pulse.last_beat(FAILED) is None
    assert claim(NOW + timedelta(hours=5)), "it has ended, and said nothing"


def test_a_good_backup_is_noted_and_older_ones_go(folder: Path, written: None, settings: Any) -> None:
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY = 2, 0
    for days in range(4):
        back_up(now=NOW + days * DAY)
    (folder / ".tradewatch-20261126T140000Z.backup.1.partial").touch()
    back_up(now=NOW + 4 * DAY)
    assert sorted(each.name for each in folder.glob("*tradewatch*")) == [
        "tradewatch-20261129T140000Z.backup",
        "tradewatch-20261130T140000Z.backup",
    ]
    assert (folder.stat().st_mode & 0o777, pulse.last_beat(DONE)) == (0o700, NOW + 4 * DAY)


def test_a_failed_one_costs_no_older_one(
    folder: Path, written: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.BACKUP_KEEP_DAILY, settings.BACKUP_KEEP_WEEKLY = 1, 0
    back_up(now=NOW)

    def refuse(path: Path) -> None:
        raise BackupFault("the disk is full")

    monkeypatch.setattr(scheduled, "refuse_full_disk", refuse)
    with pytest.raises(BackupFault):
        back_up(now=NOW + 2 * DAY)
    assert [each.name for each in folder.glob("tradewatch*")] == ["tradewatch-20261126T140000Z.backup"]
    assert pulse.last_beat(FAILED) == NOW + 2 * DAY


def test_two_at_once_are_one(folder: Path, written: None, monkeypatch: pytest.MonkeyPatch) -> None:
    inner: list[str] = []

    def meanwhile(path: Path) -> None:
        with pytest.raises(BackupFault, match="another backup is being written"):
            scheduled._back_up_into(folder, NOW, lambda text: None)
        inner.append("refused")

    monkeypatch.setattr(scheduled, "refuse_full_disk", meanwhile)
    back_up(now=NOW)
    assert inner == ["refused"]


def test_an_alert_opens_while_backups_fail_and_ends_with_a_good_one(folder: Path) -> None:
    make_project()
    pulse.beat(NOW, name=TRIED)
    tell_of_backups(NOW)
    assert not Alert.objects.exists()
    pulse.beat(NOW, name=FAILED)
    for minutes in range(3):
        tell_of_backups(NOW + timedelta(minutes=minutes))
    alert = Alert.objects.get()
    assert (alert.title, alert.count, alert.state != AlertState.RESOLVED) == ("Scheduled backups are not made", 1, True)
    assert "the last try failed 0 h ago; the last good backup was made never" in alert.message
    pulse.beat(NOW + timedelta(hours=1), name=DONE)
    tell_of_backups(NOW + timedelta(hours=1))
    assert Alert.objects.get().state == AlertState.RESOLVED


def test_an_overdue_backup_is_told(folder: Path) -> None:
    make_project()
    pulse.beat(NOW, name=DONE)
    tell_of_backups(NOW + DAY)
    assert not Alert.objects.exists()
    tell_of_backups(NOW + DAY + timedelta(hours=2))
    assert "overdue" in Alert.objects.get().message
    assert as_status(NOW + DAY)["last_backup_age_seconds"] == 86_400
