from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from releases.choices import DeploymentState
from tests.dashboard.builders import make_issue
from tests.projects.builders import bearer, make_project, make_user
from tests.releases.builders import NOW, make_deployment, see
from tests.releases.commits.builders import draft, make_release, sha_of
from tradewatch.errors.choices import IssueState
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def notes(client: Client, version: str = "2.0.2", **query: Any) -> Any:
    answer = client.get(f"/release/notes/{quote(version, safe='')}", query, headers=bearer("releases:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def subjects(found: Any) -> list[str]:
    return [entry["subject"] for section in found["sections"] for entry in section["entries"]]


@pytest.fixture
def three_releases() -> None:
    """2.0.0 (a), 2.0.1 (b) and 2.0.2 (c, a revert of b): a line of commits whose parents are known."""
    a, b = draft("a", minute=0), draft("b", "a", minute=1, message="fix(risk): b (#12)\n\nCloses RISK-7")
    c = draft("c", "b", minute=2, message="perf: c")
    make_release("2.0.0", a)
    make_release("2.0.1", b, minute=1)
    make_release("2.0.2", c, minute=2)


@pytest.mark.usefixtures("three_releases")
def test_notes_begin_at_what_the_environment_ran_before(client: Client) -> None:
    assert (notes(client)["previous"], subjects(notes(client))) == (None, ["c"])  # its own commits
    make_deployment("2.0.0", started_at=NOW)
    found = notes(client)
    assert (found["version"], found["previous"], found["environment"]) == ("2.0.2", "2.0.0", "production")
    assert [(each["title"], [entry["subject"] for entry in each["entries"]]) for each in found["sections"]] == [
        ("Fixes", ["b (#12)"]),
        ("Performance", ["c"]),
    ]
    assert found["sections"][0]["entries"][0] == {
        "sha": sha_of("b"),
        "subject": "b (#12)",
        "type": "fix",
        "scope": "risk",
        "author": "Mara Lindqvist",
        "url": f"https://github.com/acme/trading-api/commit/{sha_of('b')}",
        "breaking": False,
        "breaking_changes": [],
        "issues": [
            {"name": "#12", "url": "https://github.com/acme/trading-api/issues/12"},
            {"name": "RISK-7", "url": None},
        ],
    }
    assert found["counts"] == {"commits": 2, "entries": 2, "reverted": 0, "merges": 0, "contributors": 1}
    assert found["contributors"] == [{"name": "Mara Lindqvist", "commits": 2}]
    assert found["compare_url"] == f"https://github.com/acme/trading-api/compare/{sha_of('a')}...{sha_of('c')}"
    assert found["summary"] == "Since 2.0.0 in production: 2 commits by 1 person."
    assert found["markdown"].startswith("# 2.0.2\n\nSince 2.0.0 in production")


@pytest.mark.usefixtures("three_releases")
@pytest.mark.parametrize(
    ("deployed", "previous"),
    [
        ([("2.0.0", "succeeded", 0), ("2.0.1", "succeeded", 1)], "2.0.1"),
        ([("2.0.0", "succeeded", 0), ("2.0.1", "failed", 1)], "2.0.0"),
        ([("2.0.0", "succeeded", 0), ("2.0.1", "rolled_back", 1)], "2.0.0"),
        ([("2.0.0", "succeeded", 0), ("2.0.1", "abandoned", 1)], "2.0.0"),
        ([("2.0.0", "succeeded", 0), ("2.0.2", "succeeded", 1), ("2.0.3", "succeeded", 2)], "2.0.0"),
        ([("2.0.0", "succeeded", 0), ("2.0.2", "rolled_back", 1), ("2.0.0", "succeeded", 2)], "2.0.0"),
        ([("2.0.2", "failed", 1), ("2.0.1", "succeeded", 2), ("2.0.2", "failed", 3)], "2.0.1"),
        ([("2.0.0", "succeeded", 0), ("", "succeeded", 1)], "2.0.0"),
        ([("2.0.0", "succeeded", 0), ("web@3.1", "succeeded", 1)], "2.0.0"),
        ([("2.0.2", "succeeded", 1)], None),
        ([], None),
    ],
)  # fmt: skip
def test_which_deployment_is_the_one_before(client: Client, deployed: list[Any], previous: str | None) -> None:
    for version, state, days in deployed:
        make_deployment(version, state=DeploymentState(state), started_at=NOW + days * DAY)
    assert notes(client)["previous"] == previous


@pytest.mark.usefixtures("three_releases")
def test_the_environment_and_the_one_before_can_be_named(client: Client) -> None:
    make_deployment("2.0.0", started_at=NOW)
    make_deployment("2.0.1", started_at=NOW + DAY, environment="staging")
    assert notes(client, environment="staging")["previous"] == "2.0.1"
    assert subjects(notes(client, environment="staging")) == ["c"]
    assert (
        subjects(notes(client, previous="2.0.0")) == subjects(notes(client, previous=sha_of("a"))) == ["b (#12)", "c"]
    )
    assert subjects(notes(client, "2.0.0", previous="2.0.2")) == []
    assert notes(client, "2.0.0", previous="2.0.2")["summary"].endswith("No commit was told or read that only it has.")


def test_a_package_may_be_left_out(client: Client) -> None:
    make_release("api@2.0.1+7", draft("b", "a"))
    make_deployment("2.0.1+7", started_at=NOW)
    make_deployment("1.9", started_at=NOW - DAY)
    for name in ("api@2.0.1+7", "2.0.1+7"):
        found = notes(client, name)
        assert (found["version"], found["previous"], subjects(found)) == (name, "1.9", ["b"])
        assert [row["status"] for row in found["deployments"]] == ["succeeded"]


@pytest.mark.usefixtures("three_releases")
def test_a_revert_cancels_its_pair_and_merges_vanish(client: Client) -> None:
    revert = draft("d", "c", minute=3, message=f'Revert "fix(risk): b (#12)"\n\nThis reverts commit {sha_of("b")}.')
    make_release("2.0.3", draft("e", "d", "a", minute=4, message="Merge branch 'x'"), revert, minute=3)
    found = notes(client, "2.0.3", previous="2.0.0")
    assert subjects(found) == ["c"]
    assert found["counts"] == {"commits": 4, "entries": 1, "reverted": 1, "merges": 1, "contributors": 1}
    assert found["reverted"] == [{"sha": sha_of("b"), "by": sha_of("d")}]
    alone = notes(client, "2.0.3", previous="2.0.2")
    assert [section["title"] for section in alone["sections"]] == ["Reverts"]


@pytest.mark.usefixtures("three_releases")
def test_issues_and_deployments_of_the_release(client: Client) -> None:
    release = Release.objects.get(version="2.0.2")
    make_issue(make_project(), title="New <b>", first_release=release)
    fixed = make_issue(make_project(), title="Gone", state=IssueState.RESOLVED, resolved_in_release=release)
    row = make_deployment("2.0.2", started_at=NOW, state=DeploymentState.ROLLED_BACK)
    found = notes(client)
    assert [each["title"] for each in found["issues"]["new"]] == ["New <b>"]
    assert found["issues"]["resolved"][0]["title"] == "Gone"
    assert found["issues"]["resolved"][0]["url"].endswith(f"/issues/{fixed.pk}")
    (shown,) = found["deployments"]
    assert (shown["status"], shown["environment"], shown["by"]) == ("rolled_back", "production", "Mara Lindqvist")
    assert shown["url"].endswith(f"/releases/deployments/{row.pk}")
    assert "## New issues\n\n- [New \\<b\\>]" in found["markdown"]


@pytest.mark.usefixtures("three_releases")
def test_the_same_notes_as_markdown_and_html(client: Client) -> None:
    headers = bearer("releases:read")
    markdown = client.get("/release/notes/2.0.2?format=markdown", headers=headers)
    assert markdown["Content-Type"] == "text/markdown; charset=utf-8"
    assert markdown.content.decode() == notes(client)["markdown"]
    html = client.get("/release/notes/2.0.2/?format=html", headers={**headers, "Accept": "application/json"})
    assert html["Content-Type"] == "text/html; charset=utf-8"
    assert f'<a href="https://github.com/acme/trading-api/commit/{sha_of("c")}"' in html.content.decode()


HOSTILE = "<script>alert(1)</script>[x](javascript:alert(1)) `a` \u202etxt \x1b[31m <img src=x onerror=alert(1)>"


def test_hostile_commits_are_text_in_every_form(client: Client) -> None:
    fields = {"message": f"feat({HOSTILE.replace('(', '').replace(')', '')}): {HOSTILE}", "author_name": HOSTILE}
    make_release("2.0.2", draft("a", **fields), draft("b", message=HOSTILE))
    make_issue(make_project(), title=HOSTILE, first_release=Release.objects.get())
    headers = bearer("releases:read")
    html = client.get("/release/notes/2.0.2?format=html", headers=headers).content.decode()
    assert "<script" not in html and "<img" not in html and "\u202e" not in html and "\x1b" not in html
    markdown = client.get("/release/notes/2.0.2?format=markdown", headers=headers).content.decode()
    assert "\\<script\\>" in markdown and "\n<" not in markdown and "[x](" not in markdown and "\u202e" not in markdown
    assert "<script>alert(1)</script>" in subjects(notes(client))[0]  # JSON carries text


@pytest.mark.parametrize("version", ["a+b", "50%", "a b", "a?b=c&d#e", "api@2.0.1+7", "ünï 🎉", "%2e", "a;b", "notes"])
def test_odd_versions_are_found_by_their_path(client: Client, version: str) -> None:
    make_release(version, draft("a"))
    assert (notes(client, version)["version"], subjects(notes(client, version))) == (version, ["a"])


@pytest.mark.parametrize(
    "version",
    ["9.9.9", "9" * 10_240, "%00", "..%2f..%2fetc", "--upload-pack=x", "%0a", "%E2%80%AE", "a%5Cb", "%ff", "."],
)
def test_what_nobody_knows_is_404(client: Client, version: str) -> None:
    make_release("2.0.1", draft("a"))
    answer = client.get(f"/release/notes/{version}", headers=bearer("releases:read"))
    assert answer.status_code == 404, answer.content


def test_what_is_wrong_is_refused_by_field(client: Client) -> None:
    make_release("2.0.1", draft("a"))
    headers = bearer("releases:read")
    for query, fields in [
        ("format=pdf&environment=a/b&previous=../x", {"format", "environment", "previous"}),
        ("previous=9.9.9", {"previous"}),
        ("environment=a%1bb", {"environment"}),
        (f"previous={'9' * 10_240}", {"previous"}),
    ]:
        answer = client.get(f"/release/notes/2.0.1?{query}", headers=headers)
        assert (answer.status_code, answer.json()["errors"].keys()) == (400, fields)


def test_who_may_read_them(client: Client) -> None:
    mine, other = make_project("mine"), make_project("other")
    make_release("2.0.1", draft("a"), project=other)
    path = "/release/notes/2.0.1"
    assert client.get(path).status_code == 401
    assert client.get(path + "?project=other", headers=bearer("errors:read")).status_code == 403
    bound = bearer("releases:read", projects=[mine])
    assert client.get(path, headers=bound).status_code == 404
    assert client.get(path + "?project=other", headers=bound).status_code == 404
    assert client.get(path + "?project=other", headers=bearer("releases:read")).status_code == 200
    client.force_login(make_user(role=Role.VIEWER, project=other))
    assert client.get(path).status_code == 200


def test_a_release_without_commits_has_notes_that_say_so(client: Client) -> None:
    see("2.0.1", at=NOW)
    found = notes(client, "2.0.1")
    assert (found["sections"], found["counts"]["commits"]) == ([], 0)
    make_deployment("5.0", started_at=NOW)
    assert notes(client, "5.0")["deployments"][0]["environment"] == "production"
