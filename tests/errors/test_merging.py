"""Merging and unmerging: whatever the order, the counters are those of the stored events."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from alerts.choices import AlertState
from alerts.models import Alert, OccurrenceRecord
from alerts.services import judge_occurrences
from tests.errors.builders import digest
from tests.errors.documents import NOW, make_event, make_exception
from tests.errors.independent import assert_counts_are_true
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed
from tradewatch.core.models import AuditEntry
from tradewatch.core.windows import Window
from tradewatch.errors.families import events_of, family_ids, root_of
from tradewatch.errors.models import Activity, Event, Issue, TagCount
from tradewatch.errors.queries import loudest_issues
from tradewatch.errors.retention import delete_old
from tradewatch.errors.search.asking import Asking
from tradewatch.errors.search.queries import find_issues
from tradewatch.errors.services import (
    ignore_issue,
    merge_issue,
    merge_issues,
    reopen_issue,
    resolve_issue,
    undo_change,
    unmerge_issue,
    wake_ignored_issues,
)
from tradewatch.projects.choices import Role

NAMES = ("Alpha", "Beta", "Gamma", "Delta")


def event(name: str, *, user: int = 1, minute: int = 0, **fields: Any) -> dict[str, Any]:
    at = (NOW - timedelta(minutes=minute)).timestamp()
    return make_event(make_exception(name), user={"id": user}, timestamp=at, **fields)


def issue_of(name: str) -> Issue:
    return Issue.objects.get(exception_type=name)


# --- any sequence -----------------------------------------------------------------------------------

EVENTS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.integers(1, 4), st.integers(0, 130), st.sampled_from(["lmax", "xnys"])),
    min_size=1,
    max_size=6,
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("digest"), EVENTS),
        st.tuples(st.just("merge"), st.sampled_from(NAMES), st.sampled_from(NAMES)),
        st.tuples(st.just("unmerge"), st.sampled_from(NAMES)),
    ),
    min_size=3,
    max_size=14,
)


@pytest.mark.slow
class AnySequence(TestCase):
    @settings(max_examples=20, suppress_health_check=list(HealthCheck))
    @given(steps=STEPS)
    def test_the_counters_are_true_after_every_step(self, steps: list[tuple[Any, ...]]) -> None:
        digest(*(event(name) for name in NAMES))
        for step in steps:
            take(step)
            assert_counts_are_true()
        for name in NAMES:  # and all apart again, nothing of a merge is left
            take(("unmerge", name))
        assert_counts_are_true()
        assert not Issue.objects.filter(has_members=True).exists()
        assert not Issue.objects.exclude(own_face=None).exists()


def take(step: tuple[Any, ...]) -> None:
    match step:
        case ("digest", events):
            digest(
                *(
                    event(name, user=user, minute=minute, tags={"venue": venue, "n": str(user)})
                    for name, user, minute, venue in events
                )
            )
        case ("merge", one, other):
            member, target = issue_of(one), issue_of(other)
            if member.pk != target.pk and member.merged_into_id is None and target.merged_into_id is None:
                merge_issue(SYSTEM, member, into=target)
        case ("unmerge", name):
            if issue_of(name).merged_into_id is not None:
                unmerge_issue(SYSTEM, issue_of(name))


# --- one by one ---------------------------------------------------------------------------------------

pytestmark = pytest.mark.django_db


def test_a_merged_issue_counts_into_its_target_and_is_no_longer_listed() -> None:
    digest(event("Alpha"), event("Alpha", user=2), event("Beta", user=2))
    target = merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    assert (target.event_count, target.user_count, target.has_members) == (3, 2, True)
    digest(event("Beta", user=3), event("Alpha", user=3))
    assert (issue_of("Alpha").event_count, issue_of("Alpha").user_count) == (5, 3)
    assert (issue_of("Beta").event_count, issue_of("Beta").user_count) == (2, 2)
    assert root_of(issue_of("Beta")) == target
    assert events_of(issue_of("Alpha")).count() == 5
    assert set(family_ids(issue_of("Alpha"))) == {issue_of("Alpha").pk, issue_of("Beta").pk}
    assert_counts_are_true()


def test_what_came_meanwhile_goes_with_the_member_that_it_belongs_to() -> None:
    digest(event("Alpha"), event("Beta"))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    digest(event("Beta", user=9, minute=90, tags={"venue": "xetra"}), event("Beta", level="fatal"))
    assert (issue_of("Alpha").severity, issue_of("Alpha").first_seen_at) == ("critical", NOW - timedelta(minutes=90))
    back = unmerge_issue(SYSTEM, issue_of("Beta"))
    alpha = issue_of("Alpha")
    assert (back.event_count, back.severity, back.user_count) == (3, "critical", 2)
    assert (alpha.event_count, alpha.severity, alpha.user_count) == (1, "error", 1)
    assert (alpha.first_seen_at, alpha.last_seen_at) == (NOW, NOW)
    assert not TagCount.objects.filter(issue=alpha, value="xetra").exists()
    assert_counts_are_true()


def test_releases_first_and_last_seen_are_the_family_s() -> None:
    digest(event("Alpha", release="oms@4.2.0", minute=5))
    digest(event("Beta", release="oms@4.1.0", minute=60), event("Beta", release="oms@4.3.0"))
    target = merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    assert (str(target.first_release), str(target.last_release)) == ("oms@4.1.0", "oms@4.3.0")
    digest(event("Alpha", release="oms@4.2.5"))
    unmerge_issue(SYSTEM, issue_of("Beta"))
    alpha = issue_of("Alpha")
    assert (str(alpha.first_release), str(alpha.last_release)) == ("oms@4.2.0", "oms@4.2.5")


def test_families_nest_and_come_apart_in_any_order() -> None:
    digest(event("Alpha", user=1), event("Beta", user=1), event("Gamma", user=2), event("Delta", user=3))
    merge_issue(SYSTEM, issue_of("Alpha"), into=issue_of("Beta"))
    merge_issues(SYSTEM, [issue_of("Beta"), issue_of("Delta")], into=issue_of("Gamma"))
    digest(event("Alpha", user=4), event("Beta", user=4))
    assert (issue_of("Gamma").event_count, issue_of("Gamma").user_count) == (6, 4)
    assert (issue_of("Beta").event_count, issue_of("Beta").user_count) == (4, 2)
    assert_counts_are_true()
    unmerge_issue(SYSTEM, issue_of("Alpha"))  # from the middle
    assert (issue_of("Gamma").event_count, issue_of("Beta").event_count) == (4, 2)
    assert_counts_are_true()


def test_a_spike_limit_is_the_family_s_and_what_it_drops_comes_apart_again() -> None:
    project = make_project(spike_limit_per_minute=3)
    digest(event("Alpha"), event("Beta"), project=project)
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    digest(*(event("Beta") for _ in range(4)), project=project)
    assert (issue_of("Alpha").event_count, issue_of("Alpha").dropped_count) == (6, 3)
    unmerge_issue(SYSTEM, issue_of("Beta"))
    assert (issue_of("Alpha").event_count, issue_of("Alpha").dropped_count) == (1, 0)
    assert (issue_of("Beta").event_count, issue_of("Beta").dropped_count) == (5, 3)


def test_events_that_retention_deletes_do_not_unbalance_the_counters() -> None:
    digest(event("Alpha"), event("Beta"), event("Beta"))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    delete_old(NOW + timedelta(days=400))
    assert not Event.objects.exists()
    unmerge_issue(SYSTEM, issue_of("Beta"))
    assert (issue_of("Alpha").event_count, issue_of("Beta").event_count) == (1, 2)


def test_tag_values_above_the_cap_come_apart_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewatch.errors.tagging.VALUES_KEPT", 3)
    digest(*(event("Alpha", tags={"order": f"a{n}"}) for n in range(2)), event("Beta", tags={"order": "b"}))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    for batch in range(3):
        digest(*(event(name, tags={"order": f"{name}{batch}"}) for name in ("Alpha", "Beta")))
    unmerge_issue(SYSTEM, issue_of("Beta"))
    for name, count in (("Alpha", 5), ("Beta", 4)):
        values = TagCount.objects.filter(issue=issue_of(name), key="order")
        assert sum(values.values_list("count", flat=True)) == count
        assert all(value.count > 0 for value in values)


# --- states and news --------------------------------------------------------------------------------------


def test_the_target_s_state_rules() -> None:
    digest(event("Alpha"), event("Beta"))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    resolve_issue(SYSTEM, issue_of("Alpha"))
    later = issue_of("Alpha").resolved_at + timedelta(seconds=1)  # type: ignore[operator]
    digest(event("Beta"), received_at=later)
    assert (issue_of("Alpha").state, issue_of("Alpha").is_regressed) == ("unresolved", True)
    assert issue_of("Beta").is_regressed is False
    back = OccurrenceRecord.objects.get(kind="issue.regressed")
    assert back.fingerprint == f"issue:{issue_of('Alpha').pk}"
    assert Activity.objects.filter(issue=issue_of("Alpha"), kind="regressed").exists()


def test_an_ignored_target_counts_what_its_members_bring() -> None:
    digest(event("Alpha"), event("Beta"))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    ignore_issue(SYSTEM, issue_of("Alpha"), events=2)
    digest(event("Beta", level="fatal"))
    assert issue_of("Alpha").state == "ignored"
    digest(event("Beta"))
    assert issue_of("Alpha").state == "unresolved"
    assert not OccurrenceRecord.objects.filter(kind="issue.critical").exclude(count=1).exists()


def test_a_member_has_no_state_to_change_and_none_to_wake() -> None:
    digest(event("Alpha"), event("Beta"))
    ignore_issue(SYSTEM, issue_of("Beta"), until=NOW + timedelta(days=10_000))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    for act in (resolve_issue, reopen_issue, ignore_issue):
        with pytest.raises(Conflict):
            act(SYSTEM, issue_of("Beta"))
    assert wake_ignored_issues(now=NOW + timedelta(days=20_000)) == 0
    assert unmerge_issue(SYSTEM, issue_of("Beta")).state == "ignored"


def test_a_member_that_was_resolved_and_came_back_meanwhile_is_a_regression_when_it_is_unmerged() -> None:
    digest(event("Alpha"), event("Beta"), event("Gamma"))
    resolve_issue(SYSTEM, issue_of("Beta"))
    resolve_issue(SYSTEM, issue_of("Gamma"))
    later = issue_of("Gamma").resolved_at + timedelta(seconds=1)  # type: ignore[operator]
    merge_issues(SYSTEM, [issue_of("Beta"), issue_of("Gamma")], into=issue_of("Alpha"))
    digest({**event("Beta"), "timestamp": later.timestamp()}, received_at=later)
    unmerge_issue(SYSTEM, issue_of("Gamma"))
    unmerge_issue(SYSTEM, issue_of("Beta"))
    assert (issue_of("Gamma").state, issue_of("Beta").state, issue_of("Beta").is_regressed) == (
        "resolved",
        "unresolved",
        True,
    )


def test_the_alert_about_a_member_ends_and_comes_back_with_undo() -> None:
    digest(event("Alpha"), event("Beta"))
    judge_occurrences(NOW)
    key = f"issue:{issue_of('Beta').pk}"
    ann = Actor("user", make_user(role=Role.RESPONDER).pk, "ann")
    merge_issue(ann, issue_of("Beta"), into=issue_of("Alpha"))
    assert Alert.objects.get(dedup_key=key).state == AlertState.RESOLVED
    token = Activity.objects.get(issue=issue_of("Alpha"), kind="merged").undo_token
    assert token is not None
    undo_change(ann, token)
    assert issue_of("Beta").merged_into is None
    judge_occurrences(NOW)
    assert Alert.objects.filter(dedup_key=key).exclude(state=AlertState.RESOLVED).exists()
    assert_counts_are_true()


def test_lists_leave_members_out(django_assert_max_num_queries: Any) -> None:
    digest(event("Alpha"), event("Beta"))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    window = Window(NOW - timedelta(hours=2), NOW + timedelta(minutes=1))
    with django_assert_max_num_queries(7):
        loud = loudest_issues([make_project().pk], window)
    assert [(each.issue.exception_type, each.events) for each in loud] == [("Alpha", 2)]


def test_a_user_of_a_member_is_found_in_its_target() -> None:
    digest(event("Alpha", user=1), event("Beta", user=2), event("Gamma", user=3))
    merge_issue(SYSTEM, issue_of("Gamma"), into=issue_of("Beta"))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    asking = Asking([make_project().pk], now=NOW)
    assert [each.exception_type for each in find_issues("user.id:3", asking)] == ["Alpha"]
    unmerge_issue(SYSTEM, issue_of("Gamma"))
    assert [each.exception_type for each in find_issues("user.id:3", asking)] == ["Gamma"]


# --- refused ------------------------------------------------------------------------------------------


def test_what_cannot_be_merged() -> None:
    digest(event("Alpha"), event("Beta"), event("Gamma"))
    digest(event("Delta"), project=make_project("other"))
    with pytest.raises(Invalid):
        merge_issue(SYSTEM, issue_of("Alpha"), into=issue_of("Alpha"))
    with pytest.raises(Invalid):
        merge_issue(SYSTEM, issue_of("Delta"), into=issue_of("Alpha"))
    with pytest.raises(Conflict):
        unmerge_issue(SYSTEM, issue_of("Alpha"))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    for one, other in (("Beta", "Gamma"), ("Gamma", "Beta"), ("Alpha", "Beta")):
        with pytest.raises(Conflict):
            merge_issue(SYSTEM, issue_of(one), into=issue_of(other))
    assert_counts_are_true()


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_viewers_and_strangers_neither_merge_nor_unmerge(role: Role | None) -> None:
    digest(event("Alpha"), event("Beta"))
    actor = Actor("user", make_user(role=role).pk, "ann")
    with pytest.raises(NotAllowed):
        merge_issue(actor, issue_of("Beta"), into=issue_of("Alpha"))
    merge_issue(SYSTEM, issue_of("Beta"), into=issue_of("Alpha"))
    with pytest.raises(NotAllowed):
        unmerge_issue(actor, issue_of("Beta"))
    assert not AuditEntry.objects.filter(actor_label="ann").exists()
    assert issue_of("Beta").merged_into == issue_of("Alpha")
