from typing import Any

import pytest
from django.test import Client

from releases.models import Deployment, ReleaseDetail
from tests.projects.builders import bearer, make_project, make_user
from tests.releases.builders import NOW, make_deployment, see
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
ROOT = "/api/0/organizations/tradewatch"
RELEASES = f"{ROOT}/releases/"


def send(client: Client, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    headers = headers or bearer("releases:write")
    return getattr(client, method)(path, body, content_type="application/json", headers=headers)


def make(client: Client, version: str = "oms@2.0.1", **said: Any) -> Any:
    make_project()
    answer = send(client, "post", RELEASES, {"version": version, "projects": ["default"], **said})
    assert answer.status_code in (200, 201), answer.content
    return answer.json()


def refusal(answer: Any) -> tuple[int, str]:
    """Return the status and the sentence: sentry-cli prints it only where it stands alone."""
    assert list(answer.json()) == ["detail"]
    return answer.status_code, answer.json()["detail"]


def test_a_release_in_the_shape_that_sentry_has(client: Client) -> None:
    told = make(client, url="https://ci.example/1", dateStarted="2026-11-26T09:24:54.398365891Z")
    detail = ReleaseDetail.objects.get()
    assert told == {
        "id": detail.pk,
        "version": "oms@2.0.1",
        "shortVersion": "2.0.1",
        "status": "open",
        "ref": None,
        "url": "https://ci.example/1",
        "dateCreated": detail.created_at.isoformat().replace("+00:00", "Z"),
        "dateReleased": None,
        "firstEvent": None,
        "lastEvent": None,
        "newGroups": 0,
        "commitCount": 0,
        "lastCommit": None,
        "projects": [
            {"id": str(make_project().pk), "slug": "default", "name": "Default", "platform": "python"},
        ],
    }
    assert send(client, "get", f"{RELEASES}oms@2.0.1/").json() == told
    assert send(client, "get", f"{RELEASES}oms@2.0.1").json() == told  # without a slash too
    see("oms@2.0.1", at=NOW)
    assert send(client, "get", f"{RELEASES}oms@2.0.1/").json()["lastEvent"] is not None


def test_told_again_it_answers_200_and_keeps_what_it_was_told(client: Client) -> None:
    body = {"version": "1.0", "projects": ["default"], "url": "https://ci.example/1"}
    make_project()
    first, again = (send(client, "post", RELEASES, {**body, **more}) for more in ({}, {"url": None}))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


def test_nanoseconds_and_the_first_time_hold(client: Client) -> None:
    make(client)
    for moment in ("2026-11-01T09:24:54.398365891Z", "2026-11-02T00:00:00Z"):
        answer = send(client, "put", f"{RELEASES}oms@2.0.1/", {"projects": ["default"], "dateReleased": moment})
        assert answer.json()["dateReleased"] == "2026-11-01T09:24:54.398365Z"


def test_archive_and_restore_are_told_by_post_without_projects(client: Client) -> None:
    make(client)
    switch = {"version": "oms@2.0.1", "projects": []}
    assert send(client, "post", RELEASES, {**switch, "status": "archived"}).json()["status"] == "archived"
    assert send(client, "get", RELEASES).json() == []
    assert [row["version"] for row in send(client, "get", f"{RELEASES}?status=archived").json()] == ["oms@2.0.1"]
    assert send(client, "post", RELEASES, {**switch, "status": "open"}).json()["status"] == "open"
    assert len(send(client, "get", RELEASES).json()) == 1
    odd = send(client, "post", RELEASES, {**switch, "status": "gone"})
    assert refusal(odd) == (400, "status is archived or open, not 'gone'")
    nowhere = send(client, "post", RELEASES, {**switch, "version": "9", "status": "archived"})
    assert nowhere.status_code == 404


def test_a_version_of_two_projects_is_one_release(client: Client) -> None:
    default, risk = make_project(), make_project("risk")
    answer = send(client, "post", RELEASES, {"version": "1.0", "projects": ["default", risk.pk]})
    assert [each["slug"] for each in answer.json()["projects"]] == ["default", "risk"]
    assert len(send(client, "get", RELEASES).json()) == 1
    of_risk = send(client, "get", "/api/0/projects/tradewatch/risk/releases/").json()
    assert [each["slug"] for each in of_risk[0]["projects"]] == ["risk"]
    body = {"environment": "production", "dateFinished": "2026-11-01T09:24:54Z"}
    assert send(client, "post", f"{RELEASES}1.0/deploys/", body).status_code == 201
    assert set(Deployment.objects.values_list("project", flat=True)) == {default.pk, risk.pk}
    one = send(client, "post", f"{RELEASES}1.0/deploys/", {**body, "environment": "staging", "projects": ["risk"]})
    assert (one.status_code, Deployment.objects.filter(environment="staging").count()) == (201, 1)
    assert send(client, "delete", f"{RELEASES}1.0/").status_code == 204
    assert not Release.objects.exists()


def test_what_clients_sent_is_not_deleted(client: Client) -> None:
    make(client, "1.0")
    see("1.0", at=NOW)
    status, words = refusal(send(client, "delete", f"{RELEASES}1.0/"))
    assert (status, words) == (
        409,
        "release 1.0 cannot be deleted: clients sent data of it: archive it instead",
    )


def test_deploys_are_those_that_went_out(client: Client) -> None:
    make(client, "oms@1.0")
    make_deployment("1.0", environment="staging")
    answer = send(client, "post", f"{RELEASES}oms@1.0/deploys/", {"environment": "production", "name": "blue"})
    assert (answer.status_code, answer.json()["name"], answer.json()["url"]) == (201, "blue", None)
    again = send(client, "post", f"{RELEASES}oms@1.0/deploys/", {"environment": "production", "name": "blue"})
    assert (again.status_code, again.json()) == (200, answer.json())
    shown = send(client, "get", f"{RELEASES}oms@1.0/deploys/").json()
    assert [(row["environment"], row["name"]) for row in shown] == [("production", "blue"), ("staging", None)]


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("post", RELEASES, [], "expected a JSON object"),
        ("post", RELEASES, {"projects": ["default"]}, "bad release: version is empty, or begins or ends with a space"),
        ("post", RELEASES, {"version": 7, "projects": ["default"]}, "version is not a text"),
        ("post", RELEASES, {"version": "1", "projects": "default"}, "projects is not a list of names"),
        (
            "post",
            RELEASES,
            {"version": "1", "projects": ["no"]},
            "project 'no' is unknown, or not visible to this token",
        ),
        ("post", RELEASES, {"version": "1"}, "say of which project: --project, or SENTRY_PROJECT"),
        ("post", RELEASES, {"version": "1", "projects": ["default"], "url": "x"}, "bad release: url expected a URL"),
        ("post", RELEASES, {"version": "1", "projects": ["default"], "dateReleased": "now"}, "dateReleased is not a"),
        ("put", f"{RELEASES}1.0/", {"dateReleased": "2199-01-01T00:00:00Z"}, "finalised_at lies in the future"),
        ("put", f"{RELEASES}1.0/", {"url": "javascript:x"}, "url expected a URL"),
        ("get", f"{RELEASES}%00/", None, "the version must not contain control"),
        ("get", f"{RELEASES}-x/", None, "the version must not be . or .. nor begin with -"),
        ("post", f"{RELEASES}1.0/deploys/", {}, "bad deployment: environment is empty"),
        ("post", f"{RELEASES}1.0/deploys/", {"environment": "a/b"}, "environment must not contain / or"),
        ("post", f"{RELEASES}1.0/deploys/", {"environment": "p", "dateFinished": 7}, "dateFinished is not a text"),
    ],
)
def test_what_is_wrong_is_a_sentence(client: Client, method: str, path: str, body: Any, words: str) -> None:
    make(client, "1.0")
    make_project("other")
    status, detail = refusal(send(client, method, path, body))
    assert status == 400 and words in detail, detail
    assert Release.objects.count() == 1 and not Deployment.objects.exists()


