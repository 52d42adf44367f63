from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from releases.choices import DeploymentState
from releases.models import Deployment
from tests.projects.builders import bearer, make_project, make_user
from tests.releases.builders import MINUTE, NOW, make_deployment, see
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
START = "/release/deploy/start"


def post(client: Client, path: str, body: Any, headers: dict[str, str] | None = None, **more: str) -> Any:
    headers = {**(headers or bearer("releases:write")), **more}
    return client.post(path, body, content_type="application/json", headers=headers)


def read(client: Client, path: str = "/release/deployments", **query: Any) -> Any:
    answer = client.get(path, query, headers=bearer("releases:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_lines_of_the_seed(client: Client) -> None:
    make_project()
    started = post(client, START, {"environment": "production"})
    assert started.status_code == 201
    told = started.json()
    assert told == told | {"status": "in_progress", "environment": "production", "version": None, "finished_at": None}
    assert {"deployment_id", "started_at", "url"} <= told.keys()
    done = post(client, f"{START.removesuffix('start')}{told['deployment_id']}/complete", {"success": True})
    assert (done.status_code, done.json()["status"]) == (200, "succeeded")
    assert read(client, f"/release/deployments/{told['deployment_id']}") == done.json()
    assert read(client, "/release/status")["environments"]["production"]["current"] == done.json()


def test_all_that_ci_may_say_comes_back(client: Client) -> None:
    make_project()
    said = {
        "environment": "production",
        "version": "trading-api@2.0.1",
        "commit": "9f3c2e1",
        "ref": "refs/heads/main",
        "url": "https://ci.example/8812",
        "deployed_by": "Mara Lindqvist",
    }
    told = post(client, START + "/", said).json()  # with a slash: no redirect of a POST
    assert told == told | said
    again = post(client, START, said)
    assert (again.status_code, again.json()["deployment_id"]) == (200, told["deployment_id"])
    done = post(client, f"/release/deploy/{told['deployment_id']}/complete", {"success": False, "message": "no quorum"})
    assert done.json() == done.json() | {"status": "failed", "message": "no quorum"}
    assert done.json()["seconds"] >= 0


def test_an_end_is_told_once_and_never_otherwise(client: Client) -> None:
    row = make_deployment(state=DeploymentState.IN_PROGRESS, started_at=timezone.now() - MINUTE)
    path = f"/release/deploy/{row.pk}/complete"
    first, again = (post(client, path, {"success": True}) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    otherwise = post(client, path, {"success": False})
    assert otherwise.status_code == 409
    assert "succeeded at" in otherwise.json()["detail"]


def test_a_retry_with_its_key_gets_the_first_answer(client: Client) -> None:
    make_project()
    headers = bearer("releases:write")
    key = {"Idempotency-Key": "run-8812"}
    first = post(client, START, {"environment": "production"}, headers, **key)
    post(client, f"/release/deploy/{first.json()['deployment_id']}/complete", {"success": True}, headers)
    again = post(client, START, {"environment": "production"}, headers, **key)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert post(client, START, {"environment": "staging"}, headers, **key).status_code == 409
    assert Deployment.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"environment"}),
        ({"environment": ""}, {"environment"}),
        ({"environment": None}, {"environment"}),
        ({"environment": ["production"]}, {"environment"}),
        ([], {"body"}),
        ({"environment": "production", "version": "../../etc"}, {"version"}),
        ({"environment": "production", "version": "--upload-pack=x", "ref": "--exec=x"}, {"version", "ref"}),
        ({"environment": "production", "version": "9" * 10_240}, {"version"}),
        ({"environment": "a\x1b[31m", "version": "a\x00", "url": "javascript:x"}, {"version"}),  # NUL: before all else
        ({"environment": "a\x1b[31m", "commit": "HEAD", "url": "javascript:x"}, {"environment", "commit", "url"}),
    ],
)
def test_what_is_wrong_is_refused_by_field(client: Client, body: Any, fields: set[str]) -> None:
    make_project()
    answer = post(client, START, body)
    assert (answer.status_code, answer.json()["errors"].keys()) == (400, fields)
    assert not Deployment.objects.exists()


@pytest.mark.parametrize(
    ("body", "fields"), [({}, {"success"}), ({"success": "perhaps"}, {"success"}), ({"success": None}, {"success"})]
)
def test_completing_takes_a_plain_yes_or_no(client: Client, body: Any, fields: set[str]) -> None:
    row = make_deployment(state=DeploymentState.IN_PROGRESS)
    answer = post(client, f"/release/deploy/{row.pk}/complete", body)
    assert (answer.status_code, answer.json()["errors"].keys()) == (400, fields)


