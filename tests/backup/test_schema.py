from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.migrations.recorder import MigrationRecorder

from tradewatch.processes.backup import dumping
from tradewatch.processes.backup.dumping import write_backup
from tradewatch.processes.backup.faults import BackupFault
from tradewatch.processes.backup.restoring import restore
from tradewatch.processes.backup.schema import Fit, fit, last_of

NOW = datetime(2026, 11, 26, 14, 0, tzinfo=UTC)
A1, A2, B1 = ("a", "0001"), ("a", "0002"), ("b", "0001")


@pytest.mark.parametrize(
    ("theirs", "applied", "expected"),
    [
        ([A1, A2, B1], [], Fit.SAME),
        ([A1, A2, B1], [A1, A2, B1], Fit.SAME),
        ([A1, A2, B1], [A1], Fit.SAME),
        ([A1], [], Fit.OLDER),
        ([A1], [A1], Fit.OLDER),
        ([A1], [A1, A2], Fit.TOO_LATE),
        ([A1, A2, B1, ("b", "0002")], [], Fit.NEWER),
        ([A1, ("gone", "0001")], [A1, A2], Fit.NEWER),
    ],
)
def test_what_a_backup_is_to_this_code(theirs: list[Any], applied: list[Any], expected: Fit) -> None:
    assert fit(theirs, known=[A1, A2, B1], applied=applied) is expected


def test_the_last_migration_of_each_app_is_what_to_migrate_to() -> None:
    parents: dict[Any, Any] = {A1: [], A2: [A1, B1], B1: [A1]}
    assert last_of([A1, A2, B1], parents) == [A2, B1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("inbox")
@pytest.mark.parametrize(
    ("added", "left_out", "says"),
    [
        ([("alerts", "9999_later")], 0, "made by a later version"),
        ([], 1, "made by an earlier version, and this database has the tables of this one already"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(
    added: list[Any], left_out: int, says: str, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.HOME = tmp_path

    class Recorder(MigrationRecorder):
        def applied_migrations(self) -> dict[Any, Any]:
            known = sorted(super().applied_migrations())
            return dict.fromkeys([*known[left_out:], *added])

    with monkeypatch.context() as patch:
        patch.setattr(dumping, "MigrationRecorder", Recorder)
        write_backup(tmp_path / "one", now=NOW)
    with pytest.raises(BackupFault, match=says):
        restore(tmp_path / "one")
    assert not User.objects.exists()
