"""Simulated events: stored, grouped and marked, and in no count, chart, state, release or user."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from alerts.models import OccurrenceRecord
from tests.errors.builders import digest, only_issue
from tests.errors.documents import make_event
from tests.projects.builders import make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Conflict, Invalid
from tradewatch.errors.families import all_events_of, events_of
from tradewatch.errors.models import Activity, Event, Issue, IssueHash, IssueUser, TagCount
from tradewatch.errors.services import ignore_issue, merge_issue, resolve_issue
from tradewatch.metrics.models import Counter
from tradewatch.projects.models import Environment, Release, ReleaseSighting

pytestmark = pytest.mark.django_db
COUNTED = (Counter, TagCount, IssueUser, Environment, Release, ReleaseSighting, Activity)


def everything() -> list[Any]:
    """Return the rows of all that a real event would change."""
    kept = Issue.objects.filter(is_simulated=False)
    return [*(list(model.objects.order_by("pk").values()) for model in COUNTED), list(kept.order_by("pk").values())]


def kinds() -> list[str]:
    return list(OccurrenceRecord.objects.exclude(simulated="").order_by("id").values_list("kind", flat=True))


def simulate(**fields: Any) -> Event:
    document = make_event(**fields)
    digest(document, is_simulated=True)
    return Event.objects.get(event_id=document["event_id"])


def test_it_joins_the_issue_and_changes_nothing_of_it() -> None:
    digest(make_event(level="warning", user={"id": 1}))
    before = everything()
    event = simulate(level="fatal", user={"id": 2}, release="oms@9.9.9", environment="elsewhere", tags={"venue": "new"})
    assert (event.issue, event.is_simulated, event.release) == (only_issue(), True, None)
    assert event.payload["environment"] == "elsewhere"
    assert everything() == before
    assert list(events_of(only_issue())) == [Event.objects.get(is_simulated=False)]
    assert event in all_events_of(only_issue())


def test_without_an_issue_it_gets_one_that_real_events_never_join() -> None:
    event = simulate()
    issue = event.issue
    assert issue.is_simulated and (issue.state, issue.event_count) == ("ignored", 0)
    assert everything() == [[] for _ in COUNTED] + [[]]
    assert simulate().issue == issue
    digest(make_event())
    real = Issue.objects.get(is_simulated=False)
    assert real.event_count == 1 and real != issue
    assert list(OccurrenceRecord.objects.filter(simulated="").values_list("kind", flat=True)) == ["issue.new"]
    assert simulate().issue == real
    assert IssueHash.objects.filter(issue=real).count() == IssueHash.objects.filter(issue=issue).count()
    for change in (lambda: resolve_issue(SYSTEM, issue), lambda: ignore_issue(SYSTEM, issue)):
        with pytest.raises(Conflict):
            change()
    with pytest.raises(Invalid):
        merge_issue(SYSTEM, issue, into=real)


def test_it_tells_what_would_be_news_under_a_fingerprint_of_its_own() -> None:
    event = simulate(level="fatal")
    assert kinds() == ["issue.new", "issue.critical", "simulated.event"]
    told = OccurrenceRecord.objects.first()
    assert told is not None
    assert (told.simulated, told.tags["simulated"], told.count) == ("held", "yes", 1)
    assert told.fingerprint == f"simulated.event:{event.event_id.hex}:issue:{event.issue_id}"
    assert told.link == f"/issues/{event.issue_id}/events/{event.event_id.hex}"
    assert "it is new" in OccurrenceRecord.objects.get(kind="simulated.event").message


def test_a_resolved_issue_stays_resolved_and_would_be_a_regression() -> None:
    digest(make_event())
    resolve_issue(SYSTEM, only_issue())
    before = everything()
    document = make_event()
    digest(document, is_simulated=True, received_at=timezone.now() + timedelta(minutes=1))
    assert everything() == before and only_issue().state == "resolved"
    assert kinds() == ["issue.regressed", "simulated.event"]


def test_an_ignored_issue_makes_no_news_and_says_so() -> None:
    digest(make_event())
    ignore_issue(SYSTEM, only_issue())
    simulate(level="fatal")
    assert kinds() == ["simulated.event"]
    assert "an ignored issue makes no news" in OccurrenceRecord.objects.get(kind="simulated.event").message


def test_a_member_of_a_merged_issue_speaks_through_its_target() -> None:
    digest(make_event(fingerprint=["one"]))
    digest(make_event(fingerprint=["two"]))
    one, two = Issue.objects.order_by("number")
    merge_issue(SYSTEM, two, into=one)
    resolve_issue(SYSTEM, one)
    before = everything()
    document = make_event(fingerprint=["two"])
    digest(document, is_simulated=True, received_at=timezone.now() + timedelta(minutes=1))
    assert everything() == before
    assert Event.objects.get(event_id=document["event_id"]).issue == two
    assert kinds() == ["issue.regressed", "simulated.event"]
    assert OccurrenceRecord.objects.filter(tags__issue=str(one.number)).exclude(simulated="").count() == 2


def test_the_same_one_twice_is_one() -> None:
    document = make_event()
    digest(document, is_simulated=True)
    digest(document, is_simulated=True)
    assert Event.objects.count() == 1 and kinds() == ["issue.new", "simulated.event"]


def test_real_and_simulated_ones_in_one_batch(django_assert_max_num_queries: Any) -> None:
    make_project()
    digest(*(make_event() for _ in range(3)))
    simulate()
    assert only_issue().event_count == 3
    with django_assert_max_num_queries(60):
        digest(*(make_event() for _ in range(5)))
    assert only_issue().event_count == 8