def test_who_may_and_who_may_not(client: Client) -> None:
    mine, other = make_project("mine"), make_project("other")
    row = make_deployment(state=DeploymentState.IN_PROGRESS, project=other)
    body, path = {"environment": "production"}, f"/release/deploy/{row.pk}/complete"
    assert client.post(START, body, content_type="application/json").status_code == 401
    assert post(client, START, body, bearer("releases:read")).status_code == 403
    bound = bearer("releases:write", projects=[mine])
    assert post(client, START, body, bound).json()["project"] == "mine"
    assert post(client, START, {**body, "project": "other"}, bound).status_code == 404
    assert post(client, path, {"success": True}, bound).status_code == 404
    assert client.get(f"/release/deployments/{row.pk}", headers=bound).status_code == 404
    assert client.get("/release/deployments?project=other", headers=bound).status_code == 404
    client.force_login(make_user(role=Role.VIEWER, project=mine))
    assert client.post(f"{START}?project=mine", body, content_type="application/json").status_code == 403
    assert client.get("/release/status?project=mine").status_code == 200
    row.refresh_from_db()
    assert row.is_open


def test_the_trail_names_the_token(client: Client) -> None:
    make_project()
    told = post(client, START, {"environment": "production"}, bearer("releases:write", name="github")).json()
    entry = AuditEntry.objects.get(action="deployment.start")
    assert (entry.actor_kind, entry.actor_label, entry.object_id) == ("token", "github", str(told["deployment_id"]))
    assert told["deployed_by"] == "github"


def test_the_list_is_paged_and_filtered(client: Client) -> None:
    for number in range(5):
        make_deployment(f"2.0.{number}", started_at=NOW - number * timedelta(hours=1))
    make_deployment("3.0", state=DeploymentState.FAILED, environment="staging", started_at=NOW - timedelta(days=3))
    make_deployment("9", project=make_project("other"), started_at=NOW - timedelta(days=4))

    def versions(**query: Any) -> list[str]:
        return [row["version"] for row in read(client, **query)["results"]]

    first = read(client, limit=4)
    rest = read(client, limit=4, cursor=first["next"])
    shown = [row["version"] for row in [*first["results"], *rest["results"]]]
    assert shown == ["2.0.0", "2.0.1", "2.0.2", "2.0.3", "2.0.4", "3.0", "9"] and rest["next"] is None
    assert versions(environment="staging") == versions(status="failed") == ["3.0"]
    assert versions(version="2.0.3") == ["2.0.3"]
    assert versions(project="other") == ["9"]
    assert versions(start="2026-11-23T12:52:10Z", end="2026-11-23T14:52:10Z") == ["2.0.1", "2.0.2"]
    answer = client.get("/release/deployments?status=odd&window=7x", headers=bearer("*"))
    assert (answer.status_code, answer.json()["errors"].keys()) == (400, {"status"})


def test_status_says_what_runs_where_and_follows_what_is_stored(client: Client) -> None:
    make_project()
    assert read(client, "/release/status") == {"project": "default", "environments": {}, "releases": []}
    old = make_deployment("2.0.0", started_at=NOW - timedelta(days=1))
    new = make_deployment("2.0.1")
    running = make_deployment("2.0.2", state=DeploymentState.IN_PROGRESS)
    make_deployment("9", project=make_project("other"))
    see("oms@2.0.1", at=NOW)
    see("oms@2.1.0-rc.1", at=NOW, environment="staging")
    found = read(client, "/release/status")
    production, staging = found["environments"]["production"], found["environments"]["staging"]
    assert [production[name]["deployment_id"] for name in ("current", "previous", "in_progress")] == [
        new.pk,
        old.pk,
        running.pk,
    ]
    assert (production["seen"], production["verdict"]) == ("oms@2.0.1", None)
    assert staging == {
        "current": None,
        "previous": None,
        "in_progress": None,
        "verdict": None,
        "seen": "oms@2.1.0-rc.1",
    }
    assert {row["version"]: row["environments"] for row in found["releases"]} == {
        "oms@2.0.1": ["production"],
        "oms@2.1.0-rc.1": ["staging"],
    }
    narrowed = read(client, "/release/status", environment="staging")
    assert list(narrowed["environments"]) == ["staging"]
    assert [row["version"] for row in narrowed["releases"]] == ["oms@2.1.0-rc.1"]
