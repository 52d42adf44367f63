from datetime import timedelta

import pytest
from django.core.cache import cache

from tests.alerts.oncall.builders import make_person, make_schedule
from tests.calendars.oracle import utc
from tests.projects.builders import make_project
from tradewatch.core.panels import Watched, render_dashboard_panels
from tradewatch.dashboard.oncall_panel import on_call_panel

pytestmark = pytest.mark.django_db
NOW = utc("2026-11-23T15:12")


@pytest.fixture
def watched() -> Watched:
    cache.clear()
    return Watched((make_project().pk,), "", NOW - timedelta(hours=1), NOW, NOW)


def test_the_dashboard_says_who_is_on_call(watched: Watched) -> None:
    make_schedule(make_person("jonas", last_name="Okafor"), make_person("priya"))
    make_schedule(name="Nights")
    make_schedule(make_person("mara"), name="Theirs", project=make_project("theirs"))
    html = on_call_panel(watched) or ""
    assert "Jonas Okafor" in html and "until Tue 24 Nov 09:00" in html and "Nobody" in html
    assert "Theirs" not in html
    assert any(panel.key == "panel-on-call-now" and panel.html for panel in render_dashboard_panels(watched))


def test_without_schedules_there_is_no_panel(watched: Watched) -> None:
    assert on_call_panel(watched) is None
