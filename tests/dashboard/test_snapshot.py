"""The live page's numbers against counts made apart from it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.dashboard.builders import count, make_alert, make_issue
from tests.projects.builders import make_project
from tradewatch.dashboard.ranges import CustomRange, Period, Range
from tradewatch.dashboard.snapshot import Snapshot, View, take_snapshot
from tradewatch.errors.models import Issue, TagCount
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(minute=30, second=20, microsecond=0)
MINUTE = timedelta(minutes=1)


def snapshot(environment: str = "", chosen: Period = Range.HOUR) -> Snapshot:
    return take_snapshot(View((make_project().pk,), environment, chosen), now=NOW)


def figure(name: str, taken: Snapshot) -> tuple[str, str]:
    found = next(figure for figure in taken.figures if figure.name == name)
    return found.value, found.counts


def test_the_error_rate_is_failed_of_all_requests_of_the_range() -> None:
    for minute in range(90):
        count("transactions", NOW - minute * MINUTE, 100)
        count("transactions.failed", NOW - minute * MINUTE, 2 if minute < 30 else 0)
    assert figure("Failed requests", snapshot()) == ("1.0", "60 / 6,000 requests")
    assert figure("Failed requests", snapshot(chosen=Range.QUARTER)) == ("2.0", "30 / 1,500 requests")


def test_an_event_of_this_very_minute_counts() -> None:
    count("events", NOW, 3)
    assert figure("Errors", snapshot())[1] == "3 events"


def test_an_environment_has_its_own_numbers() -> None:
    count("events", NOW, 3, environment="production")
    count("events", NOW, 4, environment="staging")
    assert figure("Errors", snapshot("staging"))[1] == "4 events"
    assert figure("Errors", snapshot())[1] == "7 events"


def test_another_project_is_not_counted() -> None:
    other = make_project("other")
    count("events", NOW, 9, project=other)
    make_issue(other)
    make_alert(other)
    taken = snapshot()
    assert figure("Errors", taken)[1] == "0 events"
    assert (taken.loudest, taken.newest, taken.alerts, taken.is_connected) == ([], [], [], False)


def test_loudest_means_in_this_range_not_of_all_time() -> None:
    old = make_issue(title="Old: loud once", event_count=90_000, last_seen_at=NOW)
    new = make_issue(title="New: loud now", event_count=50, last_seen_at=NOW)
    ignored = make_issue(title="Ignored: x", state="ignored", last_seen_at=NOW)
    for issue, number in ((old, 2), (new, 50), (ignored, 70)):
        count(f"issue:{issue.pk}", NOW - 5 * MINUTE, number)
    assert [(line.type, line.events) for line in snapshot().loudest] == [("New", 50), ("Old", 2)]


def test_newest_of_an_environment_are_those_it_has_met() -> None:
    here, _ = make_issue(title="Here: x"), make_issue(title="There: x")
    TagCount.objects.create(issue=here, key="environment", value="staging", count=1, last_seen_at=NOW)
    assert [line.type for line in snapshot("staging").newest] == ["Here"]
    assert {line.type for line in snapshot().newest} == {"Here", "There"}


def test_a_spark_holds_the_hours_of_a_day() -> None:
    issue = make_issue(first_seen_at=NOW - timedelta(hours=2), last_seen_at=NOW)
    count(f"issue:{issue.pk}", NOW, 4)
    count(f"issue:{issue.pk}", NOW - timedelta(hours=2), 6)
    line = snapshot().loudest[0]
    assert (len(line.spark), line.spark[-3:]) == (24, (6, 0, 4))
    assert line.hot_from == 21


def test_alerts_that_wait_come_first_and_worst_first() -> None:
    make_alert(title="taken", severity="critical", state="acknowledged", acknowledged_by="Ann")
    make_alert(title="warning", severity="warning")
    make_alert(title="critical", severity="critical")
    make_alert(title="over", state="resolved", resolved_at=NOW)
    taken = snapshot()
    assert [alert.title for alert in taken.alerts] == ["critical", "warning", "taken"]
    assert taken.critical_alerts == 1
    assert taken.hero.title == "critical, and nobody has acknowledged"


def test_the_chart_has_a_gap_where_no_request_was() -> None:
    count("transactions", NOW - 2 * MINUTE, 10)
    rate = snapshot().charts[0]
    assert [value for value in rate.values if value is not None] == [0.0]
    assert rate.values[-3] == 0.0


def test_the_number_of_queries_does_not_grow_with_the_data() -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            snapshot()
        return len(captured)

    count("events", NOW, 1)
    make_issue(last_seen_at=NOW)
    make_alert()  # what holds alerts is read once, however many there are
    few = queries()
    for number in range(12):
        issue = make_issue(title=f"E{number}: x", last_seen_at=NOW)
        count(f"issue:{issue.pk}", NOW, 1)
        make_alert()
    assert Issue.objects.count() == 13
    assert queries() <= few + 2  # the sparks of lists that were empty


def test_sessions_stand_in_for_requests_in_figures_and_charts() -> None:
    count("sessions", NOW, 100)
    count("sessions.errored", NOW, 4)
    taken = snapshot()
    assert figure("Failed sessions", taken) == ("4.0", "4 / 100 sessions")
    assert [chart.name for chart in taken.charts] == ["failed sessions", "errors a minute", "sessions a minute"]
    assert taken.charts[0].values[-1] == 4.0


def test_releases_mark_every_chart_where_they_were_first_seen() -> None:
    seen_at = NOW - 10 * MINUTE
    Release.objects.create(project=make_project(), version="oms@2.0.1", first_seen_at=seen_at, last_seen_at=NOW)
    for chart in snapshot().charts:
        assert [(each.at_epoch, each.label) for each in chart.markers] == [(int(seen_at.timestamp()), "2.0.1")]


def test_a_range_of_the_past_has_no_running_step() -> None:
    count("events", NOW - 90 * MINUTE, 7)
    start = (NOW - 100 * MINUTE).replace(second=0)
    taken = snapshot(chosen=CustomRange(start, start + 30 * MINUTE))
    assert figure("Errors", taken)[1] == "7 events"
    assert [chart.is_running for chart in taken.charts] == [False, False, False]
    assert "on " in taken.hero.text or "from " in taken.hero.text  # over midnight
