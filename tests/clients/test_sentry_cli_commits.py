"""`set-commits` of the stock sentry-cli in a real repository, with merges and odd names, against a running server."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.clients.sentry_cli import Ran, SentryCli
from tests.clients.stored import ask
from tests.releases.git.repositories import Repo, make_repo
from tests.servers import Server, running_server

pytestmark = [pytest.mark.clients, pytest.mark.once]
PROJECT = """
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.services import create_project
create_project(SYSTEM, name={slug!r}, slug={slug!r})
"""
COMMITS = """
import json
from releases.models import ReleaseCommit
rows = ReleaseCommit.objects.filter(release__version={version!r}, release__project__slug={project!r})
print(json.dumps([
    [row.commit.sha, row.commit.subject, row.commit.author_name, row.commit.repository.name,
     sorted([file.path, file.change] for file in row.commit.files.all())]
    for row in rows.select_related("commit__repository").order_by("position")
]))
"""
REPOSITORY = """
from django.utils import timezone
from releases.models import Repository
from tradewatch.projects.models import Project
Repository.objects.create(
    project=Project.objects.get(slug={project!r}), name="acme/oms", url="https://github.com/acme/oms", host="github",
    path={path!r}, created_at=timezone.now(),
)
"""
ODD = "src/ünï \"cödé\" 'x'.py"


def cli_of(server: Server, folder: Path) -> SentryCli:
    project = f"oms-{secrets.token_hex(3)}"
    server.manage("shell", "--no-imports", "-c", PROJECT.format(slug=project))
    return SentryCli(server.url, server.token("releases:write", project=project), folder, project)


def work_in(path: Path) -> Repo:
    """Return a repository with a branch that was merged, a name that is odd, and its remote's address."""
    repo = make_repo(path)
    repo.git("remote", "add", "origin", "git@github.com:acme/oms.git")
    repo.commit("feat: orders", "src/orders.py")
    repo.git("checkout", "-q", "-b", "risk")
    repo.commit("fix(risk): Überlauf\n\nBody.", ODD, author="Ann Ünal <ann@example.com>")
    repo.git("checkout", "-q", "main")
    repo.commit("chore: docs", "README.md")
    repo.merge("risk", message="Merge branch 'risk'")
    return repo


def commits_of(server: Server, cli: SentryCli, version: str) -> Any:
    return ask(server, COMMITS.format(version=version, project=cli.project))


def shas(repo: Repo, span: str) -> set[str]:
    return set(repo.git("rev-list", span).split())


def test_commits_are_sent_where_no_repository_is_read(shared_server: Server, tmp_path: Path) -> None:
    cli, repo = cli_of(shared_server, tmp_path), work_in(tmp_path)
    first, head = "oms@1.0.0", repo.git("rev-parse", "HEAD")
    assert cli("releases", "propose-version") == Ran(0, f"{head}\n")
    assert cli("releases", "new", first).code == 0
    done = cli("releases", "set-commits", first, "--auto")
    assert done.code == 0 and f"Success! Set commits for release {first}" in done.told, done.told
    found = commits_of(shared_server, cli, first)
    assert {sha for sha, *_ in found} == shas(repo, "HEAD") and found[0][0] == head
    odd = next(row for row in found if row[1] == "fix(risk): Überlauf")
    assert odd[2] == "Ann Ünal" and [ODD, "A"] in odd[4]

    more = [repo.commit("fix: more", "src/orders.py"), repo.commit("feat: last", "src/new.py")]
    second = "oms@1.1.0+b.7"
    assert cli("releases", "set-commits", second, "--auto").code == 0  # makes the release
    assert {sha for sha, *_ in commits_of(shared_server, cli, second)} == set(more)
    assert cli("releases", "set-commits", second, "--local").code == 0
    assert {sha for sha, *_ in commits_of(shared_server, cli, second)} == set(more)
    shown = cli("releases", "info", second, "--show-commits").told
    assert all(sha in shown for sha in more)
    assert cli("releases", "set-commits", "oms@1.2.0", "--local", "--initial-depth", "1").code == 0
    assert commits_of(shared_server, cli, "oms@1.2.0") == []  # nothing new since 1.1.0

    repo.git("checkout", "-q", "--orphan", "other")
    repo.commit("feat: rewritten")
    lost = cli("releases", "set-commits", "oms@1.3.0", "--local")
    assert lost.code == 1 and "Could not find the SHA of the previous release" in lost.told
    assert cli("releases", "set-commits", "oms@1.3.0", "--local", "--ignore-missing").code == 0
    assert [row[1] for row in commits_of(shared_server, cli, "oms@1.3.0")] == ["feat: rewritten"]

    unknown = cli("releases", "set-commits", first, "--commit", "acme/risk@abc1234")
    assert unknown.code == 1 and "Unknown repo 'acme/risk'" in unknown.told
    cleared = cli("releases", "set-commits", second, "--clear")
    assert cleared == Ran(0, "Clearing commits for release.\n")
    assert commits_of(shared_server, cli, second) == []
    assert cli("repos", "list").rows == [["origin", "As CI tells it", "-"]]


