"""Who has an issue, what people say of it, what happened to it, and the way back from each change."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.choices import AlertState
from alerts.models import Alert
from alerts.services import judge_occurrences
from tests.errors.builders import digest, only_issue
from tests.errors.documents import NOW, make_event, make_exception, make_frame
from tests.projects.builders import make_project, make_token, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed, Unknown
from tradewatch.core.models import AuditEntry
from tradewatch.errors.activity import activity_of
from tradewatch.errors.insights import first_alert, likely_release, members_of, newest_event, similar_issues, user_share
from tradewatch.errors.models import Activity, Bookmark, Issue
from tradewatch.errors.services import (
    add_note,
    assign_issue,
    bookmark_issue,
    delete_note,
    edit_note,
    ignore_issue,
    merge_issue,
    remove_bookmark,
    reopen_issue,
    resolve_issue,
    set_priority,
    undo_change,
    unmerge_issue,
)
from tradewatch.projects.choices import Role, Scope
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db


def make_issue(**fields: Any) -> Issue:
    digest(make_event(**fields))
    return only_issue()


def person(name: str = "ann", role: Role | None = Role.RESPONDER) -> Actor:
    return Actor("user", make_user(name, role=role).pk, name)


def told(issue: Issue) -> list[tuple[str, str]]:
    return [(entry.actor_label, entry.text) for entry in activity_of(issue)]


# --- assignee, priority ------------------------------------------------------------------------------------------


def test_an_issue_goes_to_a_person_then_to_a_team_then_to_nobody() -> None:
    issue, ann = make_issue(), person()
    bob = make_user("bob", role=Role.VIEWER)
    team = Team.objects.create(name="Risk", slug="risk")
    team.members.add(bob)
    assert assign_issue(ann, issue, bob).assignee == bob
    assign_issue(ann, issue, bob)  # again: nothing to tell
    taken = assign_issue(ann, issue, team)
    assert (taken.assignee, taken.assigned_team) == (None, team)
    assign_issue(ann, issue, None)
    assert told(issue) == [
        ("ann", "Assigned to nobody"),
        ("ann", "Assigned to the team Risk"),
        ("ann", "Assigned to bob"),
    ]
    assert AuditEntry.objects.filter(action="issue.assign").count() == 3


def test_taking_it_oneself_reads_so() -> None:
    issue, ann = make_issue(), make_user("ann", role=Role.RESPONDER)
    assign_issue(Actor("user", ann.pk, "ann"), issue, ann)
    assert told(issue) == [("ann", "Taken")]


@pytest.mark.parametrize("kind", ["stranger", "left", "empty team", "team of strangers"])
def test_nobody_gets_an_issue_that_they_may_not_see(kind: str) -> None:
    issue, stranger = make_issue(), make_user("eve", role=None)
    gone = make_user("gil", role=Role.RESPONDER, is_active=False)
    team = Team.objects.create(name="Risk", slug="risk")
    if kind == "team of strangers":
        team.members.add(stranger, gone)
    to = {"stranger": stranger, "left": gone}.get(kind, team)
    with pytest.raises(Invalid) as refused:
        assign_issue(SYSTEM, issue, to)
    assert "assignee" in refused.value.errors
    assert (only_issue().assignee, only_issue().assigned_team) == (None, None)


def test_a_priority_set_by_a_person_says_so_and_goes_back_to_computed() -> None:
    issue, ann = make_issue(), person()
    assert (issue.priority, issue.priority_by) == ("high", "")
    changed = set_priority(ann, issue, "low")
    assert (changed.priority, changed.priority_by, changed.priority_why) == ("low", "ann", "set by ann")
    assert set_priority(ann, issue, None).priority == "high"
    assert told(issue)[0] == ("ann", "Priority high, computed: error severity, in risk")
    with pytest.raises(Invalid):
        set_priority(ann, issue, "urgent")


# --- notes, bookmarks ------------------------------------------------------------------------------------------


def test_a_note_is_its_author_s() -> None:
    issue, ann, bob = make_issue(), person("ann"), person("bob")
    note = add_note(ann, issue, "  seen on api-03 \0")
    assert note.text == "seen on api-03"
    for act in (lambda: edit_note(bob, note, "mine now"), lambda: delete_note(bob, note)):
        with pytest.raises(NotAllowed):
            act()
    assert edit_note(ann, note, "seen on api-04").edited_at is not None
    assert told(issue) == [("ann", "seen on api-04")]
    delete_note(ann, note)
    assert told(issue) == []
    with pytest.raises(Unknown):
        edit_note(ann, note, "gone")
    actions = AuditEntry.objects.order_by("id").values_list("action", flat=True)
    assert list(actions) == ["issue.note", "issue.edit_note", "issue.delete_note"]


def test_what_tradewatch_tells_cannot_be_edited_as_a_note() -> None:
    issue, ann = make_issue(), person()
    resolve_issue(ann, issue)
    with pytest.raises(Unknown):
        edit_note(ann, activity_of(issue)[0], "never happened")


def test_a_person_whose_role_was_taken_can_no_longer_edit_their_note() -> None:
    issue, ann = make_issue(), make_user("ann", role=Role.RESPONDER)
    actor = Actor("user", ann.pk, "ann")
    note = add_note(actor, issue, "x")
    ann.memberships.update(role=Role.VIEWER)
    with pytest.raises(NotAllowed):
        edit_note(actor, note, "y")


@pytest.mark.parametrize("text", ["", "  \n ", "x" * 10_001])
def test_notes_that_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        add_note(SYSTEM, make_issue(), text)


def test_a_token_writes_notes_of_its_own_and_has_no_bookmarks() -> None:
    issue, token = make_issue(), make_token(Scope.ERRORS_WRITE)[0]
    ci = Actor("token", token.pk, "ci")
    edit_note(ci, add_note(ci, issue, "red"), "green")
    with pytest.raises(NotAllowed):
        edit_note(Actor("token", make_token(Scope.ERRORS_WRITE)[0].pk, "ci"), activity_of(issue)[0], "mine")
    with pytest.raises(Invalid):
        bookmark_issue(ci, issue)


def test_bookmarks_are_one_s_own() -> None:
    issue, ann, bob = make_issue(), person("ann"), person("bob")
    bookmark_issue(ann, issue)
    bookmark_issue(ann, issue)
    bookmark_issue(bob, issue)
    remove_bookmark(ann, issue)
    assert [mark.user.get_username() for mark in Bookmark.objects.all()] == ["bob"]


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_a_viewer_changes_nothing(role: Role | None) -> None:
    issue, actor = make_issue(), person("eve", role)
    note = add_note(SYSTEM, issue, "x")
    for act in (
        lambda: assign_issue(actor, issue, None),
        lambda: set_priority(actor, issue, "low"),
        lambda: add_note(actor, issue, "y"),
        lambda: edit_note(actor, note, "y"),
        lambda: delete_note(actor, note),
        lambda: bookmark_issue(actor, issue),
        lambda: remove_bookmark(actor, issue),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert not AuditEntry.objects.filter(actor_label="eve").exists()


# --- undo ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda actor, issue, token: resolve_issue(actor, issue, in_release="current", undo_token=token),
        lambda actor, issue, token: ignore_issue(
            actor, issue, until=timezone.now() + timedelta(hours=1), events=5, undo_token=token
        ),
        lambda actor, issue, token: set_priority(actor, issue, "low", undo_token=token),
        lambda actor, issue, token: assign_issue(actor, issue, make_user("bob", role=Role.VIEWER), undo_token=token),
    ],
)
def test_every_change_of_the_row_is_taken_back_whole(act: Any) -> None:
    issue, ann, token = make_issue(), person(), uuid4()
    before = Issue.objects.values().get()
    act(ann, issue, token)
    assert Issue.objects.values().get() != before
    digest(make_event())  # counters go on meanwhile
    assert undo_change(ann, token).issue_ids == [issue.pk]
    after = Issue.objects.values().get()
    assert {name for name in before if before[name] != after[name]} == {"event_count"}
    assert told(issue)[0][1].startswith("Taken back: ")
    with pytest.raises(Unknown):
        undo_change(ann, token)


def test_undo_brings_back_the_conditions_that_were_there_before() -> None:
    issue, ann, token = make_issue(), person(), uuid4()
    ignore_issue(ann, issue, events=10)
    resolve_issue(ann, issue, undo_token=token)
    undo_change(ann, token)
    assert (only_issue().state, only_issue().ignored_until_events) == ("ignored", 11)


def test_undo_leaves_what_others_have_changed_since() -> None:
    issue, ann, bob, token = make_issue(), person("ann"), person("bob"), uuid4()
    resolve_issue(ann, issue, undo_token=token)
    reopen_issue(bob, issue)
    ignore_issue(bob, issue)
    set_priority(bob, issue, "low")
    with pytest.raises(Conflict) as refused:
        undo_change(ann, token)
    assert "has been changed since" in refused.value.detail
    assert (only_issue().state, only_issue().priority) == ("ignored", "low")


def test_undo_of_one_thing_keeps_another_that_was_changed_since() -> None:
    issue, ann, bob, token = make_issue(), person("ann"), person("bob"), uuid4()
    resolve_issue(ann, issue, undo_token=token)
    set_priority(bob, issue, "low")
    undo_change(ann, token)
    assert (only_issue().state, only_issue().priority) == ("unresolved", "low")


def test_a_regression_since_is_not_overwritten() -> None:
    issue, ann, token = make_issue(), person(), uuid4()
    resolve_issue(ann, issue, undo_token=token)
    digest(make_event(), received_at=timezone.now() + timedelta(seconds=1))
    with pytest.raises(Conflict):
        undo_change(ann, token)
    assert only_issue().is_regressed


def test_only_who_did_it_takes_it_back_and_only_for_a_while() -> None:
    issue, ann, bob, token = make_issue(), person("ann"), person("bob"), uuid4()
    resolve_issue(ann, issue, undo_token=token)
    with pytest.raises(NotAllowed):
        undo_change(bob, token)
    with pytest.raises(Conflict):
        undo_change(ann, token, now=timezone.now() + timedelta(minutes=3))
    assert only_issue().state == "resolved"


def test_one_undo_takes_back_what_one_click_did_to_many() -> None:
    digest(*(make_event(make_exception(name)) for name in ("A", "B", "C")))
    ann, bob, token = person("ann"), person("bob"), uuid4()
    issues = list(Issue.objects.order_by("pk"))
    for issue in issues:
        resolve_issue(ann, issue, undo_token=token)
    reopen_issue(bob, issues[1])
    undone = undo_change(ann, token)
    assert set(undone.issue_ids) == {issues[0].pk, issues[2].pk}
    assert list(undone.kept) == [issues[1].pk]
    assert set(Issue.objects.values_list("state", flat=True)) == {"unresolved"}


def test_undo_of_unmerging_merges_again() -> None:
    digest(make_event(make_exception("A")), make_event(make_exception("B")))
    one, other = Issue.objects.order_by("pk")
    ann, token = person(), uuid4()
    merge_issue(ann, other, into=one)
    unmerge_issue(ann, other, undo_token=token)
    undo_change(ann, token)
    assert [each.pk for each in members_of(Issue.objects.get(pk=one.pk))] == [other.pk]
    assert Issue.objects.get(pk=one.pk).event_count == 2


def test_whoever_was_told_that_the_alert_ended_is_told_that_it_did_not() -> None:
    issue, ann, token = make_issue(), person(), uuid4()
    judge_occurrences(NOW)
    first = Alert.objects.get()
    resolve_issue(ann, issue, undo_token=token)
    undo_change(ann, token)
    judge_occurrences(timezone.now())
    again = Alert.objects.exclude(pk=first.pk).get()
    assert (again.state, again.dedup_key) == (AlertState.FIRING, first.dedup_key)
    assert first_alert(issue) == first


def test_the_log_tells_a_regression_and_a_wake() -> None:
    issue = make_issue()
    resolve_issue(SYSTEM, issue)
    digest(make_event(release="oms@4.13.0"), received_at=timezone.now() + timedelta(seconds=1))
    ignore_issue(SYSTEM, issue, events=1)
    digest(make_event())
    assert told(issue) == [
        ("TradeWatch", "Open again: was ignored until 3 events"),
        ("TradeWatch", "Ignored until 1 more event"),
        ("TradeWatch", "Came back in oms@4.13.0"),
        ("TradeWatch", "Resolved"),
    ]


# --- insights ------------------------------------------------------------------------------------------


def test_similar_issues_are_of_the_same_type_and_say_why() -> None:
    frame = {"function": "other", "module": "app.other", "in_app": True, "context_line": "x"}
    digest(
        make_event(make_exception(value="limit breached for desk 7")),
        make_event(make_exception(value="limit breached for desk 9", frames=[make_frame(), frame])),
        make_event(make_exception("Other", "limit breached for desk 7")),
        make_event(make_exception(value="nothing in common", frames=[{**frame, "function": "far"}])),
    )
    issue = Issue.objects.get(number=1)
    (similar,) = similar_issues(issue)
    assert (similar.issue.number, similar.likeness.why) == (2, "same type, same message, frames 50% alike")
    merge_issue(SYSTEM, similar.issue, into=issue)
    assert similar_issues(issue) == []


def test_the_share_of_users_or_why_it_is_unknown() -> None:
    now = NOW + timedelta(hours=1)
    digest(
        *(make_event(user={"id": n}) for n in range(3)),
        *(make_event(make_exception("B"), user={"id": n}) for n in range(12)),
    )
    issue = Issue.objects.get(number=1)
    share = user_share(issue, now=now)
    assert (share.users, share.ratio) == (3, pytest.approx(0.25, abs=0.05))
    assert user_share(issue, now=now + timedelta(days=40)).unknown == "the issue is older than 30 days"
    digest(make_event(make_exception("C")))
    assert user_share(Issue.objects.get(number=3), now=now).unknown == "its events name no users"


def test_the_likely_release_is_read_from_tags() -> None:
    for number in range(3):
        digest(
            make_event(make_exception("Old"), release=f"oms@4.{number}.0"), received_at=NOW + timedelta(hours=number)
        )
    digest(make_event(make_exception("New"), release="oms@4.2.0"), received_at=NOW + timedelta(hours=3))
    assert likely_release(Issue.objects.get(exception_type="Old")) is None
    found = likely_release(Issue.objects.get(exception_type="New"))
    assert found is not None
    assert found.why == "first appeared in oms@4.2.0; the 2 releases before had none"


def test_the_newest_event_may_be_a_member_s() -> None:
    digest(
        make_event(make_exception("A"), timestamp=(NOW - timedelta(seconds=5)).timestamp()),
        make_event(make_exception("B")),
    )
    one, other = Issue.objects.order_by("pk")
    target = merge_issue(SYSTEM, other, into=one)
    newest = newest_event(target)
    assert newest is not None and newest.issue_id == other.pk
    assert newest_event(Issue(pk=0)) is None
    assert not Activity.objects.exclude(issue__in=(one, other)).exists()
    assert make_project() == target.project
