from typing import Any

import pytest
from django.test import Client

from releases.choices import DeploymentState, Verdict
from releases.models import Deployment, DeploymentLook, ReleaseSettings
from tests.projects.builders import make_project, make_user
from tests.releases.builders import make_deployment
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
LIST, SETTINGS = "/admin/releases/deployment/", "/admin/releases/releasesettings/"


def log_in(client: Client, role: Role) -> None:
    user = make_user("mia")
    add_member(SYSTEM, make_project(), user, role)
    client.force_login(user)


def start(client: Client, **values: Any) -> Any:
    said = {"project": make_project().pk, "environment": "production", "version": "2.0.1", **values}
    return client.post(f"{LIST}add/", said)


def act(client: Client, name: str, *rows: Deployment) -> str:
    answer = client.post(LIST, {"action": name, "_selected_action": [row.pk for row in rows]}, follow=True)
    return answer.content.decode()


def test_a_responder_starts_and_completes_by_hand(client: Client) -> None:
    log_in(client, Role.RESPONDER)
    assert start(client).status_code == 302
    row = Deployment.objects.get()
    assert (row.version, row.state, row.deployed_by) == ("2.0.1", "in_progress", "mia")
    assert "1 completed as succeeded" in act(client, "complete_as_succeeded", row)
    row.refresh_from_db()
    assert row.state == DeploymentState.SUCCEEDED
    trail = AuditEntry.objects.filter(object_type="releases.deployment").order_by("id")
    assert list(trail.values_list("action", "actor_label")) == [
        ("deployment.start", "mia"),
        ("deployment.complete", "mia"),
    ]
    assert "the deployment has succeeded at" in act(client, "complete_as_failed", row)


def test_what_is_wrong_stands_beside_its_field(client: Client) -> None:
    log_in(client, Role.RESPONDER)
    answer = start(client, version="../x", commit="HEAD")
    errors = answer.context["adminform"].form.errors
    assert (answer.status_code, set(errors)) == (200, {"version", "commit"})
    assert not Deployment.objects.exists()


def test_a_viewer_reads_and_others_projects_are_not_shown(client: Client) -> None:
    log_in(client, Role.VIEWER)
    mine, other = make_deployment("2.0.1"), make_deployment("9.9.9", project=make_project("other"))
    page = client.get(LIST).content.decode()
    assert "2.0.1" in page and "9.9.9" not in page
    assert client.get(f"{LIST}{mine.pk}/change/").status_code == 200
    assert client.get(f"{LIST}{other.pk}/change/").status_code == 302
    assert client.get(f"{LIST}add/").status_code == 403
    assert start(client).status_code == 403


def test_a_row_is_never_edited(client: Client) -> None:
    log_in(client, Role.MANAGER)
    row = make_deployment()
    client.post(f"{LIST}{row.pk}/change/", {"version": "3.0.0", "state": "failed"})
    row.refresh_from_db()
    assert (row.version, row.state) == ("2.0.1", "succeeded")
    assert client.post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403


def test_verdicts_are_listed_filtered_and_read(client: Client) -> None:
    log_in(client, Role.VIEWER)
    bad = make_deployment("2.0.1", verdict=Verdict.UNHEALTHY)
    make_deployment("2.0.0", verdict=Verdict.HEALTHY)
    look = {"minutes": 5, "verdict": Verdict.UNHEALTHY, "summary": "98 of 4,870 <b>failed</b>", "evidence": {}}
    DeploymentLook.objects.create(deployment=bad, looked_at=bad.started_at, **look)
    page = client.get(f"{LIST}?verdict=unhealthy").content.decode()
    assert '<span class="badge bad">Unhealthy</span>' in page and "2.0.0" not in page
    page = client.get(f"{LIST}{bad.pk}/change/").content.decode()
    assert "98 of 4,870 &lt;b&gt;failed&lt;/b&gt;" in page and 'name="looks-0-summary"' not in page
    assert page.count("Of the pipeline.") == 1  # each field once


@pytest.mark.parametrize(("role", "may"), [(Role.RESPONDER, False), (Role.MANAGER, True)])
def test_a_manager_says_whether_deployments_leave_the_figures(client: Client, role: Role, may: bool) -> None:
    log_in(client, role)
    answer = client.post(f"{SETTINGS}add/", {"project": make_project().pk, "excludes_deployments": "on"})
    assert answer.status_code == (302 if may else 403)
    assert ReleaseSettings.objects.filter(excludes_deployments=True).exists() is may
    assert AuditEntry.objects.filter(action="release.settings").exists() is may
