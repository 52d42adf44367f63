from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from alerts.models import NotificationChannel
from tests.errors.builders import digest
from tests.errors.documents import make_event
from tests.inbox.builders import queue_up
from tests.projects.builders import make_project
from tradewatch.core import audit, pulse
from tradewatch.core.actors import SYSTEM
from tradewatch.core.backup_state import TRIED
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Event, Issue
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.models import Cursor
from tradewatch.inbox.queries import backlog
from tradewatch.ingest.models import RelaySettings
from tradewatch.processes import home
from tradewatch.processes.backup import restoring
from tradewatch.processes.backup.dumping import Made, write_backup
from tradewatch.processes.backup.faults import BackupFault, Damaged
from tradewatch.processes.backup.restoring import restore, verify
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
SECRET = "xoxb-of-the-pager"


@pytest.fixture(autouse=True)
def own_home(settings: Any, tmp_path: Path, inbox: Path) -> Path:
    settings.HOME = tmp_path / "home"
    settings.HOME.mkdir()
    return tmp_path / "home"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "one.backup"


@pytest.fixture
def made(file: Path, settings: Any) -> Iterator[Made]:
    """A backup of an installation with an event, a person, a secret and two envelopes that wait; emptied since."""
    digest(make_event())
    User.objects.create_superuser("ann", "ann@localhost", "correct horse 7")
    channel = NotificationChannel.objects.create(name="pager", kind="slack", encrypted_settings=SECRET)
    audit.record(SYSTEM, "channel.create", channel)
    if not settings.IS_POSTGRES:
        Cursor.objects.create(name="digest", position=70, digested_count=1)
        queue_sqlite.never_reuse_ids_up_to(70)
    queue_up(b"first\n", b"second\n", address="203.0.113.9")
    made = write_backup(file, now=NOW)
    empty()
    yield made


def empty() -> None:
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
    queue_sqlite.close()
    if queue_sqlite.settings.INBOX_PATH.exists():
        queue_sqlite.settings.INBOX_PATH.unlink()


def nothing_there() -> bool:
    return not (User.objects.exists() or Project.objects.exists() or Event.objects.exists() or backlog().pending)


def test_everything_is_there_again(made: Made, file: Path, tmp_path: Path) -> None:
    done = restore(file)
    assert done.sums == made.sums
    assert not done.people_counted_anew
    assert (Event.objects.count(), Issue.objects.get().event_count) == (1, 1)
    assert User.objects.get().check_password("correct horse 7")
    assert NotificationChannel.objects.get().encrypted_settings == SECRET
    assert AuditEntry.objects.filter(action="channel.create").exists()
    assert backlog().pending == 2
    again = write_backup(tmp_path / "again.backup", now=NOW)
    assert again.sums == made.sums


def test_what_waited_is_read_after_the_cursor(made: Made, file: Path, settings: Any) -> None:
    restore(file)
    if settings.IS_POSTGRES:
        return
    rows = queue_sqlite.read_after(70, limit=10, max_bytes=1000)
    assert [(row.id, row.body, row.address) for row in rows] == [
        (71, b"first\n", "203.0.113.9"),
        (72, b"second\n", "203.0.113.9"),
    ]


def test_new_rows_have_new_ids(made: Made, file: Path) -> None:
    restore(file)
    last = AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[0]
    audit.record(SYSTEM, "test", User.objects.get())
    assert AuditEntry.objects.order_by("-pk").values_list("pk", flat=True)[0] > last


def test_a_scheduled_backup_does_not_seem_lost_where_it_is_restored(file: Path) -> None:
    """It was made while it was under way itself."""
    make_project()
    pulse.beat(NOW, name=TRIED)
    write_backup(file, now=NOW)
    empty()
    restore(file)
    assert Project.objects.exists()
    assert pulse.last_beat(TRIED) is None


def test_configuration_alone_has_people_and_projects_and_no_events(file: Path) -> None:
    digest(make_event())
    User.objects.create_superuser("ann", "ann@localhost", "correct horse 7")
    queue_up(b"first\n")
    write_backup(file, now=NOW, configuration=True)
    empty()
    restore(file)
    assert (User.objects.count(), Project.objects.count()) == (1, 1)
    assert (Event.objects.count(), Issue.objects.count(), backlog().pending) == (0, 0, 0)


def test_configuration_has_what_a_project_keeps_from_its_upstream(file: Path) -> None:
    project = make_project("desk")
    own = "https://key@own.example/7"
    RelaySettings.objects.create(project=project, is_enabled=False, kinds=["error"], dsn=own)
    write_backup(file, now=NOW, configuration=True)
    empty()
    restore(file)
    kept = RelaySettings.objects.get(project__slug="desk")
    assert (kept.is_enabled, kept.kinds, kept.dsn) == (False, ["error"], own)


