from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from releases.artifacts.asked import Draft
from releases.artifacts.services import store_artifact
from releases.commits.asked import Told as ToldCommits
from releases.commits.drafts import CommitDraft
from releases.commits.services import tell_commits
from releases.details.asked import Told
from releases.details.services import archive_release, create_release
from tests.projects.builders import bearer, make_project, make_user
from tests.releases.builders import NOW, see
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
PATH = "/release/releases"


def send(client: Client, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    headers = headers or bearer("releases:write")
    return getattr(client, method)(path, body, content_type="application/json", headers=headers)


def make_release(version: str = "oms@2.0.1", **fields: Any) -> Release:
    project = fields.pop("project", None) or make_project()
    return create_release(SYSTEM, project, Told(version, **fields), now=NOW).detail.release


def test_a_release_from_its_creation_to_its_deletion(client: Client) -> None:
    make_project()
    said = {"version": "oms@2.0.1", "ref": "release/2.0", "url": "https://ci.example/1"}
    first = send(client, "post", f"{PATH}/", said)  # with a slash: no redirect of a POST
    told = first.json()
    assert first.status_code == 201
    assert told == told | said | {"project": "default", "created_by": "ci", "finalised_at": None, "archived_at": None}
    assert told["page_url"].endswith(f"/releases/{told['id']}")
    again = send(client, "post", PATH, said)
    assert (again.status_code, again.json()) == (200, told)
    one = f"{PATH}/{told['id']}"
    done = send(client, "post", f"{one}/finalise", {"at": "2026-11-01T09:00:00Z"}).json()
    assert done["finalised_at"] == "2026-11-01T09:00:00Z"
    assert send(client, "post", f"{one}/finalise").json() == done
    assert send(client, "post", f"{one}/reopen").json()["finalised_at"] is None
    assert send(client, "post", f"{one}/archive").json()["archived_at"] is not None
    assert send(client, "post", f"{one}/restore").json()["archived_at"] is None
    assert send(client, "delete", one).status_code == 204
    assert send(client, "get", one).status_code == 404 and not Release.objects.exists()


def test_one_release_is_answered_with_all_that_is_known_of_it(client: Client) -> None:
    row = make_release(ref="main")
    now = timezone.now()
    see("oms@2.0.1", at=now)
    drafts = [CommitDraft(f"{at}" * 40, author_name="Ann", author_email="ann@example.com") for at in range(3)]
    tell_commits(SYSTEM, make_project(), ToldCommits("oms@2.0.1", "acme/oms", "", tuple(drafts), True), now=now)
    store_artifact(SYSTEM, row, Draft("~/app.js", b"abc", "d1"), now=now)
    found = send(client, "get", f"{PATH}/{row.pk}", headers=bearer("releases:read")).json()
    assert (found["ref"], found["package"], found["environments"]) == ("main", "oms", ["production"])
    assert (found["commits"], found["artifact_bytes"], found["health"]["sessions"]) == (3, 3, 0)
    assert [(each["name"], each["commits"]) for each in found["authors"]] == [("Ann", 3)]
    [artifact] = found["artifacts"]
    assert (artifact["name"], artifact["dist"], artifact["size"]) == ("~/app.js", "d1", 3)
    path = f"{PATH}/{row.pk}/artifacts/{artifact['id']}"
    loaded = client.get(path, headers=bearer("releases:read"))
    assert (loaded.content, loaded["Content-Disposition"]) == (b"abc", 'attachment; filename="app.js"')
    assert send(client, "delete", path).status_code == 204
    assert send(client, "get", f"{PATH}/{row.pk}").json()["artifacts"] == []


def test_one_that_nobody_told_of_says_so(client: Client) -> None:
    see("1.0", at=NOW)
    found = send(client, "get", f"{PATH}/{Release.objects.get().pk}").json()
    assert (found["created_at"], found["created_by"], found["ref"]) == (None, "", "")


def test_archived_ones_are_left_out_unless_asked(client: Client) -> None:
    make_release("1.0")
    archive_release(SYSTEM, make_release("0.9"), now=NOW)
    see("2.0", at=NOW + timedelta(days=1))

    def versions(query: str) -> list[str]:
        return [row["version"] for row in send(client, "get", f"{PATH}{query}").json()["results"]]

    assert versions("") == versions("?archived=false") == ["2.0", "1.0"]
    assert versions("?archived=true") == ["0.9"]
    assert versions("?archived=all") == ["2.0", "0.9", "1.0"]
    assert versions("?version=0.9") == ["0.9"]  # who names it has asked for it
    odd = send(client, "get", f"{PATH}?archived=maybe")
    assert (odd.status_code, list(odd.json()["errors"])) == (400, ["archived"])
    status = send(client, "get", "/release/status").json()
    assert [row["version"] for row in status["releases"]] == ["2.0", "1.0"]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"version"}),
        ({"version": ".."}, {"version"}),
        ({"version": "--upload-pack=x", "ref": "--exec=x", "url": "javascript:x"}, {"version", "ref", "url"}),
        ({"version": "9" * 10_240}, {"version"}),
        ({"version": ["1"]}, {"version"}),
    ],
)
def test_what_is_wrong_is_refused_by_field(client: Client, body: Any, fields: set[str]) -> None:
    make_project()
    answer = send(client, "post", PATH, body)
    assert (answer.status_code, answer.json()["errors"].keys()) == (400, fields)
    assert not Release.objects.exists()