def test_a_repository_that_is_told_of_gets_the_commits(shared_server: Server, tmp_path: Path) -> None:
    cli, repo = cli_of(shared_server, tmp_path), work_in(tmp_path)
    shared_server.manage("shell", "--no-imports", "-c", REPOSITORY.format(project=cli.project, path=""))
    assert cli("releases", "set-commits", "oms@1.0.0", "--auto").code == 0
    assert {row[3] for row in commits_of(shared_server, cli, "oms@1.0.0")} == {"acme/oms"}
    sha = repo.commit("fix: only this")
    named = cli("releases", "set-commits", "oms@1.0.1", "--commit", f"acme/oms@{sha}")
    assert named.code == 0 and ["acme/oms", sha[:12]] in named.rows
    assert [row[0] for row in commits_of(shared_server, cli, "oms@1.0.1")] == [sha]
    odd = cli("releases", "set-commits", "oms@1.0.1", "--commit", "acme/oms@HEAD~1..v1;x")
    assert odd.code == 1 and "is no commit: give 7 to 64 digits of its hash" in odd.told


def test_a_repository_on_disk_is_read(tmp_path: Path) -> None:
    work, mirror = tmp_path / "work", tmp_path / "roots" / "oms.git"
    repo = work_in(work)
    mirror.parent.mkdir()
    repo.git("clone", "-q", "--mirror", str(work), str(mirror))
    with running_server(TRADEWATCH_GIT_ROOTS=str(mirror.parent)) as server:
        cli = cli_of(server, tmp_path)
        cli = replace(cli, folder=work)
        server.manage("shell", "--no-imports", "-c", REPOSITORY.format(project=cli.project, path=str(mirror)))
        assert cli("repos", "list").rows == [["acme/oms", "Git", "https://github.com/acme/oms"]]
        head = repo.git("rev-parse", "HEAD")
        done = cli("releases", "set-commits", "oms@1.0.0", "--auto")
        assert done.code == 0 and done.rows == [["acme/oms", head[:12]]]
        assert {row[0] for row in commits_of(server, cli, "oms@1.0.0")} == shas(repo, "HEAD")

        more = [repo.commit(f"fix: {number}", ODD) for number in range(30)]
        repo.git("push", "-q", str(mirror), "main")
        assert cli("releases", "set-commits", "oms@1.1.0", "--auto").code == 0
        found = commits_of(server, cli, "oms@1.1.0")
        assert [row[0] for row in found] == more[::-1] and found[0][4] == [[ODD, "M"]]

        span = cli("releases", "set-commits", "oms@1.1.1", "--commit", f"acme/oms@{more[3]}..{more[9]}")
        assert span.code == 0 and span.rows == [["acme/oms", f"{more[3][:12]} -> {more[9][:12]}"]]
        assert [row[0] for row in commits_of(server, cli, "oms@1.1.1")] == more[9:3:-1]

        late = repo.commit("feat: not pushed yet")
        assert cli("releases", "set-commits", "oms@1.2.0", "--auto").code == 0
        assert commits_of(server, cli, "oms@1.2.0") == []
        assert cli("deploys", "new", "-r", "oms@1.2.0", "-e", "production").code == 0
        code = """
import json
from releases.models import Deployment
print(json.dumps(list(Deployment.objects.values_list("version", "commit"))))
"""
        assert ask(server, code) == [["oms@1.2.0", late]]
