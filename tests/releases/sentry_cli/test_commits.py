from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from releases.commits.disk import read_due_repositories
from releases.commits.queries import commits_listed
from releases.models import Repository
from tests.projects.builders import make_project, make_user
from tests.releases.builders import NOW
from tests.releases.git.repositories import Repo, make_repo
from tests.releases.sentry_cli.test_api import RELEASES, make, refusal, send
from tests.releases.sentry_cli.test_commit_reading import COMMIT
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project, Release

pytestmark = pytest.mark.django_db


@pytest.fixture
def repo(tmp_path: Path, settings: Any) -> Repo:
    """A repository on disk that the project `default` reads."""
    settings.GIT_ROOTS = [str(tmp_path)]
    repo = make_repo(tmp_path / "oms")
    make_repository(path=str(repo.path))
    return repo


def make_repository(*, path: str = "", project: Project | None = None, name: str = "acme/oms") -> Repository:
    return Repository.objects.create(
        project=project or make_project(), name=name, url="https://github.com/acme/oms", path=path, created_at=NOW
    )


def put(client: Client, version: str, said: Any) -> Any:
    return send(client, "put", f"{RELEASES}{version}/", said)


def ref(commit: str, older: str | None = None, repository: str = "acme/oms") -> dict[str, Any]:
    return {"refs": [{"repository": repository, "commit": commit, "previousCommit": older}]}


def shas(version: str) -> list[str]:
    return [each.sha for each in commits_listed(Release.objects.filter(version=version))]


def test_commits_take_the_place_of_those_before(client: Client) -> None:
    make(client, "1.0")
    first, second = ({**COMMIT, "id": letter * 40} for letter in "ab")
    assert put(client, "1.0", {"commits": [second, first]}).json()["commitCount"] == 2
    assert put(client, "1.0", {"commits": [second]}).json()["lastCommit"]["id"] == "b" * 40
    assert shas("1.0") == ["b" * 40]
    [shown] = send(client, "get", f"{RELEASES}1.0/commits/").json()
    assert (shown["author"]["email"], shown["repository"]["name"]) == ("ann@example.com", "origin")
    put(client, "1.0", {"commits": []})
    assert shas("1.0") == [] and AuditEntry.objects.filter(action="release.commits").count() == 3


def test_what_is_wrong_changes_nothing(client: Client) -> None:
    make(client, "1.0")
    status, words = refusal(put(client, "1.0", {"commits": [{**COMMIT, "id": "HEAD"}], "url": "https://ci.example/1"}))
    assert status == 400 and words.startswith("bad commits: commits.0.id")
    assert not Repository.objects.exists()
    status, words = refusal(put(client, "1.0", ref("abc1234")))
    assert (status, words) == (400, "no project of the release has the repository acme/oms")


def test_the_release_before_tells_from_where_on_commits_are_sent(client: Client) -> None:
    for at, version in enumerate(("oms@1.0.0", "oms@1.2.0", "risk@1.1.5", "oms@1.10.0")):
        make(client, version)
        put(client, version, {"commits": [{**COMMIT, "id": f"{at}" * 40}]})
    make(client, "oms@1.1.0")

    def previous(version: str) -> Any:
        return send(client, "get", f"{RELEASES}{version}/previous-with-commits/").json()

    assert (previous("oms@1.1.0")["version"], previous("oms@1.1.0")["lastCommit"]["id"]) == ("oms@1.0.0", "0" * 40)
    assert previous("oms@1.10.0")["version"] == "oms@1.2.0"
    assert previous("oms@1.0.0") == previous("risk@1.1.5") == {}


def test_a_repository_on_disk_is_read_from_the_release_before(client: Client, repo: Repo) -> None:
    old = [repo.commit(f"fix: {number}") for number in range(25)]
    make(client, "1.0.0")
    put(client, "1.0.0", ref(old[-1]))
    assert shas("1.0.0") == old[:4:-1]  # of the first release as many as sentry-cli takes itself
    new = [repo.commit("feat: a", "ü.py"), repo.commit("feat: b")]
    make(client, "1.1.0")
    put(client, "1.1.0", ref(new[-1]))
    assert shas("1.1.0") == new[::-1]
    put(client, "1.1.0", ref(new[-1], old[-3]))
    assert shas("1.1.0") == [*new[::-1], *old[:-3:-1]]
    put(client, "1.1.0", {"refs": []})
    assert shas("1.1.0") == []


def test_a_commit_that_comes_to_the_disk_later_is_read_with_its_deployment(client: Client, repo: Repo) -> None:
    head = repo.commit("feat: known")
    make(client, "1.0.0")
    put(client, "1.0.0", ref("abcdef1"))
    assert shas("1.0.0") == [] and send(client, "get", f"{RELEASES}1.0.0/").json()["ref"] == "abcdef1"
    put(client, "1.0.0", {"ref": head})
    answer = send(client, "post", f"{RELEASES}1.0.0/deploys/", {"environment": "production"})
    assert answer.status_code == 201
    assert read_due_repositories(NOW + timedelta(days=1)) in (0, 1)
    Repository.objects.update(read_asked_at=NOW)
    read_due_repositories(NOW + timedelta(days=1))
    assert shas("1.0.0") == [head]


def test_a_folder_that_is_no_repository_is_said(client: Client, tmp_path: Path, settings: Any) -> None:
    settings.GIT_ROOTS = [str(tmp_path)]
    make_repository(path=str(tmp_path / "gone"))
    make(client, "1.0")
    status, words = refusal(put(client, "1.0", ref("abc1234")))
    assert status == 400 and words.startswith("repository acme/oms was not read:")


def test_only_projects_that_have_the_repository_get_its_commits(client: Client, repo: Repo) -> None:
    head = repo.commit("feat: a")
    make_project("risk")
    send(client, "post", RELEASES, {"version": "1.0", "projects": ["default", "risk"]})
    put(client, "1.0", ref(head))
    assert [commit.sha for commit in commits_listed(Release.objects.filter(project__slug="default"))] == [head]
    assert commits_listed(Release.objects.filter(project__slug="risk")) == []


def test_repositories_say_which_of_them_are_read(client: Client, repo: Repo) -> None:
    make_repository(project=make_project("risk"))
    make_repository(name="acme/risk", project=make_project("risk"))
    rows = send(client, "get", "/api/0/organizations/tradewatch/repos/?cursor=").json()
    assert [(row["name"], row["provider"]["id"]) for row in rows] == [("acme/oms", "git"), ("acme/risk", "tradewatch")]


def test_a_viewer_sets_nothing(client: Client, repo: Repo) -> None:
    head = repo.commit("feat: a")
    make(client, "1.0")
    client.force_login(make_user("vic", role=Role.VIEWER))
    for said in (ref(head), {"refs": []}, {"commits": [COMMIT]}, {"commits": []}):
        answer = client.put(f"{RELEASES}1.0/", said, content_type="application/json")
        assert refusal(answer) == (403, "needs the role responder in this project")
    assert shas("1.0") == []
