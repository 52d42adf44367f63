"""Every order by pages, without losing or repeating an issue."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.dashboard.builders import count, make_issue
from tests.projects.builders import make_project
from tradewatch.core.faults import Invalid
from tradewatch.dashboard.issue_list.listing import read_listing
from tradewatch.dashboard.issue_list.ranking import Scores, Standing, rank
from tradewatch.dashboard.ranges import span_ending
from tradewatch.errors.choices import IssueSort
from tradewatch.errors.models import Issue

pytestmark = pytest.mark.django_db
DAY = timedelta(hours=24)


def walk(sort: str, size: int, scores: Scores | None = None) -> list[str]:
    """Return the types on all pages, one after the other."""
    found, cursor = [], ""
    for _ in range(50):
        page = read_listing(Issue.objects.all(), sort=sort, cursor=cursor, size=size, scores=scores)
        assert page.rows or not cursor, "an empty page was linked"
        found += [issue.exception_type for issue in page.rows]
        if page.next is None:
            return found
        cursor = page.next
    raise AssertionError("the pages do not end")


@pytest.fixture
def issues() -> dict[str, Issue]:
    now = timezone.now()
    return {
        name: make_issue(
            title=name,
            last_seen_at=now - timedelta(minutes=place),
            first_seen_at=now - timedelta(days=9 - place),
            user_count=place % 3,
        )
        for place, name in enumerate("abcdefg")
    }


@pytest.mark.parametrize("size", [1, 2, 3, 7, 20])
def test_orders_by_column(issues: dict[str, Issue], size: int) -> None:
    assert walk(IssueSort.LAST_SEEN, size) == list("abcdefg")
    assert walk(IssueSort.FIRST_SEEN, size) == list("gfedcba")
    assert walk(IssueSort.USERS, size) == list("fcebgda")


@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 20])
def test_ranked_issues_come_first_then_the_quiet_ones_by_last_seen(issues: dict[str, Issue], size: int) -> None:
    scores = Scores({issues["c"].pk: 5.0, issues["e"].pk: 0.000001, issues["f"].pk: 5.0}, {})
    assert walk(IssueSort.FREQUENCY, size, scores) == list("fceabdg")
    assert walk(IssueSort.TREND, size, Scores({}, {})) == list("abcdefg")
    everything = Scores({issue.pk: 1 / issue.pk for issue in issues.values()}, {})
    assert walk(IssueSort.TREND, size, everything) == list("abcdefg")


def test_ids_are_asked_for_in_steps(issues: dict[str, Issue], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewatch.dashboard.issue_list.listing.IDS_A_STEP", 2)
    scores = Scores({issue.pk: float(-place) for place, issue in enumerate(issues.values())}, {})
    scores = Scores({**scores.by_issue, 10**9: 1.0}, {})
    positive = Scores({key: value + 100 for key, value in scores.by_issue.items()}, {})
    assert walk(IssueSort.FREQUENCY, 3, positive) == list("abcdefg")


@pytest.mark.parametrize("cursor", ["x", "1@", "@1", "1@1.2.3", "1@nan", "1@inf", "١@1", "rest.x", "1@-5"])
def test_a_forged_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_listing(Issue.objects.all(), sort=IssueSort.FREQUENCY, cursor=cursor, size=2, scores=Scores({}, {}))


def test_frequency_counts_the_range_and_trend_compares_it_with_the_one_before(issues: dict[str, Issue]) -> None:
    now = timezone.now()
    for name, events, before in (("a", 900, 890), ("b", 50, 0), ("c", 3, 0), ("d", 0, 70)):
        for moment, number in ((now - timedelta(hours=2), events), (now - timedelta(hours=30), before)):
            if number:
                count(f"issue:{issues[name].pk}", moment, number)
    count(f"issue:{issues['c'].pk}", now, 1000, environment="staging")
    span = span_ending(now, length=DAY, step_seconds=60)
    asked = {"project_ids": [make_project().pk], "span": span}
    order = {
        (sort, environment): walk(sort, 2, rank(**asked, environment=environment, sort=sort))[:3]
        for sort in (IssueSort.FREQUENCY, IssueSort.TREND)
        for environment in ("", "production")
    }
    assert order == {
        (IssueSort.FREQUENCY, ""): ["c", "a", "b"],
        (IssueSort.FREQUENCY, "production"): ["a", "b", "c"],
        (IssueSort.TREND, ""): ["c", "b", "a"],
        (IssueSort.TREND, "production"): ["b", "c", "a"],
    }


def test_a_few_events_after_silence_do_not_beat_a_real_rise() -> None:
    assert Standing(900, 100).trend > Standing(3, 0).trend > Standing(100, 100).trend == 1.0
