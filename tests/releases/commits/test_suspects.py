from datetime import timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from releases.commits.suspects import Suspect, suspects_of_deployment, suspects_of_issue
from releases.models import Deployment
from tests.errors.builders import digest
from tests.errors.documents import NOW, make_event, make_exception, make_frame
from tests.projects.builders import make_project
from tests.releases.builders import make_deployment
from tests.releases.commits.builders import draft, make_release, sha_of
from tradewatch.core.actors import SYSTEM
from tradewatch.errors.models import Issue
from tradewatch.errors.services.resolving import resolve_issue

pytestmark = pytest.mark.django_db
MARGIN = "app/risk/margin.py"


def fail(release: str, *modules: str, kind: str = "MarginCheckError", minutes: int = 0, **fields: Any) -> Issue:
    """Let an event arrive whose trace goes through these modules, the last one where it was raised."""
    frames = [make_frame("run", "starlette.routing"), *(make_frame("check", each, lineno=53) for each in modules)]
    at = NOW + timedelta(minutes=minutes)
    event = make_event(make_exception(kind, frames=frames), release=release, timestamp=at.timestamp(), **fields)
    digest(event, received_at=at)
    return Issue.objects.get(exception_type=kind)


def told(suspects: list[Suspect]) -> list[tuple[str, str, str]]:
    return [(each.commit.subject, each.path, each.place) for each in suspects]


def release_by_ci() -> None:
    make_release("2.0.0", draft("old", files=[MARGIN]))
    make_release(
        "2.0.1",
        draft("docs", minute=9, files=["README.md", "docs/margin.py.md"]),
        draft("quotes", minute=8, files=["app/quotes.py"]),
        draft("api", minute=7, files=["app/api.py"]),
        draft("perf", minute=6, files=[MARGIN, "tests/test_margin.py"]),
        draft("also", minute=5, files=[MARGIN]),
    )


def test_a_commit_of_the_first_release_that_touched_a_file_of_the_trace_is_suspect() -> None:
    make_project()
    release_by_ci()
    issue = fail("trading-api@2.0.1", "app.api", "app.risk.margin")
    assert told(suspects_of_issue(issue)) == [
        ("feat: perf", MARGIN, f"{MARGIN}:53 in check"),
        ("feat: also", MARGIN, f"{MARGIN}:53 in check"),
        ("feat: api", "app/api.py", "app/api.py:53 in check"),
    ]
    assert len(suspects_of_issue(issue, most=1)) == 1


def test_what_was_there_before_is_not_suspect_and_nothing_known_is_no_suspect() -> None:
    make_project()
    release_by_ci()
    assert suspects_of_issue(fail("9.9.9", "app.risk.margin")) == []
    assert suspects_of_issue(fail("2.0.1", "app.settlement", kind="KeyError")) == []
    assert suspects_of_issue(fail("2.0.1", kind="ValueError")) == []


def test_an_issue_that_came_back_is_the_later_releases() -> None:
    make_project()
    release_by_ci()
    issue = fail("2.0.1", "app.risk.margin")
    resolve_issue(SYSTEM, issue, in_release="next")
    Issue.objects.update(resolved_at=NOW + timedelta(minutes=5))  # the service has a clock of its own
    make_release("2.0.2", draft("again", minute=20, files=[MARGIN]), draft("api2", minute=19, files=["app/api.py"]))
    fail("2.0.2", "app.risk.margin", minutes=10)
    fail("2.0.3", "app.risk.margin", minutes=12)
    issue.refresh_from_db()
    assert issue.is_regressed and issue.last_release is not None and issue.last_release.version == "2.0.3"
    assert [subject for subject, *_ in told(suspects_of_issue(issue))] == ["feat: again"]


def deployed() -> Deployment:
    before = make_deployment("2.0.0", started_at=NOW - timedelta(days=1))
    return make_deployment("2.0.1", previous=before, started_at=NOW)


def test_a_deployments_suspects_each_with_its_issue() -> None:
    make_project()
    release_by_ci()
    row = deployed()
    fail("trading-api@2.0.1", "app.risk.margin")
    for _ in range(3):
        fail("trading-api@2.0.1", "app.quotes", kind="KeyError")
    found = suspects_of_deployment(row)
    assert [(each.commit.subject, each.issue.exception_type) for each in found] == [
        ("feat: quotes", "KeyError"),
        ("feat: perf", "MarginCheckError"),
        ("feat: also", "MarginCheckError"),
    ]
    assert suspects_of_deployment(make_deployment("", started_at=NOW)) == []


def test_a_list_that_ci_told_since_an_older_tag_is_cut_where_the_deployment_began() -> None:
    make_project()
    chain = [draft("c", "b", minute=3, files=[MARGIN]), draft("b", "a", minute=2, files=[MARGIN]), draft("a", "0")]
    make_release("2.0.0", *chain[1:])
    make_release("2.0.1", *chain)
    deployed()
    issue = fail("2.0.1", "app.risk.margin")
    assert [each.commit.sha for each in suspects_of_issue(issue)] == [sha_of("c")]


def test_it_costs_few_queries_however_much_there_is(django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    make_project()
    make_release("2.0.0", draft("00000"))
    many = [draft(f"{number:05}", minute=number, files=[MARGIN, f"app/{number}.py"]) for number in range(1200, 0, -1)]
    make_release("2.0.1", *many)
    row = deployed()
    for number in range(12):
        fail("2.0.1", "app.risk.margin", f"app.part{number}", kind=f"Error{number}")
    issue = Issue.objects.get(exception_type="Error0")
    with django_assert_max_num_queries(26):
        assert len(suspects_of_issue(issue)) == 5
    with django_assert_max_num_queries(40):
        assert len(suspects_of_deployment(row)) == 1200
