import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from releases.models import Commit, ReleaseCommit
from tests.projects.builders import bearer, make_project, make_user
from tests.releases.commits.builders import draft, make_release, sha_of
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
PATH = "/release/commits"
COMMITS = [
    {"id": sha_of("b"), "message": "fix(risk): margin", "author_name": "Mara Lindqvist",
     "author_email": "mara@example.com", "timestamp": "2026-11-23T14:00:00Z", "parents": [sha_of("a")],
     "files": [{"path": "app/risk/margin.py", "type": "M"}]},
    {"id": sha_of("a"), "message": "feat: one", "author_name": "Dan", "timestamp": "2026-11-23T13:00:00Z"},
]  # fmt: skip
BODY: Mapping[str, Any] = {
    "version": "2.0.1", "repository": "acme/api", "url": "git@github.com:acme/api.git", "commits": COMMITS,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _project() -> None:
    make_project()


def post(client: Client, body: Any, **headers: str) -> Any:
    sent = {**bearer("releases:write"), **headers}
    return client.post(PATH, json.dumps(body), content_type="application/json", headers=sent)


def get(client: Client, **query: Any) -> Any:
    return client.get(PATH, query, headers=bearer("releases:read")).json()


def test_what_is_told_is_read_again(client: Client) -> None:
    answer = post(client, BODY)
    release = Release.objects.get()
    assert (answer.status_code, answer.json()) == (201, {
        "project": "default", "version": "2.0.1", "repository": "acme/api", "added": 2, "total": 2,
        "url": f"{settings.PUBLIC_URL}/releases/{release.pk}",
    })  # fmt: skip
    assert not release.sightings.exists()
    assert post(client, BODY).status_code == 200
    told = get(client, version="2.0.1")
    newest = told["results"][0]
    assert newest == {
        "id": sha_of("b"), "repository": "acme/api", "version": "2.0.1", "message": "fix(risk): margin",
        "author_name": "Mara Lindqvist", "author_email": "mara@example.com", "timestamp": "2026-11-23T14:00:00Z",
        "parents": [sha_of("a")], "files": [{"path": "app/risk/margin.py", "type": "M"}],
        "url": f"https://github.com/acme/api/commit/{sha_of('b')}",
    }  # fmt: skip
    assert (told["total"], told["next"]) == (2, None)
    assert told["authors"] == [
        {"name": "Dan", "email": "", "commits": 1},
        {"name": "Mara Lindqvist", "email": "mara@example.com", "commits": 1},
    ]
    trail = AuditEntry.objects.get(action="release.commits")
    assert trail.changes == {"commits": [0, 2]}


def test_batches_add_up_in_order_and_replace_begins_anew(client: Client) -> None:
    chain = [{"id": sha_of(name), "timestamp": f"2026-11-23T14:0{at}:00Z"} for at, name in enumerate("abcd")]
    assert post(client, {**BODY, "commits": chain[:2][::-1]}).json()["total"] == 2
    assert post(client, {**BODY, "commits": chain[1:][::-1]}).json() | {"url": ""} == {
        "project": "default", "version": "2.0.1", "repository": "acme/api", "added": 2, "total": 4, "url": "",
    }  # fmt: skip
    page = get(client, version="2.0.1", limit=3)
    rest = get(client, version="2.0.1", limit=3, cursor=page["next"])
    assert [each["id"] for each in page["results"] + rest["results"]] == [sha_of(name) for name in "dcba"]
    assert post(client, {**BODY, "commits": chain[:1], "replace": True}).json()["total"] == 1
    assert [each["id"] for each in get(client, version="2.0.1")["results"]] == [sha_of("a")]


def test_faults_name_field_and_place(client: Client) -> None:
    answer = post(client, {**BODY, "commits": [COMMITS[0], {"id": "HEAD"}]})
    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        {"commits.1.id": ["expected 7 to 64 hexadecimal digits"]},
    )
    assert not Commit.objects.exists() and not Release.objects.exists()
    assert post(client, [1]).status_code == 400


def test_who_may(client: Client) -> None:
    assert client.post(PATH, json.dumps(BODY), content_type="application/json").status_code == 401
    assert post(client, BODY, **bearer("releases:read")).status_code == 403
    client.force_login(make_user("vi", role=Role.VIEWER))
    assert client.post(PATH, json.dumps(BODY), content_type="application/json").status_code == 403
    assert client.get(PATH, {"version": "2.0.1"}).status_code == 404
    make_release("2.0.1", draft("a"), project=make_project("other"))
    assert client.get(PATH, {"version": "2.0.1"}).status_code == 404
    assert not ReleaseCommit.objects.filter(release__project=make_project()).exists()


def test_unknown_known_without_commits_and_by_package(client: Client) -> None:
    assert client.get(PATH, headers=bearer("releases:read")).status_code == 400
    assert client.get(PATH, {"version": "9"}, headers=bearer("releases:read")).status_code == 404
    make_release("api@1.0.0")
    assert get(client, version="api@1.0.0")["results"] == []
    make_release("api@1.1.0", draft("a"))
    assert [each["version"] for each in get(client, version="1.1.0")["results"]] == ["api@1.1.0"]


def test_an_idempotency_key_gives_the_first_answer(client: Client) -> None:
    headers = {**bearer("releases:write"), "Idempotency-Key": "build-7"}
    first, again = post(client, BODY, **headers), post(client, BODY, **headers)
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())


def test_a_page_costs_few_queries(client: Client, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    drafts = [draft(f"{number:03}", minute=number, files=["a.py", "b.py"]) for number in range(200)]
    make_release("1.0", *drafts)
    headers = bearer("releases:read")
    with django_assert_max_num_queries(13):
        answer = client.get(PATH, {"version": "1.0", "limit": 200}, headers=headers)
    assert len(answer.json()["results"]) == 200
