from datetime import timedelta

import pytest

from tests.errors.builders import digest
from tests.errors.documents import NOW, make_event, make_exception
from tests.projects.builders import make_project
from tradewatch.core.windows import Window
from tradewatch.errors.models import Issue
from tradewatch.errors.queries import ErrorRate, error_rate, issue_series, loudest_issues, newest_issues
from tradewatch.metrics.services import CountRow, add_counts

pytestmark = pytest.mark.django_db
HOUR = Window(NOW - timedelta(hours=1), NOW)


def count_requests(project_id: int, *, ago: timedelta, count: int, failed: int, weight: float = 1.0) -> None:
    at = (NOW - ago).timestamp()
    add_counts(
        [
            CountRow(project_id, "production", "transactions", at, count, count * weight),
            CountRow(project_id, "production", "transactions.failed", at, failed, failed * weight),
        ]
    )


def test_error_rate_is_weighted_and_over_whole_minutes() -> None:
    project = make_project()
    count_requests(project.pk, ago=timedelta(minutes=2), count=10, failed=5, weight=10.0)
    count_requests(project.pk, ago=timedelta(minutes=3), count=100, failed=0)
    count_requests(project.pk, ago=timedelta(seconds=5), count=50, failed=50)  # the running minute
    count_requests(project.pk, ago=timedelta(minutes=9), count=50, failed=50)  # before the window
    rate = error_rate([project.pk], window=timedelta(minutes=5), now=NOW)
    assert rate == ErrorRate(ratio=0.25, failed=50.0, total=200.0, counted=110, source="transactions")
    assert error_rate([project.pk], window=timedelta(minutes=5), now=NOW, environment="staging").ratio is None


def test_without_requests_the_error_rate_is_unknown() -> None:
    digest(make_event())
    assert error_rate([make_project().pk], window=timedelta(minutes=5), now=NOW + timedelta(minutes=1)) == ErrorRate(
        ratio=None, failed=0.0, total=0.0, counted=0, source="none"
    )


def test_sessions_stand_in_where_nothing_sends_transactions() -> None:
    project, at = make_project(), (NOW - timedelta(minutes=2)).timestamp()
    counted = {"sessions": 200, "sessions.errored": 30, "sessions.crashed": 10}
    add_counts([CountRow(project.pk, "production", name, at, count, count) for name, count in counted.items()])
    window = timedelta(minutes=5)
    assert error_rate([project.pk], window=window, now=NOW) == ErrorRate(0.15, 30.0, 200.0, 200, source="sessions")
    count_requests(project.pk, ago=timedelta(minutes=2), count=10, failed=1)
    assert error_rate([project.pk], window=window, now=NOW) == ErrorRate(0.1, 1.0, 10.0, 10, source="transactions")


def test_a_rate_is_never_above_one() -> None:
    project = make_project()
    count_requests(project.pk, ago=timedelta(minutes=2), count=1, failed=3)
    assert error_rate([project.pk], window=timedelta(minutes=5), now=NOW).ratio == 1.0


def test_loudest_issues_of_a_window_and_an_environment() -> None:
    quiet, loud = make_exception("Quiet"), make_exception("Loud")
    digest(
        *(make_event(loud, environment="staging") for _ in range(3)),
        *(make_event(quiet) for _ in range(2)),
        make_event(loud),
        *(make_event(quiet, timestamp=(NOW - timedelta(hours=3)).timestamp()) for _ in range(9)),
    )
    projects = [make_project().pk]
    found = loudest_issues(projects, HOUR)
    assert [(each.issue.exception_type, each.events) for each in found] == [("Loud", 4), ("Quiet", 2)]
    found = loudest_issues(projects, HOUR, "production")
    assert [(each.issue.exception_type, each.events) for each in found] == [("Quiet", 2), ("Loud", 1)]
    assert len(loudest_issues(projects, HOUR, limit=1)) == 1
    assert loudest_issues([], HOUR) == []


def test_newest_issues_are_open_ones() -> None:
    for minute, (kind, environment) in enumerate([("Old", "production"), ("Mended", "production"), ("New", "staging")]):
        digest(
            make_event(
                make_exception(kind),
                environment=environment,
                timestamp=(NOW - timedelta(hours=1) + timedelta(minutes=minute)).timestamp(),
            )
        )
    Issue.objects.filter(exception_type="Mended").update(state="resolved")
    projects = [make_project().pk]
    assert [issue.exception_type for issue in newest_issues(projects)] == ["New", "Old"]
    assert [issue.exception_type for issue in newest_issues(projects, "production")] == ["Old"]


def test_issue_series_has_every_step() -> None:
    digest(make_event(), make_event(), make_event(timestamp=(NOW - timedelta(minutes=40)).timestamp()))
    counts = [events for _, events in issue_series(Issue.objects.get(), HOUR, resolution=600)]
    assert len(counts) == 7
    assert (sum(counts), counts[-1]) == (3, 2)
    hours = issue_series(Issue.objects.get(), Window(NOW - timedelta(days=1), NOW))
    assert (len(hours), sum(events for _, events in hours)) == (25, 3)
