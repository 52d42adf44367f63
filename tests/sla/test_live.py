"""Pages hear of the minute tick by the name of its topic alone."""

from datetime import UTC, datetime

import pytest

from sla.collecting import collect
from sla.models import Target
from tests.projects.builders import make_project
from tradewatch.core import live

pytestmark = pytest.mark.django_db


def test_each_tick_tells_the_projects_that_have_targets(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int]] = []
    monkeypatch.setattr(live, "_send", lambda topic, project_id: told.append((topic, project_id)))
    mine, archived, none = make_project("mine"), make_project("archived"), make_project("none")
    now = datetime(2026, 11, 26, 6, 0, tzinfo=UTC)
    Target.objects.all().delete()
    Target.objects.create(project=mine, metric_name="one")
    Target.objects.create(project=mine, metric_name="two")
    Target.objects.create(project=archived, metric_name="old", archived_at=now)
    collect(now)
    assert told == [("sla", mine.pk)] and none.pk != mine.pk
