from datetime import timedelta

import pytest

from tests.performance.logs.builders import NOW, container, digest, digest_lines, line
from tests.performance.logs.test_digest import counted, stored
from tests.projects.builders import make_project
from tradewatch.performance.logs import retention
from tradewatch.performance.models import LogReceipt
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
DAY = 86_400.0


@pytest.fixture
def project() -> Project:
    return make_project()


def test_blocks_go_when_their_newest_line_is_too_old(project: Project, settings) -> None:
    digest_lines(project, line("old", ago=8 * DAY), line("older", ago=8 * DAY + 1), line("young", ago=6 * DAY))
    settings.LOG_RETENTION = timedelta(days=7)
    assert retention.delete_old(NOW) == 2
    assert [each.body for each in stored(project)] == ["young"]
    assert retention.delete_old(NOW) == 0


def test_it_goes_on_until_all_is_gone(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BLOCKS_A_STEP", 2)
    digest_lines(project, *(line(f"n{day}", ago=day * DAY) for day in range(7)))
    digest_lines(make_project("other"), line())
    assert retention.delete_old(NOW + timedelta(days=60)) == 8


def test_each_project_keeps_its_lines_for_its_own_days(project: Project) -> None:
    short = make_project("short")
    digest_lines(project, line("old", ago=3 * DAY))
    digest_lines(short, line("old", ago=3 * DAY), line("young", ago=DAY))
    Project.objects.filter(pk=short.pk).update(log_days=2)
    assert retention.delete_old(NOW) == 1
    assert [each.body for each in stored(short)] == ["young"] and len(stored(project)) == 1


def test_receipts_outlive_three_days_of_silence_and_no_more(project: Project) -> None:
    sent = container(line())
    digest(project, sent)
    retention.delete_old(NOW + timedelta(days=3))
    digest(project, sent)
    assert counted(project, "logs") == 1
    retention.delete_old(NOW + timedelta(days=3, hours=1))
    assert not LogReceipt.objects.exists()