def test_who_may_and_who_may_not(client: Client) -> None:
    mine, other = make_project("mine"), make_project("other")
    bound, reader = bearer("releases:write", projects=[mine]), bearer("releases:read")
    send(client, "post", RELEASES, {"version": "1.0", "projects": ["other"]})
    assert refusal(client.get(RELEASES))[0] == 401
    assert refusal(send(client, "get", RELEASES, headers=bearer("sla:read")))[0] == 403
    body = {"version": "2.0", "projects": ["mine"]}
    assert refusal(send(client, "post", RELEASES, body, reader)) == (403, "the token needs the scope releases:write")
    assert send(client, "get", RELEASES, headers=bound).json() == []
    for method in ("get", "put", "delete"):
        assert send(client, method, f"{RELEASES}1.0/", {}, bound).status_code == 404
    for method in ("get", "post"):
        assert send(client, method, f"{RELEASES}1.0/deploys/", {"environment": "p"}, bound).status_code == 404
    assert send(client, "get", "/api/0/projects/tradewatch/other/releases/", headers=bound).status_code == 400
    assert send(client, "post", RELEASES, {**body, "projects": ["mine", "other"]}, bound).status_code == 400
    assert send(client, "post", RELEASES, {"version": "2.0"}, bound).json()["projects"][0]["slug"] == "mine"
    assert not Release.objects.filter(version="2.0", project=other).exists()
    client.force_login(make_user(role=Role.VIEWER, project=mine))
    assert client.get(f"{RELEASES}2.0/").status_code == 200
    answer = client.put(f"{RELEASES}2.0/", {"url": "https://x.example"}, content_type="application/json")
    assert refusal(answer) == (403, "needs the role responder in this project")


