from datetime import UTC, datetime, timedelta

import pytest

from alerts.chart_bands import alert_bands
from alerts.choices import AlertState
from tests.dashboard.builders import make_alert
from tests.projects.builders import make_project
from tradewatch.metrics.markers import MOST, Band, bands_between

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 15, 12, tzinfo=UTC)
END = int(NOW.timestamp())
START = END - 3600


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def test_an_alert_shades_the_time_in_which_it_fired() -> None:
    project = make_project()
    ended = make_alert(
        project, title="Error rate 2.1%", starts_at=ago(30), resolved_at=ago(20), state=AlertState.RESOLVED
    )
    firing = make_alert(project, title="POST /orders is slow", severity="error", starts_at=ago(5))
    assert sorted(alert_bands([project.pk], "", START, END)) == [
        Band(END - 1800, END - 1200, "alert fired: Error rate 2.1%", f"/alerts/{ended.pk}"),
        Band(END - 300, END, "alert fired: POST /orders is slow", f"/alerts/{firing.pk}"),
    ]


def test_what_ended_before_begins_later_or_only_warns_shades_nothing() -> None:
    project = make_project()
    make_alert(project, starts_at=ago(120), resolved_at=ago(60), state=AlertState.RESOLVED)
    make_alert(project, starts_at=NOW)
    make_alert(project, starts_at=ago(5), severity="warning")
    make_alert(make_project("other"), starts_at=ago(5))
    assert list(alert_bands([project.pk], "", START, END)) == []


def test_an_environment_shows_its_own_alerts_and_those_of_none() -> None:
    project = make_project()
    for environment in ("production", "staging", ""):
        make_alert(project, title=environment or "none", environment=environment, starts_at=ago(5))
    words = [band.words for band in alert_bands([project.pk], "production", START, END)]
    assert sorted(words) == ["alert fired: none", "alert fired: production"]


def test_every_page_that_draws_charts_gets_them_and_not_more_than_it_can_show() -> None:
    project = make_project()
    for minute in range(MOST + 5):
        make_alert(project, starts_at=ago(minute + 1))
    found = bands_between([project.pk], "", START, END)
    assert (len(found), found[0].start) == (MOST, END - MOST * 60)
