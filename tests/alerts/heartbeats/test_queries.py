import pytest
from django.utils import timezone

from alerts.heartbeats.queries import CELLS, cells_of
from alerts.models import Heartbeat, HeartbeatEntry
from tests.projects.builders import make_project

pytestmark = pytest.mark.django_db


def test_the_last_outcomes_of_many_heartbeats_take_one_query(django_assert_num_queries) -> None:
    project, now = make_project(), timezone.now()
    rows = [Heartbeat.objects.create(project=project, name=f"Job {n}", slug=f"job-{n}") for n in range(3)]
    kinds = ["start", "success", "log"] * 40 + ["fail", "missed", "too_long"]
    HeartbeatEntry.objects.bulk_create(HeartbeatEntry(heartbeat=rows[0], at=now, kind=kind) for kind in kinds)
    HeartbeatEntry.objects.create(heartbeat=rows[1], at=now, kind="success")
    with django_assert_num_queries(1):
        cells = cells_of([row.pk for row in rows])
    assert [cell.level for cell in cells[rows[0].pk]] == ["ok"] * 27 + ["crit", "crit", "warn"]
    assert [cell.level for cell in cells[rows[1].pk]] == [""] * 29 + ["ok"]
    assert len(cells[rows[2].pk]) == CELLS and not any(cell.level for cell in cells[rows[2].pk])