def test_half_of_a_request_is_not_done(client: Client) -> None:
    """The second project refuses its deletion: the first keeps its release."""
    make_project("risk")
    send(client, "post", RELEASES, {"version": "1.0", "projects": ["risk"]})
    make(client, "1.0")
    see("1.0", at=NOW)
    assert send(client, "delete", f"{RELEASES}1.0/").status_code == 409
    assert Release.objects.count() == 2
    assert not AuditEntry.objects.filter(action="release.delete").exists()


def test_who_asks_and_what_there_is(client: Client) -> None:
    project = make_project()
    headers = bearer("releases:write", name="github")
    told = send(client, "get", "/api/0/", headers=headers).json()
    assert (told["auth"]["scopes"], told["user"]["email"]) == (["releases:write"], "token github")
    assert [each["slug"] for each in send(client, "get", "/api/0/organizations/").json()] == ["tradewatch"]
    assert [each["id"] for each in send(client, "get", f"{ROOT}/projects/").json()] == [str(project.pk)]
    assert send(client, "get", f"{ROOT}/repos/?cursor=").json() == []
    assert send(client, "get", "/api/0/organizations/acme/projects/").status_code == 404


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_what_is_not_served_is_said(client: Client, method: str) -> None:
    status, words = refusal(send(client, method, f"{ROOT}/issues/"))
    assert (status, words.split(":")[0]) == (400, "TradeWatch does not serve /api/0/organizations/tradewatch/issues/")


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client: Client) -> None:
    headers = {**bearer("releases:write"), "Content-Length": str(21 * 1024 * 1024)}
    answer = client.post(RELEASES, {}, content_type="application/json", headers=headers)
    assert refusal(answer) == (413, "the request is larger than 20 MiB")


def test_sentry_cli_2_names_the_project_in_the_path(client: Client) -> None:
    make_project("risk")
    make(client, "1.0")
    path = "/api/0/projects/tradewatch/risk/releases/"
    assert send(client, "post", path, {"version": "1.0", "projects": ["risk"]}).status_code == 201
    assert send(client, "put", f"{path}1.0/", {"url": "https://ci.example/1"}).json()["url"] == "https://ci.example/1"
    assert (
        send(client, "get", f"{RELEASES}1.0/").json()["projects"]
        != send(client, "get", f"{path}1.0/").json()["projects"]
    )
    assert ReleaseDetail.objects.get(release__project__slug="default").url == ""
    assert send(client, "get", f"{path}1.0/commits/").json() == []
    assert send(client, "delete", f"{path}1.0/").status_code == 204
    assert Release.objects.get().project.slug == "default"
    assert send(client, "get", f"{path}1.0/").status_code == 404
    assert send(client, "post", "/api/0/projects/tradewatch/nowhere/releases/", {"version": "1"}).status_code == 400
