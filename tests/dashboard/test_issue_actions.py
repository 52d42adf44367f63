"""What the buttons of an issue's page do, over HTTP, with and without script, and who may."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.dashboard.builders import make_event, make_issue
from tests.projects.builders import make_project, make_user
from tradewatch.errors.models import Activity, Bookmark, Issue
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa(client: Client) -> Client:
    client.force_login(make_user("rosa", role=Role.RESPONDER))
    return client


def do(client: Client, issue: Issue, action: str, **fields: Any) -> dict[str, Any]:
    """Press the button as the script does; return the answer."""
    path = f"/dashboard/actions/issues/{issue.pk}/{action}"
    answer = client.post(path, fields, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.content
    issue.refresh_from_db()
    return answer.json()


def test_it_is_resolved_in_the_next_release_and_taken_back(rosa: Client) -> None:
    issue = make_issue()
    answer = do(rosa, issue, "resolve", in_release="next")
    assert (issue.state, issue.resolves_in_next_release) == ("resolved", True)
    assert answer["text"].startswith("Resolved: ")
    assert rosa.post(answer["undo"], headers={"Accept": "application/json"}).json()["failed"] is False
    issue.refresh_from_db()
    assert issue.state == "unresolved"
    assert rosa.post(answer["undo"], headers={"Accept": "application/json"}).json()["failed"] is True


def test_the_toast_of_a_page_without_script_has_the_undo(rosa: Client) -> None:
    issue = make_issue()
    rosa.post(f"/dashboard/actions/issues/{issue.pk}/resolve")
    page = rosa.get(f"/issues/{issue.pk}").content.decode()
    [undo] = re.findall(r'action="(/dashboard/actions/undo/[0-9a-f-]{36})"', page)
    rosa.post(undo)
    issue.refresh_from_db()
    assert issue.state == "unresolved"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"for": "1h"}, "ignored_until"),
        ({"until": "2099-01-01T10:00"}, "ignored_until"),
        ({"events": "100"}, "ignored_until_events"),
        ({"users": "10"}, "ignored_until_users"),
    ],
)
def test_it_is_ignored_until_a_time_or_a_count(rosa: Client, fields: dict[str, str], name: str) -> None:
    issue = make_issue()
    do(rosa, issue, "ignore", **fields)
    assert issue.state == "ignored"
    assert getattr(issue, name)
    assert "Ignored until" in re.sub(r"<[^>]+>", "", rosa.get(f"/issues/{issue.pk}").content.decode())


@pytest.mark.parametrize(
    ("action", "fields", "said"),
    [
        ("ignore", {"for": "1y"}, "for: expected one of 1h, 24h, 7d, 30d"),
        ("ignore", {"until": "soon"}, "until: expected a date and time"),
        ("ignore", {"until": "2026-99-99T10:00"}, "until: expected a date and time"),
        ("ignore", {"until": "1999-01-01T10:00"}, "until: expected a time to come"),
        ("ignore", {"events": "-1"}, "events: expected a whole number"),
        ("ignore", {"events": "９"}, "events: expected a whole number"),
        ("resolve", {"in_release": "9.9"}, "in_release: no event has named 9.9"),
        ("assign", {}, "assignee: expected a name"),
        ("assign", {"assignee": "nobody-i-know"}, "assignee: nobody is called"),
        ("assign", {"assignee": "team:none"}, "assignee: nobody is called"),
        ("priority", {"priority": "urgent"}, "priority: expected one of"),
        ("note", {"text": "  "}, "text: expected 1 to 10,000 characters"),
        ("merge", {"other": "999999"}, "other: is no issue that you can see"),
        ("merge", {"other": "x"}, "other: expected a whole number"),
        ("delete-note", {"note": "1"}, "note: is gone"),
    ],
)
def test_nonsense_is_refused_with_its_field(rosa: Client, action: str, fields: dict[str, str], said: str) -> None:
    issue = make_issue()
    answer = do(rosa, issue, action, **fields)
    assert answer["failed"] is True
    assert said in answer["text"]
    assert issue.state == "unresolved"


def test_it_is_assigned_to_me_to_others_to_teams_and_to_nobody(rosa: Client) -> None:
    issue = make_issue()
    ann = make_user("ann", role=Role.VIEWER)
    risk = Team.objects.create(name="Risk", slug="risk")
    risk.members.add(ann)
    page = rosa.get(f"/issues/{issue.pk}").content.decode()
    assert 'value="ann"' in page and 'value="team:risk"' in page
    do(rosa, issue, "assign", assignee="me")
    assert issue.assignee and issue.assignee.username == "rosa"
    do(rosa, issue, "assign", assignee="ann")
    assert issue.assignee and issue.assignee.username == "ann"
    do(rosa, issue, "assign", assignee="team:risk")
    assert (issue.assignee, issue.assigned_team) == (None, risk)
    do(rosa, issue, "assign", assignee="none")
    assert (issue.assignee, issue.assigned_team) == (None, None)


def test_people_of_other_projects_are_not_offered(rosa: Client) -> None:
    make_user("otto", role=Role.MANAGER, project=make_project("other"))
    assert "otto" not in rosa.get(f"/issues/{make_issue().pk}").content.decode()


def test_priority_bookmark_and_notes(rosa: Client) -> None:
    issue = make_issue()
    do(rosa, issue, "priority", priority="high")
    assert issue.priority == "high"
    assert "High priority" in rosa.get(f"/issues/{issue.pk}").content.decode()
    do(rosa, issue, "priority", priority="")
    assert issue.priority_by == ""
    do(rosa, issue, "bookmark")
    assert Bookmark.objects.filter(issue=issue, user__username="rosa").exists()
    do(rosa, issue, "unbookmark")
    assert not Bookmark.objects.filter(issue=issue).exists()
    do(rosa, issue, "note", text="<b>found it</b>")
    note = Activity.objects.get(issue=issue, kind="note")
    page = rosa.get(f"/issues/{issue.pk}?tab=activity").content.decode()
    assert "&lt;b&gt;found it&lt;/b&gt;" in page
    do(rosa, issue, "edit-note", note=note.pk, text="found it")
    do(rosa, issue, "delete-note", note=note.pk)
    assert not Activity.objects.filter(pk=note.pk).exists()


def test_a_note_of_another_has_no_buttons_and_is_not_theirs_to_change(rosa: Client, client: Client) -> None:
    issue = make_issue()
    do(rosa, issue, "note", text="mine")
    note = Activity.objects.get(issue=issue, kind="note")
    client.force_login(make_user("rolf", role=Role.RESPONDER))
    assert "own-note" not in client.get(f"/issues/{issue.pk}?tab=activity").content.decode()
    assert do(client, issue, "edit-note", note=note.pk, text="x")["failed"] is True
    elsewhere = make_issue(title="Other: x")
    assert do(client, elsewhere, "delete-note", note=note.pk)["failed"] is True


def test_a_similar_issue_is_merged_its_events_are_shown_and_it_is_taken_apart(rosa: Client) -> None:
    issue, other = make_issue(), make_issue()
    event = make_event(other)
    assert "Merge into this" in rosa.get(f"/issues/{issue.pk}?tab=similar").content.decode()
    do(rosa, issue, "merge", other=other.pk)
    other.refresh_from_db()
    assert other.merged_into_id == issue.pk
    assert event.event_id.hex in rosa.get(f"/issues/{issue.pk}").content.decode()
    assert rosa.get(f"/issues/{issue.pk}/events/{event.event_id.hex}").status_code == 200
    assert event.event_id.hex in rosa.get(f"/issues/{issue.pk}?tab=events").content.decode()
    member = rosa.get(f"/issues/{other.pk}").content.decode()
    assert "Merged into" in member and "/resolve" not in member
    do(rosa, issue, "unmerge", other=other.pk)
    other.refresh_from_db()
    assert other.merged_into_id is None


def test_an_issue_of_another_project_cannot_be_merged_or_touched(rosa: Client) -> None:
    issue, foreign = make_issue(), make_issue(make_project("other"))
    assert do(rosa, issue, "merge", other=foreign.pk)["failed"] is True
    for action in ("resolve", "assign", "note", "merge", "bookmark"):
        assert rosa.post(f"/dashboard/actions/issues/{foreign.pk}/{action}").status_code == 404


def test_a_viewer_sees_no_button_and_can_do_nothing(client: Client) -> None:
    issue = make_issue()
    make_event(issue)
    client.force_login(make_user("vera", role=Role.VIEWER))
    for tab in ("", "?tab=activity", "?tab=similar"):
        page = client.get(f"/issues/{issue.pk}{tab}").content.decode()
        assert "/dashboard/actions/" not in page
    before = {name: getattr(issue, name) for name in ("state", "priority", "assignee_id")}
    for action in ("resolve", "ignore", "assign", "priority", "note", "bookmark", "merge"):
        answer = do(client, issue, action, assignee="me", priority="high", text="x", other=issue.pk)
        assert answer["failed"] is True, action
    assert {name: getattr(issue, name) for name in before} == before
    assert not Activity.objects.filter(issue=issue).exists()


def test_an_undo_is_who_did_its(rosa: Client, client: Client) -> None:
    issue = make_issue()
    undo = do(rosa, issue, "resolve")["undo"]
    client.force_login(make_user("rolf", role=Role.RESPONDER))
    assert client.post(undo, headers={"Accept": "application/json"}).json()["failed"] is True
    issue.refresh_from_db()
    assert issue.state == "resolved"
    assert client.get(undo).status_code == 405
