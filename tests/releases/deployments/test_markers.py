from datetime import timedelta

import pytest

from releases.choices import DeploymentState, Verdict
from releases.deployments.markers import deployment_markers
from tests.projects.builders import make_project
from tests.releases.builders import NOW, make_deployment
from tradewatch.metrics.markers import markers_between
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
END = int(NOW.timestamp()) + 600
START = END - 3600


def marked(environment: str = "") -> list[tuple[int, str]]:
    found = deployment_markers([make_project().pk], environment, START, END)
    return sorted((each.at_epoch - END, each.words) for each in found)


def test_deployments_are_marked_where_they_ended() -> None:
    make_deployment("trading-api@2.0.1", verdict=Verdict.UNHEALTHY)
    make_deployment("2.0.0", state=DeploymentState.FAILED, started_at=NOW - timedelta(minutes=20))
    make_deployment("", state=DeploymentState.IN_PROGRESS, environment="staging")
    make_deployment("1.0", started_at=NOW - timedelta(hours=2))
    make_deployment("9", project=make_project("other"))
    of_production = [
        (-1680, "deployment of 2.0.0 to production by Mara Lindqvist, failed"),
        (-480, "deployment of trading-api@2.0.1 to production by Mara Lindqvist, unhealthy"),
    ]
    assert marked("production") == of_production
    running = (-600, "deployment of a version not named yet to staging by Mara Lindqvist, in progress")
    assert marked() == sorted([*of_production, running])


def test_every_chart_asks_for_them() -> None:
    make_deployment("trading-api@2.0.1")
    Release.objects.create(project=make_project(), version="trading-api@2.0.1", first_seen_at=NOW, last_seen_at=NOW)
    (found,) = markers_between([make_project().pk], "production", START, END)
    assert (found.kind, found.label) == ("deployment", "2.0.1")
