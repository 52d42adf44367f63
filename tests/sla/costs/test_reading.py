"""Costs by release and by issue, from buckets as digesting writes them."""

from datetime import timedelta

import pytest

from sla.choices import Indicator
from sla.costs import by_issue, by_release
from sla.minutes.values import UNIT
from tests.dashboard.builders import make_issue
from tests.projects.builders import make_project
from tests.sla.costs.builders import AT, NOW, events, make_measure, requests, slot
from tradewatch.errors.models import TagCount

pytestmark = pytest.mark.django_db


def costs(split) -> dict:
    assert sum(part.cost for part in split.parts) + split.unattributed == split.whole
    return {part.key: (part.cost / UNIT, part.shared / UNIT) for part in split.parts} | {
        "unattributed": split.unattributed / UNIT
    }


def test_each_release_pays_for_its_failed_requests() -> None:
    requests(3, 0, is_failed=True, release="2.0.0")
    requests(20, 0, release="2.0.0")
    requests(1, 1, is_failed=True, release="2.0.0")
    requests(4, 1, is_failed=True, release="2.0.1", weight=2.5)
    requests(2, 1, is_failed=True, release="")  # names none
    requests(9, 2, is_failed=True, release="2.0.1")  # an excluded minute: no slot
    requests(9, 1, is_failed=True, release="2.0.1", environment="staging")
    slots = [slot(0, 3), slot(1, 13)]
    assert costs(by_release(make_measure(), slots, now=NOW)) == {
        "2.0.0": (4, 0),
        "2.0.1": (10, 0),
        "unattributed": 2,
    }


def test_a_measure_of_one_transaction_takes_its_failures_alone() -> None:
    requests(3, 0, is_failed=True, name="POST /orders", release="2.0.0")
    requests(5, 0, is_failed=True, name="GET /orders", release="2.0.1")
    measure = make_measure(definition={"transaction": "POST /orders"})
    assert costs(by_release(measure, [slot(0, 3)], now=NOW)) == {"2.0.0": (3, 0), "unattributed": 0}


def test_slow_requests_are_those_over_the_threshold() -> None:
    requests(3, 0, seconds=0.9, release="2.0.0")
    requests(2, 0, seconds=0.2, release="2.0.0")
    requests(1, 0, seconds=3.0, release="2.0.1", is_failed=True)
    measure = make_measure(indicator=Indicator.LATENCY, definition={"threshold_seconds": 0.5})
    assert costs(by_release(measure, [slot(0, 4)], now=NOW)) == {"2.0.0": (3, 0), "2.0.1": (1, 0), "unattributed": 0}
    assert by_issue(measure, [slot(0, 4)], now=NOW) is None


def test_bad_slices_are_shared_by_the_failures_in_them() -> None:
    for minute in range(5):
        requests(1, minute, is_failed=True, release="2.0.0")
    requests(3, 3, is_failed=True, release="2.0.1")
    five_minutes = [slot(0, 1, minutes=5, events=8), slot(5, 0, minutes=5)]
    assert costs(by_release(make_measure(), five_minutes, now=NOW)) == {
        "2.0.0": (0.625, 0.625),
        "2.0.1": (0.375, 0.375),
        "unattributed": 0,
    }


def test_of_a_tag_only_the_proportion_is_known() -> None:
    requests(6, 0, is_failed=True, release="2.0.0")
    requests(2, 0, is_failed=True, release="2.0.1")
    requests(5, 1, is_failed=True, release="2.0.1")
    measure = make_measure(definition={"tag": {"key": "venue", "value": "XLON"}})
    assert costs(by_release(measure, [slot(0, 4), slot(1, 1)], now=NOW)) == {
        "2.0.0": (3, 3),
        "2.0.1": (2, 1),
        "unattributed": 0,
    }


def test_minutes_past_their_retention_are_read_by_the_hour() -> None:
    old = AT - int(timedelta(days=40).total_seconds())
    requests(2, 7, start=old, is_failed=True, release="1.9.4")
    requests(1, 9, start=old, is_failed=True, release="1.9.5")
    requests(2, 0, is_failed=True, release="2.0.0")
    slots = [slot(7, 2, start=old), slot(9, 1, start=old), slot(0, 2)]
    assert costs(by_release(make_measure(), slots, now=NOW)) == {
        "1.9.4": (2, 0),
        "1.9.5": (1, 0),
        "2.0.0": (2, 0),
        "unattributed": 0,
    }


def test_issues_explain_what_their_events_can() -> None:
    margin, venue, noise = (make_issue(severity=each) for each in ("error", "critical", "info"))
    events(margin.pk, 3, 0)
    events(margin.pk, 4, 1)
    events(venue.pk, 2, 1)
    events(noise.pk, 50, 1)
    events(venue.pk, 9, 3)  # nothing was bad then
    slots = [slot(0, 5), slot(1, 3), slot(2, 1)]
    # minute 0: three of five; minute 1: two issues with six events for three failures; minute 2: nobody
    assert costs(by_issue(make_measure(), slots, now=NOW)) == {
        margin.pk: (5, 2),
        venue.pk: (1, 1),
        "unattributed": 3,
    }


def test_a_merged_issue_counts_once() -> None:
    target = make_issue(has_members=True)
    member = make_issue(merged_into=target)
    for each in (target, member):  # as digesting counts an event of a member
        events(each.pk, 2, 0)
    assert costs(by_issue(make_measure(), [slot(0, 3)], now=NOW)) == {target.pk: (2, 0), "unattributed": 1}


def test_of_one_transaction_only_issues_that_met_it_may_be_the_cause() -> None:
    margin, login = make_issue(), make_issue()
    TagCount.objects.create(issue=margin, key="transaction", value="POST /orders", count=1, last_seen_at=NOW)
    TagCount.objects.create(issue=login, key="transaction", value="POST /login", count=1, last_seen_at=NOW)
    events(margin.pk, 1, 0)
    events(login.pk, 1, 0)
    measure = make_measure(definition={"transaction": "POST /orders"})
    assert costs(by_issue(measure, [slot(0, 2)], now=NOW)) == {margin.pk: (1, 0), "unattributed": 1}


def test_very_many_bad_minutes_are_matched_by_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sla.costs.reading.MOST_MINUTES", 2)
    issue = make_issue()
    for minute in range(3):
        events(issue.pk, 1, minute)
    slots = [slot(minute, 1) for minute in (10, 11, 12, 70)]
    assert costs(by_issue(make_measure(), slots, now=NOW)) == {issue.pk: (3, 0), "unattributed": 1}


def test_what_has_neither_releases_nor_issues_says_so(django_assert_num_queries) -> None:
    measure = make_measure(indicator=Indicator.UPTIME)
    with django_assert_num_queries(0):
        assert by_release(measure, [slot(0, 1)], now=NOW) is None
        assert by_issue(measure, [slot(0, 1)], now=NOW) is None
    nothing = by_release(make_measure(), [slot(0, 0)], now=NOW)
    assert nothing is not None and (nothing.whole, nothing.parts) == (0, ())


def test_other_projects_spend_nothing_here(django_assert_max_num_queries) -> None:
    mine, theirs = make_measure(), make_project("theirs")
    requests(2, 0, project=theirs, is_failed=True)
    events(make_issue(theirs).pk, 2, 0, project=theirs)
    with django_assert_max_num_queries(4):
        assert costs(by_release(mine, [slot(0, 2)], now=NOW)) == {"unattributed": 2}
        assert costs(by_issue(mine, [slot(0, 2)], now=NOW)) == {"unattributed": 2}
