"""Budgets of stored events: what goes, what stays, and that no count of an issue moves."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from alerts.choices import AlertCategory, AlertSeverity
from alerts.models import Alert
from tests.errors.builders import digest, only_issue
from tests.errors.documents import NOW, make_event, make_exception
from tests.inbox.builders import keep_item
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.errors import thinning
from tradewatch.errors.models import Bookmark, Event, Issue
from tradewatch.errors.news import issue_fingerprint
from tradewatch.errors.services import merge_issue
from tradewatch.errors.services.notes import add_note
from tradewatch.errors.telling import NEWEST_KEPT, RICHEST_KEPT
from tradewatch.inbox.models import AttachmentChunk, KeptItem
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)
KB = 1024


@pytest.fixture(autouse=True)
def _small_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "_MB", KB)
    monkeypatch.setattr(thinning, "AIM", 1.0)


def store(count: int, *, kind: str = "Loud", project: Project | None = None, **fields: Any) -> list[Event]:
    """Store events of one issue a minute apart, each of some 2 KB that cannot be compressed."""
    noise = random.Random(count)
    start = NOW - timedelta(minutes=count)
    events = [
        make_event(
            make_exception(type=kind),
            timestamp=(start + timedelta(minutes=at)).timestamp(),
            extra={"noise": noise.randbytes(1000).hex()},
            **fields,
        )
        for at in range(count)
    ]
    digest(*events, project=project)
    return list(Event.objects.filter(issue__exception_type=kind).order_by("timestamp"))


def kept(events: Sequence[Event]) -> list[int]:
    left = set(Event.objects.values_list("pk", flat=True))
    return [at for at, event in enumerate(events) if event.pk in left]


def facts(issue: Issue) -> tuple[object, ...]:
    issue.refresh_from_db()
    return issue.event_count, issue.first_seen_at, issue.last_seen_at, issue.user_count, issue.dropped_count


def test_the_loud_issue_is_thinned_to_the_budget_and_its_counts_stay() -> None:
    project = make_project(event_budget_mb=60)
    loud, quiet = store(60, project=project), store(3, kind="Quiet", project=project)
    issues = list(Issue.objects.all())
    before = [facts(issue) for issue in issues]
    gone = thinning.thin_to_budgets(LATER)
    assert gone > 20 and kept(quiet) == [0, 1, 2]
    left = kept(loud)
    assert left[0] == 0 and left[-NEWEST_KEPT:] == list(range(50, 60)) and len(left) == 60 - gone
    middle = [at for at in left if 3 < at < 50]
    assert max(b - a for a, b in pairwise(middle)) <= 8  # no hole in how it went on
    assert sum(thinning.stored_bytes(Event.objects.all()).values()) <= 60 * KB
    assert [facts(issue) for issue in issues] == before
    assert thinning.thin_to_budgets(LATER) == 0


def test_without_a_budget_or_below_it_nothing_goes(settings: Any) -> None:
    store(20, project=make_project(event_budget_mb=1000))
    store(20, kind="Other", project=make_project("other"))
    settings.EVENT_BUDGET_MB = 0
    assert thinning.thin_to_budgets(LATER) == 0
    settings.EVENT_BUDGET_MB = 1000
    assert thinning.thin_to_budgets(LATER) == 0


def test_the_installations_budget_takes_from_the_loudest_of_all_projects(settings: Any) -> None:
    settings.EVENT_BUDGET_MB = 60
    loud = store(60, project=make_project("one"))
    quiet = store(12, kind="Quiet", project=make_project("two"))
    assert thinning.thin_to_budgets(LATER) == 60 - len(kept(loud)) > 0
    assert kept(quiet) == list(range(12))


def test_what_came_within_the_hour_stays() -> None:
    store(60, project=make_project(event_budget_mb=10))
    assert thinning.thin_to_budgets(NOW + timedelta(minutes=59)) == 0
    assert thinning.thin_to_budgets(NOW + timedelta(minutes=61)) > 0


def test_what_a_note_links_and_what_an_alert_began_with_stays() -> None:
    project = make_project(event_budget_mb=1)
    events = store(60, project=project)
    issue = only_issue()
    add_note(SYSTEM, issue, f"like https://tradewatch/issues/{issue.pk}/events/{events[23].event_id.hex} of Monday")
    began(issue, events[31].timestamp + timedelta(seconds=20))
    thinning.thin_to_budgets(LATER)
    middle = [at for at in kept(events) if 3 < at < 50]
    assert {23, 31} <= set(middle) and len(middle) <= 2 + RICHEST_KEPT


@pytest.mark.parametrize("levels", [1, 2])
def test_what_an_alert_of_the_issue_that_it_is_merged_into_began_with_stays(levels: int) -> None:
    project = make_project(event_budget_mb=1)
    events = store(60, project=project)
    issue = only_issue()
    for level in range(levels):
        store(2, kind=f"Target{level}", project=project)
        target = Issue.objects.get(exception_type=f"Target{level}")
        merge_issue(SYSTEM, issue, into=target)
        issue = target
    began(issue, events[31].timestamp + timedelta(seconds=20))
    thinning.thin_to_budgets(LATER)
    middle = [at for at in kept(events) if 3 < at < 50]
    assert 31 in middle and len(middle) <= 1 + RICHEST_KEPT


def began(issue: Issue, at: datetime) -> None:
    Alert.objects.create(
        project=issue.project,
        dedup_key=issue_fingerprint(issue.pk),
        severity=AlertSeverity.ERROR,
        category=AlertCategory.SYSTEM,
        title="it broke",
        starts_at=at,
        last_at=at,
    )


def test_what_came_with_an_event_goes_with_it() -> None:
    project, other = make_project(event_budget_mb=40), make_project("other")
    events = store(60, project=project)
    for event in events:
        keep_item(project, event.event_id, received_at=NOW)
    stays = [
        keep_item(other, events[20].event_id, received_at=NOW),
        keep_item(project, None, received_at=NOW),
        keep_item(project, events[20].event_id, "session", received_at=NOW),
    ]
    gone = thinning.thin_to_budgets(LATER)
    assert gone == 60 - len(kept(events)) > 20
    left = {events[at].event_id for at in kept(events)}
    of_events = KeptItem.objects.exclude(pk__in=[item.pk for item in stays])
    assert sorted(of_events.values_list("event_id", flat=True)) == sorted(left)
    assert KeptItem.objects.filter(pk__in=[item.pk for item in stays]).count() == 3
    assert AttachmentChunk.objects.count() == len(left) + 2


@pytest.mark.parametrize("item_type", ["feedback", "user_report"])
def test_the_newest_events_that_people_wrote_about_stay_and_older_words_go_with_theirs(
    item_type: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(thinning, "WRITTEN_KEPT", 2)
    project = make_project(event_budget_mb=1)
    events = store(60, project=project)
    for minutes, at in enumerate((21, 33, 27)):
        keep_item(project, events[at].event_id, item_type, received_at=NOW + timedelta(minutes=minutes))
    thinning.thin_to_budgets(LATER)
    middle = [at for at in kept(events) if 3 < at < 50]
    assert {27, 33} <= set(middle) and 21 not in middle and len(middle) <= 2 + RICHEST_KEPT
    assert set(KeptItem.objects.values_list("event_id", flat=True)) == {events[27].event_id, events[33].event_id}


def test_an_issue_that_somebody_keeps_at_hand_keeps_its_events() -> None:
    events = store(60, project=make_project(event_budget_mb=1))
    Bookmark.objects.create(user=make_user(), issue=only_issue(), created_at=NOW)
    assert thinning.thin_to_budgets(LATER) == 0 and len(kept(events)) == 60


def test_for_room_the_middle_goes_of_what_is_older_and_the_telling_stays() -> None:
    project = make_project()
    events = store(60, project=project)
    gone = sum(thinning.thin_before({project.pk: NOW - timedelta(minutes=20)}))
    left = kept(events)
    assert gone == 60 - len(left) > 20
    assert left[0] == 0 and left[-20:] == list(range(40, 60))
    assert sum(thinning.thin_before({project.pk: NOW - timedelta(minutes=20)})) == 0


def test_what_nothing_may_go_of_is_said_and_then_passed_over_within_the_hour(
    django_assert_num_queries: Any,
) -> None:
    project = make_project()
    store(NEWEST_KEPT, kind="Few", project=project)
    loud = store(30, project=project)
    before = {project.pk: NOW}
    assert sum(thinning.thin_before(before)) > 0
    assert list(thinning.thin_before(before)) == [0]  # the loud one; of so few nothing is asked
    with django_assert_num_queries(1):
        assert list(thinning.thin_before(before)) == []
    assert list(thinning.thin_before({project.pk: NOW + timedelta(hours=1)})) == [0]
    store(20, kind="Loud", project=project)
    assert sum(thinning.thin_before(before)) > 0 and kept(loud)[0] == 0


def test_a_large_issue_is_thinned_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "EVENTS_LOOKED_AT", 25)
    events = store(60, project=make_project(event_budget_mb=40))
    assert thinning.thin_to_budgets(LATER) > 0
    assert {0, *range(50, 60)} <= set(kept(events)) and len(kept(events)) < 60
