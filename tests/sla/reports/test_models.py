from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from sla.models import Report
from sla.models.reports import KeptError
from tests.projects.builders import make_project

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)


def make_report() -> Report:
    return Report.objects.create(
        project=make_project(),
        name="SLA-2026-11",
        version=1,
        label="November 2026",
        period_start=NOW,
        period_end=NOW,
        lede="1 of 1 targets was met.",
        document=b"{}",
        sha256="0" * 64,
        made_at=NOW,
        made_by="ann",
    )


def test_code_cannot_change_or_delete_a_kept_report() -> None:
    report = make_report()
    report.lede = "all was well"
    for change in (report.save, report.delete, Report.objects.delete, lambda: Report.objects.update(lede="x")):
        with pytest.raises(KeptError):
            change()


@pytest.mark.parametrize("column", ["document", "sha256", "lede"])
def test_the_database_refuses_too(column: str) -> None:
    report = make_report()
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE sla_report SET {column} = {column} WHERE id = %s", [report.pk])


def test_it_goes_with_its_project() -> None:
    make_report().project.delete()
    assert not Report.objects.exists()
