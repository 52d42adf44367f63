"""What deployments bring is read from a repository on disk, by a tick."""

from datetime import timedelta
from typing import Any

import pytest

from releases.choices import DeploymentState
from releases.commits.disk import read_due_repositories
from releases.commits.queries import commits_known_of
from releases.commits.ranges import commits_between
from releases.models import Commit, Repository
from tests.projects.builders import make_project
from tests.releases.builders import MINUTE, NOW, make_deployment, see
from tests.releases.commits.builders import draft, make_release
from tests.releases.git.repositories import Repo, import_chain
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
HOUR = 60 * MINUTE


@pytest.fixture
def on_disk(repo: Repo) -> Repo:
    Repository.objects.create(project=make_project(), name="acme/trading-api", path=str(repo.path), created_at=NOW)
    return repo


def made_of(version: str) -> list[str]:
    return [row.subject for row in commits_known_of(make_project().pk, version)]


def test_a_deployment_brings_what_came_since_the_last_that_succeeded_there(on_disk: Repo) -> None:
    first = on_disk.commit("feat: one", "app/api.py")
    make_deployment("2.0.0", commit=first, started_at=NOW - HOUR)
    on_disk.commit("feat: staging only", "app/api.py")
    on_disk.git("tag", "v2.0.1-rc1")
    make_deployment("2.0.1-rc1", environment="staging", started_at=NOW - 30 * MINUTE)
    make_deployment("2.0.1-rc0", state=DeploymentState.FAILED, started_at=NOW - 20 * MINUTE)
    on_disk.commit("fix(risk): margin", "app/risk/margin.py")
    on_disk.git("tag", "v2.0.1")
    make_deployment("2.0.1", state=DeploymentState.IN_PROGRESS)
    assert read_due_repositories(NOW + MINUTE) == 3
    assert made_of("2.0.1") == ["fix(risk): margin", "feat: staging only"]
    assert made_of("2.0.0") == ["feat: one"]
    newest = Commit.objects.get(message="fix(risk): margin")
    assert [(file.path, file.change) for file in newest.files.all()] == [("app/risk/margin.py", "A")]
    found = commits_between(make_project().pk, "2.0.0", "2.0.1")
    assert [row.subject for row in found] == made_of("2.0.1")
    assert not Release.objects.get(version="2.0.1").sightings.exists()


def test_a_release_that_clients_send_with_a_package_gets_the_list(on_disk: Repo) -> None:
    on_disk.commit("feat: one")
    on_disk.git("tag", "2.0.1")
    see("trading-api@2.0.1", at=NOW)
    make_deployment("2.0.1")
    read_due_repositories(NOW)
    assert made_of("trading-api@2.0.1") == made_of("2.0.1") == ["feat: one"]
    assert [row.version for row in Release.objects.all()] == ["trading-api@2.0.1"]


def test_a_commit_that_comes_later_is_looked_for_again_but_not_for_ever(on_disk: Repo) -> None:
    make_deployment("2.0.1", started_at=NOW)
    on_disk.commit("feat: one")
    assert read_due_repositories(NOW + 3 * MINUTE) == 0
    on_disk.git("tag", "2.0.1")
    assert read_due_repositories(NOW + 3 * MINUTE + timedelta(seconds=10)) == 0  # it was looked at just now
    assert read_due_repositories(NOW + 4 * MINUTE) == 1
    assert read_due_repositories(NOW + 9 * MINUTE) == 0
    make_deployment("2.0.2", started_at=NOW)
    on_disk.git("tag", "2.0.2")
    assert read_due_repositories(NOW + 3 * HOUR) == 0
    Repository.objects.update(read_asked_at=NOW)
    on_disk.commit("feat: two")
    on_disk.git("tag", "-f", "2.0.2")
    assert (read_due_repositories(NOW + 4 * HOUR), made_of("2.0.2")) == (1, ["feat: two"])
    assert Repository.objects.get().read_asked_at is None


def test_what_ci_told_is_not_touched_and_an_older_version_brings_nothing(on_disk: Repo) -> None:
    first = on_disk.commit("feat: one")
    make_release("2.0.0", draft("a"))
    make_deployment("2.0.0", commit=first, started_at=NOW - HOUR)
    second = on_disk.commit("feat: two")
    make_deployment("2.0.1", commit=second, started_at=NOW - 30 * MINUTE)
    make_deployment("1.9.0", commit=first)
    read_due_repositories(NOW + MINUTE)
    assert (made_of("2.0.0"), made_of("2.0.1")) == (["feat: a"], ["feat: two"])
    assert made_of("1.9.0") == []
    assert not Release.objects.filter(version="1.9.0").exists()


@pytest.mark.parametrize(
    "names",
    [
        {"version": "--upload-pack=touch x"}, {"version": "HEAD"}, {"version": "main"}, {"ref": "main", "version": "x"},
        {"version": "x", "commit": "deadbeef"}, {"version": "@{u}"}, {"version": ":/feat"}, {"version": "2.0.1~1"},
    ],
)  # fmt: skip
def test_names_that_are_no_tags_or_hashes_of_it_bring_nothing(on_disk: Repo, names: dict[str, Any]) -> None:
    on_disk.commit("feat: one")
    make_deployment(**names)
    assert read_due_repositories(NOW + MINUTE) == 0
    assert not Commit.objects.exists() and Repository.objects.get().read_fault == ""


def test_a_fault_is_kept_for_people_and_ends_with_its_cause(on_disk: Repo, settings: Any) -> None:
    allowed, settings.GIT_ROOTS = settings.GIT_ROOTS, []
    head = on_disk.commit("feat: one")
    make_deployment("2.0.1", commit=head)
    assert read_due_repositories(NOW + MINUTE) == 0
    assert Repository.objects.get().read_fault == "TRADEWATCH_GIT_ROOTS is empty: no repository on disk is read"
    settings.GIT_ROOTS = allowed
    assert read_due_repositories(NOW + 3 * MINUTE) == 1
    assert Repository.objects.get().read_fault == ""


def test_ten_thousand_commits_are_read_at_once(on_disk: Repo) -> None:
    import_chain(on_disk, 10_000, files=1)
    make_deployment("2.0.0", commit=on_disk.git("rev-list", "--max-parents=0", "main"), started_at=NOW - HOUR)
    make_deployment("2.0.1", commit=on_disk.git("rev-parse", "main"))
    assert read_due_repositories(NOW + MINUTE) == 2
    assert len(commits_between(make_project().pk, "2.0.0", "2.0.1")) == 9_999
