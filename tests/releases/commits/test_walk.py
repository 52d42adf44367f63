"""From a real repository and the example's bad release to the commit that its issue's page names."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from examples.trading_app.demo import BAD_RELEASE, GOOD_RELEASE
from examples.trading_app.process import running_service
from tests.backends import wait_until
from tests.clients.test_performance_numbers import log_in
from tests.releases.git.repositories import Repo, import_chain, make_repo
from tests.releases.test_walk import Ci
from tests.servers import Server, running_server

pytestmark = [pytest.mark.server, pytest.mark.once]
EXAMPLE = "examples/trading_app"


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Repo:
    """The example's history: the bad release brings a merge of three commits, one of which is to blame."""
    repo = make_repo(tmp_path_factory.mktemp("roots") / "trading api")
    repo.commit("feat: the trading service", f"{EXAMPLE}/margin.py", f"{EXAMPLE}/routes.py", f"{EXAMPLE}/risk.py")
    repo.git("tag", "-a", "-m", "2.0.0", "v2.0.0")
    repo.git("checkout", "-q", "-b", "margins")
    repo.commit("perf(risk): margin by tier\n\nRefs: RISK-7", f"{EXAMPLE}/margin.py", author="Mara L. <mara@x.example>")
    repo.commit("docs: say how margin is computed", "docs/margin.py.md")
    repo.git("checkout", "-q", "main")
    repo.commit("feat(quotes): keep the last one", f"{EXAMPLE}/venue.py")
    repo.merge("margins", message="Merge branch 'margins'")
    repo.git("tag", "v2.0.1")
    return repo


@pytest.fixture(scope="module")
def server(repo: Repo) -> Iterator[Server]:
    with running_server(TRADEWATCH_GIT_ROOTS=str(repo.path.parent)) as started:
        yield started


@pytest.fixture(scope="module")
def ci(server: Server) -> Ci:
    return Ci(server, server.token("releases:write"))


@pytest.fixture(scope="module")
def staff(server: Server) -> httpx.Client:
    return log_in(server)


def send(http: httpx.Client, at: str, **fields: Any) -> httpx.Response:
    """Fill in a form of the admin as a browser does."""
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', http.get(at).text)
    assert token
    answer = http.post(
        at, data={**fields, "csrfmiddlewaretoken": token[1]}, headers={"Referer": f"{http.base_url}{at}"}
    )
    answer.raise_for_status()
    return answer


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def deploy(ci: Ci, version: str) -> int:
    _, started = ci.curl("/release/deploy/start", json.dumps({"environment": "production", "version": version}))
    number: int = started["deployment_id"]
    ci.curl(f"/release/deploy/{number}/complete", json.dumps({"success": True}))
    return number


def test_the_page_of_an_issue_names_the_commit_to_blame(
    server: Server, ci: Ci, staff: httpx.Client, repo: Repo
) -> None:
    add = "/admin/releases/repository/add/"
    project = re.search(r'<option value="(\d+)"[^>]*>Default', staff.get(add).text)
    assert project
    fields = {"project": project[1], "name": "acme/trading-api", "url": "git@github.com:acme/trading-api.git"}
    assert "is no folder within" in send(staff, add, **fields, path="/etc").text
    send(staff, add, **fields, path=str(repo.path))
    deploy(ci, "2.0.0")
    deployment_id = deploy(ci, "2.0.1")
    for release in (GOOD_RELEASE, BAD_RELEASE):
        with running_service(dsn=server.dsn, release=release) as url:
            body = {"account_id": "acc-4", "symbol": "ACME", "side": "buy", "quantity": 200}
            httpx.post(f"{url}/orders", json=body, timeout=20)
    server.drain()
    wait_until(lambda: ci.curl("/release/commits?version=2.0.1")[0] == 200, what="the range to be read", seconds=60)
    _, told = ci.curl("/release/commits?version=2.0.1")
    blamed = repo.git("rev-parse", "margins~1")
    assert [each["message"].split("\n")[0] for each in told["results"]] == [
        "Merge branch 'margins'",
        "feat(quotes): keep the last one",
        "docs: say how margin is computed",
        "perf(risk): margin by tier",
    ]
    issues = staff.get("/issues", params={"query": "KeyError"}).text
    issue = re.search(r'href="/issues/(\d+)[^>]*>(?:<b>)?KeyError', issues)
    assert issue
    html = staff.get(f"/issues/{issue[1]}").text
    assert f"Suspect commits of {BAD_RELEASE} ML" in plain(html)
    assert f"perf(risk): margin by tier touches {EXAMPLE}/margin.py , in the trace at" in plain(html)
    assert f'href="https://github.com/acme/trading-api/commit/{blamed}"' in html
    page = plain(staff.get(f"/releases/deployments/{deployment_id}").text)
    assert "Commits 4 since 2.0.0" in page
    assert (
        f"{blamed[:7]} perf(risk): margin by tier touches {EXAMPLE}/margin.py , in the trace of KeyError Suspect"
        in page
    )


def test_ten_thousand_commits_are_posted_in_one_request(ci: Ci, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "big")
    import_chain(repo, 10_000, files=1)
    lines = repo.git("log", "--format=%H%x09%P%x09%cI%x09%s", "main").splitlines()
    commits = [
        dict(zip(("id", "parents", "timestamp", "message"), (sha, parents.split(), at, subject), strict=True))
        for sha, parents, at, subject in (line.split("\t") for line in lines)
    ]
    body = json.dumps({"version": "7.0.0", "repository": "acme/big", "commits": commits})
    answer = httpx.post(
        f"{ci.server.url}/release/commits", content=body, timeout=60, headers={
            "Authorization": f"Bearer {ci.token}", "Content-Type": "application/json", "Idempotency-Key": "big",
        },
    )  # fmt: skip
    assert (answer.status_code, answer.json()["total"]) == (201, 10_000)