def test_an_installation_in_use_is_refused(made: Made, file: Path) -> None:
    User.objects.create(username="somebody")
    with pytest.raises(BackupFault, match=r"in use \(users: 1"):
        restore(file)
    assert [user.username for user in User.objects.all()] == ["somebody"]


def test_an_installation_in_use_is_refused_before_its_tables_are_changed(
    made: Made, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of an earlier version would be migrated to those of the backup."""
    monkeypatch.setattr(restoring, "prepare_tables", lambda theirs: pytest.fail("the tables were prepared"))
    User.objects.create(username="somebody")
    with pytest.raises(BackupFault, match="in use"):
        restore(file)


def test_accepted_envelopes_are_use(made: Made, file: Path, settings: Any) -> None:
    queue_up(b"mine\n")
    with pytest.raises(BackupFault, match="envelopes: 1"):
        restore(file)
    assert backlog().pending == 1


def test_a_damaged_file_is_refused_before_anything_is_written(made: Made, file: Path) -> None:
    whole = file.read_bytes()
    for damaged in (
        whole[:-100],
        whole[: len(whole) // 2],
        whole[:500] + b"\x00" + whole[501:],
        b"",
        b"PK\x03\x04" * 99,
    ):
        file.write_bytes(damaged)
        with pytest.raises(Damaged):
            restore(file)
        assert nothing_there()


def test_another_key_is_said_before_anything_is_written(made: Made, file: Path, settings: Any) -> None:
    settings.SECRET_KEY = "another"
    with pytest.raises(BackupFault, match="another secret key"):
        restore(file)
    assert nothing_there()
    done = restore(file, without_secrets=True)
    assert (done.secrets_readable, done.people_counted_anew) == (False, True)
    assert User.objects.count() == 1


def test_the_old_key_may_be_a_fallback(made: Made, file: Path, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert restore(file).people_counted_anew
    assert NotificationChannel.objects.get().encrypted_settings == SECRET


def test_the_command_says_when_people_are_counted_anew(
    made: Made, file: Path, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another"
    with pytest.raises(CommandError, match=r"FALLBACKS: .* people are then counted anew"):
        call_command("restore", str(file))
    settings.SECRET_KEY_FALLBACKS = [old]
    call_command("restore", str(file))
    assert "people are counted anew from here on" in capsys.readouterr().out


def test_a_key_that_comes_along_takes_the_place_of_the_one_of_an_empty_folder(
    file: Path, settings: Any, own_home: Path
) -> None:
    digest(make_event())
    key = settings.SECRET_KEY
    write_backup(file, now=NOW, with_key=True)
    empty()
    settings.SECRET_KEY = "just made"
    (own_home / "secret_key").write_text("just made")
    done = restore(file)
    assert (done.secrets_readable, done.people_counted_anew) == (True, False)
    assert (own_home / "secret_key").read_text() == key
    assert (own_home / "secret_key").stat().st_mode & 0o777 == 0o600


def test_the_key_is_in_no_backup_that_was_not_asked_for_it(made: Made, file: Path, settings: Any) -> None:
    header, _ = verify(file)
    assert settings.SECRET_KEY not in str(header)
    assert "secret_key" not in header


def test_a_restore_that_fails_leaves_the_installation_empty(
    made: Made, file: Path, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    def fail(*_: object) -> None:
        raise IntegrityError("a row refers to nothing\nDETAIL: the row")

    monkeypatch.setattr(restoring, "raise_last_ids", fail)
    with pytest.raises(BackupFault, match=r"refused a row .IntegrityError.: a row refers to nothing$"):
        restore(file)
    assert nothing_there()
    assert not home.is_unfinished(own_home)
    monkeypatch.undo()


def test_one_that_was_killed_before_its_last_commit_is_taken_back(made: Made, file: Path, settings: Any) -> None:
    if settings.IS_POSTGRES:
        return  # there everything is one transaction
    queue_up(b"of the restore that was killed\n")
    home.mark_unfinished(settings.HOME)
    restore(file)
    assert backlog().pending == 2
    assert not home.is_unfinished(settings.HOME)


def test_what_was_stored_otherwise_is_taken_back(made: Made, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "sum_of", lambda rows: restoring.Sum(0, ""))
    with pytest.raises(BackupFault, match="was not stored as the backup has it"):
        restore(file)
    assert nothing_there()