def test_an_end_that_is_wrong_is_refused(client: Client) -> None:
    row = make_release()
    for moment in ("soon", "2199-01-01T00:00:00Z"):
        answer = send(client, "post", f"{PATH}/{row.pk}/finalise", {"at": moment})
        assert answer.status_code == 400 and answer.json()["errors"]


def test_what_clients_sent_is_not_deleted(client: Client) -> None:
    row = make_release("1.0")
    see("1.0", at=NOW)
    answer = send(client, "delete", f"{PATH}/{row.pk}")
    assert (answer.status_code, "archive it instead" in answer.json()["detail"]) == (409, True)


def test_a_retry_with_its_key_gets_the_first_answer(client: Client) -> None:
    make_project()
    headers = {**bearer("releases:write"), "Idempotency-Key": "run-1"}
    first, again = (send(client, "post", PATH, {"version": "1.0"}, headers) for _ in range(2))
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (201, first.json(), "true")


def test_who_may_and_who_may_not(client: Client) -> None:
    mine, other = make_project("mine"), make_project("other")
    row = make_release(project=other)
    artifact = store_artifact(SYSTEM, row, Draft("a", b"x"), now=NOW).artifact
    one = f"{PATH}/{row.pk}"
    bound, reader = bearer("releases:write", projects=[mine]), bearer("releases:read")
    posts = [f"{one}/{name}" for name in ("finalise", "reopen", "archive", "restore")]
    assert client.post(PATH, {"version": "1"}, content_type="application/json").status_code == 401
    assert send(client, "post", PATH, {"version": "1"}, reader).status_code == 403
    assert send(client, "post", PATH, {"version": "1", "project": "other"}, bound).status_code == 404
    for path in posts:
        assert send(client, "post", path, {}, reader).status_code == 403
        assert send(client, "post", path, {}, bound).status_code == 404
    for path in (one, f"{one}/artifacts/{artifact.pk}"):
        assert send(client, "get", path, headers=bound).status_code == 404
        assert send(client, "delete", path, headers=bound).status_code == 404
        assert send(client, "delete", path, headers=reader).status_code == 403
    client.force_login(make_user("rita", role=Role.RESPONDER, project=other))
    assert client.delete(one).status_code == 403  # a manager's
    assert client.post(f"{one}/archive").status_code == 200
    assert AuditEntry.objects.get(action="release.archive").actor_label == "rita"
