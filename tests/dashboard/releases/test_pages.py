import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from releases.choices import DeploymentState
from releases.models import Deployment
from tests.dashboard.builders import make_issue
from tests.projects.builders import make_project, make_user
from tests.releases.builders import MINUTE, make_deployment, see
from tradewatch.core.panels import Watched
from tradewatch.dashboard.releases.panel import deployed_panel
from tradewatch.metrics.services import CountRow, add_counts
from tradewatch.performance.sessions import CRASHED, SESSIONS, of_release
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def mia(client: Client):
    user = make_user("mia", role=Role.RESPONDER)
    client.force_login(user)
    return user


def text(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    main = html.split('<main class="page" id="main">')[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", main, flags=re.DOTALL))


def count_sessions(version: str, sessions: int, crashed: int, *, now: Any) -> Release:
    release = Release.objects.get(version=version)
    place, at = (release.project_id, "production"), (now - 5 * MINUTE).timestamp()
    for name, number in ((SESSIONS, sessions), (CRASHED, crashed)):
        add_counts([CountRow(*place, series, at, number, number) for series in (name, of_release(release.pk, name))])
    return release


@pytest.mark.usefixtures("mia")
def test_an_empty_install_says_what_will_be_here(client: Client) -> None:
    found = text(client, "/releases")
    assert "No deployment yet" in found and "No release yet" in found


@pytest.mark.usefixtures("mia")
def test_the_list_says_what_runs_where_and_how_releases_do(client: Client, now: Any) -> None:
    old = make_deployment("2.0.0", started_at=now - timedelta(days=9))
    new = make_deployment("2.0.1", started_at=now - timedelta(days=1), previous=old)
    running = make_deployment("2.0.2", state=DeploymentState.IN_PROGRESS, started_at=now - 3 * MINUTE)
    make_deployment("9.9.9", project=make_project("other"), started_at=now - timedelta(days=1))
    see("api@2.0.1", at=now - timedelta(days=1))
    see("api@2.0.0", at=now - timedelta(days=9))
    count_sessions("api@2.0.1", 100, 2, now=now)
    make_issue(make_project(), first_release=Release.objects.get(version="api@2.0.1"))
    found = text(client, "/releases")
    for said in ("2.0.1", "was 2.0.0", "In progress", "2.0.2", "98%", "100%", "1 new", "no data", "3 in 30 days"):
        assert said in found, said
    assert "9.9.9" not in found
    html = client.get("/releases").content.decode()
    for row in (new, running):
        assert f'href="/releases/deployments/{row.pk}"' in html


@pytest.mark.usefixtures("mia")
def test_a_release_has_its_health_issues_and_deployments(client: Client, now: Any) -> None:
    see("trading-api@2.0.1+7", at=now - timedelta(hours=2))
    release = count_sessions("trading-api@2.0.1+7", 200, 1, now=now)
    issue = make_issue(make_project(), title="MarginCheckError", first_release=release)
    row = make_deployment("2.0.1+7", started_at=now - timedelta(hours=2))
    found = text(client, f"/releases/{release.pk}")
    for said in ("99.50%", "1 of 200 crashed", "MarginCheckError", "New issues", "trading-api", "semver", "2.0.1+7"):
        assert said in found, said
    html = client.get(f"/releases/{release.pk}").content.decode()
    assert f"/issues/{issue.pk}" in html and f"/releases/deployments/{row.pk}" in html


@pytest.mark.usefixtures("mia")
def test_without_sessions_nothing_is_said_to_be_healthy(client: Client, now: Any) -> None:
    see("9f3c2e1", at=now)
    found = text(client, f"/releases/{Release.objects.get().pk}")
    assert found.count("no data") >= 4 and "100%" not in found


@pytest.mark.usefixtures("mia")
def test_a_deployment_is_completed_on_its_page(client: Client, now: Any) -> None:
    row = make_deployment(
        "", state=DeploymentState.IN_PROGRESS, started_at=now - 3 * MINUTE, url="https://ci.example/1"
    )
    path = f"/releases/deployments/{row.pk}"
    found = text(client, path)
    assert "the first event of a release will name it" in found and "for 3 min so far" in found
    answer = client.post(f"/dashboard/actions/deployments/{row.pk}/failed", follow=True)
    assert answer.status_code == 200
    row.refresh_from_db()
    assert row.state == DeploymentState.FAILED
    assert "It failed" in text(client, path)
    assert client.post(f"/dashboard/actions/deployments/{row.pk}/odd").status_code == 404


def test_a_viewer_looks_and_others_see_nothing(client: Client, now: Any) -> None:
    row = make_deployment(state=DeploymentState.IN_PROGRESS, started_at=now)
    other = make_deployment(project=make_project("other"), started_at=now)
    client.force_login(make_user("vic", role=Role.VIEWER))
    path = f"/releases/deployments/{row.pk}"
    assert "Complete: succeeded" not in text(client, path)
    client.post(f"/dashboard/actions/deployments/{row.pk}/succeeded")
    assert Deployment.objects.get(pk=row.pk).is_open
    assert client.get(f"/releases/deployments/{other.pk}").status_code == 404
    assert client.post(f"/dashboard/actions/deployments/{other.pk}/succeeded").status_code == 404


@pytest.mark.usefixtures("mia")
def test_hostile_names_are_shown_as_text(client: Client, now: Any) -> None:
    hostile = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    see(hostile, at=now)
    row = make_deployment(hostile, started_at=now - 5 * MINUTE, deployed_by=hostile, message=hostile)
    for path in ("/releases", f"/releases/{Release.objects.get().pk}", f"/releases/deployments/{row.pk}"):
        html = client.get(path).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html


def test_the_dashboard_says_what_is_deployed_where(now: Any) -> None:
    project = make_project()
    watched = Watched((project.pk,), "", now - timedelta(hours=1), now, now, {"window": "1h"})
    assert deployed_panel(watched) is None
    row = make_deployment("2.0.1", started_at=now - 5 * MINUTE)
    cache.clear()
    html = str(deployed_panel(watched))
    assert f"/releases/deployments/{row.pk}?window=1h" in html and "Mara Lindqvist" in html
