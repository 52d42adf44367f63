"""Commits on the pages of an issue, a release and a deployment."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.dashboard.releases.test_pages import text
from tests.errors.builders import digest
from tests.errors.documents import NOW, make_event, make_exception, make_frame
from tests.projects.builders import make_project, make_user
from tests.releases.builders import make_deployment
from tests.releases.commits.builders import draft, make_release, sha_of
from tradewatch.dashboard.releases.commits import authors_words
from tradewatch.dashboard.releases.suspects_panel import logins_of
from tradewatch.errors.models import Issue
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db
MARGIN = "app/risk/margin.py"
HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


@pytest.fixture(autouse=True)
def mia(client: Client) -> Any:
    cache.clear()
    user = make_user("mia", role=Role.RESPONDER, email="Mia@example.com")
    client.force_login(user)
    return user


def fail(release: str) -> Issue:
    frames = [make_frame("run", "starlette.routing"), make_frame("check_margin", "app.risk.margin", lineno=53)]
    event = make_event(make_exception("MarginCheckError", frames=frames), release=release)
    digest(event)
    return Issue.objects.get()


def two_releases(**changes: Any) -> Release:
    make_release("2.0.0", draft("a", "0"))
    others = [draft(f"c{number}", minute=20 - number, author_name="Dan", author_email="") for number in range(12)]
    bad = draft("b", minute=1, files=[MARGIN], **{"message": "perf(risk): cache margins\n\nBody.", **changes})
    return make_release("2.0.1", *others, bad)


def test_an_issue_names_its_suspect_commits(client: Client, mia: Any) -> None:
    two_releases(author_email="mia@example.com", author_name="Mia Berg")
    issue = fail("2.0.1")
    found = text(client, f"/issues/{issue.pk}")
    assert "Suspect commits of 2.0.1" in found
    assert "perf(risk): cache margins touches app/risk/margin.py , in the trace at app/risk/margin.py:53" in found
    assert "Mia Berg, could take it as mia" in found and "Body." not in found
    html = client.get(f"/issues/{issue.pk}").content.decode()
    assert f'href="https://github.com/acme/trading-api/commit/{sha_of("b")}"' in html
    Issue.objects.update(assignee=mia)
    cache.clear()
    assert "could take it" not in text(client, f"/issues/{issue.pk}")


def test_an_issue_without_a_suspect_has_no_panel(client: Client) -> None:
    issue = fail("2.0.1")
    assert "Suspect" not in text(client, f"/issues/{issue.pk}")


def test_a_deployment_shows_suspects_first_and_then_the_newest(client: Client) -> None:
    release = two_releases()
    fail("trading-api@2.0.1")
    before = make_deployment("2.0.0", started_at=NOW - timedelta(days=1))
    row = make_deployment("2.0.1", previous=before)
    found = text(client, f"/releases/deployments/{row.pk}")
    commits = found[found.index("Commits 13 since 2.0.0") :]
    assert commits.index("perf(risk): cache margins") < commits.index("feat: c0") < commits.index("feat: c8")
    assert "feat: c9" not in commits and "3 more. Show all" in commits
    assert f"touches {MARGIN} , in the trace of MarginCheckError Suspect" in commits
    assert "By Dan 12, Mara Lindqvist 1." in commits
    html = client.get(f"/releases/deployments/{row.pk}").content.decode()
    base, newest = sha_of("a"), sha_of("c0")
    assert f'href="https://github.com/acme/trading-api/compare/{base}...{newest}"' in html
    assert 'href="?commits=all#commits"' in html
    whole = text(client, f"/releases/deployments/{row.pk}?commits=all")
    assert "feat: c11" in whole and "more. Show all" not in whole
    assert "13 commits in all" in text(client, f"/releases/{release.pk}")


def test_pages_say_where_commits_would_come_from(client: Client) -> None:
    row = make_deployment("2.0.1")
    release = make_release("2.0.1")
    for path in (f"/releases/deployments/{row.pk}", f"/releases/{release.pk}"):
        assert "No commit is known CI tells them ( POST /release/commits , or sentry-cli)" in text(client, path)


def test_whatever_a_commit_holds_is_text(client: Client) -> None:
    release = two_releases(message=HOSTILE, author_name=HOSTILE, author_email="x@x")
    issue = fail("2.0.1")
    row = make_deployment("2.0.1", previous=make_deployment("2.0.0"))
    for path in (f"/issues/{issue.pk}", f"/releases/{release.pk}", f"/releases/deployments/{row.pk}"):
        html = client.get(path).content.decode()
        assert "<script>alert" not in html and "<img src=x" not in html
        assert "&lt;script&gt;alert" in html


def test_pages_cost_few_queries_however_many_commits(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_release("2.0.0", draft("00000"))
    many = [draft(f"{number:05}", minute=number, files=[MARGIN]) for number in range(700, 0, -1)]
    release = make_release("2.0.1", *many)
    issue = fail("2.0.1")
    row = make_deployment("2.0.1", previous=make_deployment("2.0.0"))
    for path, most in (
        (f"/issues/{issue.pk}", 76),
        (f"/releases/{release.pk}", 60),
        (f"/releases/deployments/{row.pk}", 95),
    ):
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200


def test_whoever_may_not_see_the_project_sees_no_page(client: Client) -> None:
    other = make_project("other")
    release = make_release("2.0.1", draft("b"), project=other)
    assert client.get(f"/releases/{release.pk}").status_code == 404


def test_logins_are_of_active_people_of_the_project() -> None:
    make_user("gone", role=Role.MANAGER, email="gone@x", is_active=False)
    make_user("elsewhere", role=Role.MANAGER, project=make_project("other"), email="else@x")
    make_user("root", email="Root@x", is_superuser=True)
    found = logins_of(["gone@x", "else@x", "ROOT@x", "mia@example.com", "", "nobody@x"], make_project().pk)
    assert found == {"root@x": "root", "mia@example.com": "mia"}


def test_authors_are_counted_by_address_and_few_are_named() -> None:
    release = make_release(
        "1.0",
        draft("a", author_name="Mara L.", author_email="MARA@x"),
        draft("b", author_name="Mara", author_email="mara@x"),
        draft("c", author_name="", author_email=""),
        *(draft(f"d{number}", author_name=f"Dev {number}", author_email="") for number in range(9)),
    )
    commits = [row.commit for row in release.release_commits.select_related("commit")]
    assert authors_words(commits).startswith("Mara L. 2, Dev 0 1, Dev 1 1") and authors_words(commits).endswith(
        ", and 3 others"
    )
