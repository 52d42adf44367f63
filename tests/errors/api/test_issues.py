"""/error-tracking/issues: what is found, what is changed, and who may not."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from tests.errors.builders import digest
from tests.errors.documents import NOW, make_event, make_exception
from tests.errors.independent import assert_counts_are_true
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Activity, Issue
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Team

pytestmark = pytest.mark.django_db
ISSUES = "/error-tracking/issues"


@pytest.fixture
def reader() -> dict[str, str]:
    return bearer("errors:read")


@pytest.fixture
def writer() -> dict[str, str]:
    return bearer("errors:write")


def issue_of(name: str) -> Issue:
    return Issue.objects.get(exception_type=name)


def fill() -> None:
    at = lambda minutes: (NOW - timedelta(minutes=minutes)).timestamp()  # noqa: E731
    digest(
        make_event(make_exception("Alpha"), timestamp=at(9), user={"id": 1}),
        make_event(make_exception("Beta"), timestamp=at(5), release="oms@4.1.0", environment="staging"),
        make_event(make_exception("Beta"), timestamp=at(7), level="fatal", tags={"venue": "xnys"}),
        make_event(make_exception("Gamma"), timestamp=at(1)),
    )


def post(client: Client, path: str, body: object, headers: dict[str, str]) -> Any:
    return client.post(f"{ISSUES}{path}", body, content_type="application/json", headers=headers)


def names(client: Client, headers: dict[str, str], **query: object) -> list[str]:
    answer = client.get(ISSUES, query, headers=headers)
    assert answer.status_code == 200, answer.content
    return [issue["type"] for issue in answer.json()["results"]]


# --- reading ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["Gamma", "Beta", "Alpha"]),
        ({"sort": "first_seen"}, ["Gamma", "Beta", "Alpha"]),
        ({"sort": "events"}, ["Beta", "Gamma", "Alpha"]),
        ({"state": "unresolved"}, ["Gamma", "Beta", "Alpha"]),
        ({"state": "ignored"}, []),
        ({"severity": "critical"}, ["Beta"]),
        ({"category": "risk", "environment": "staging"}, ["Beta"]),
        ({"priority": "low"}, []),
        ({"release": "oms@4.1.0"}, ["Beta"]),
        ({"query": "venue:xnys"}, ["Beta"]),
        ({"query": "is:unresolved alpha"}, ["Alpha"]),
        ({"assignee": "none"}, ["Gamma", "Beta", "Alpha"]),
        ({"bookmarked": "false"}, ["Gamma", "Beta", "Alpha"]),
        ({"bookmarked": "true"}, []),
        ({"project": "default"}, ["Gamma", "Beta", "Alpha"]),
    ],
)
def test_lists(client: Client, reader: dict[str, str], query: dict[str, object], found: list[str]) -> None:
    fill()
    assert names(client, reader, **query) == found


def test_a_list_pages_by_cursor(client: Client, reader: dict[str, str]) -> None:
    fill()
    first = client.get(ISSUES, {"limit": 2}, headers=reader).json()
    rest = client.get(ISSUES, {"limit": 2, "cursor": first["next"]}, headers=reader).json()
    assert [issue["type"] for issue in first["results"] + rest["results"]] == ["Gamma", "Beta", "Alpha"]
    assert rest["next"] is None


def test_assigned_to_me_means_my_teams_too(client: Client) -> None:
    fill()
    ann = make_user("ann", role=Role.RESPONDER)
    team = Team.objects.create(name="Risk", slug="risk")
    team.members.add(ann)
    Issue.objects.filter(exception_type="Alpha").update(assignee=ann)
    Issue.objects.filter(exception_type="Beta").update(assigned_team=team)
    client.force_login(ann)
    assert names(client, {}, assignee="me") == ["Beta", "Alpha"]
    assert names(client, {}, assignee="ann") == ["Alpha"]
    assert names(client, {}, assignee="team:risk") == ["Beta"]
    assert names(client, {}, assignee="none") == ["Gamma"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "open"}, "state"),
        ({"sort": "random"}, "sort"),
        ({"query": "is:nonsense"}, "q"),
        ({"assignee": "nobody-of-that-name"}, "assignee"),
        ({"assignee": "me"}, "assignee"),  # a token is nobody
        ({"cursor": "x"}, "cursor"),
        ({"limit": "0"}, "limit"),
    ],
)
def test_what_a_list_refuses_names_the_field(
    client: Client, reader: dict[str, str], query: dict[str, str], field: str
) -> None:
    answer = client.get(ISSUES, query, headers=reader)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_an_issue_tells_its_numbers(client: Client, reader: dict[str, str]) -> None:
    fill()
    body = client.get(f"{ISSUES}/{issue_of('Beta').pk}", headers=reader).json()
    assert (body["events"], body["users"], body["severity"], body["short_id"]) == (2, 0, "critical", "DEFAULT-2")
    assert body["priority_why"] == "critical severity, in risk"
    tags = {tag["key"]: {value["value"]: value["count"] for value in tag["values"]} for tag in body["tags"]}
    assert tags["venue"] == {"lmax": 1, "xnys": 1}
    assert {each["version"]: each["events"] for each in body["releases"]} == {"oms@4.1.0": 1, "oms@4.12.0": 1}
    assert body["user_share"]["unknown"] == "its events name no users"
    assert body["latest_event"]["environment"] == "staging"
    assert body["url"].endswith(f"/issues/{issue_of('Beta').pk}")
    assert (body["members"], body["activity"], body["assignee"], body["merged_into"]) == ([], [], None, None)


def test_events_of_an_issue_and_one_with_its_document(client: Client, reader: dict[str, str]) -> None:
    fill()
    path = f"{ISSUES}/{issue_of('Beta').pk}/events"
    events = client.get(path, headers=reader).json()["results"]
    assert [event["environment"] for event in events] == ["staging", "production"]
    assert [event["release"] for event in events] == ["oms@4.1.0", "oms@4.12.0"]
    assert len(client.get(path, {"environment": "staging"}, headers=reader).json()["results"]) == 1
    assert len(client.get(path, {"release": "oms@4.12.0"}, headers=reader).json()["results"]) == 1
    one = client.get(f"{path}/{events[0]['id']}", headers=reader).json()
    assert one["payload"]["exception"]["values"][0]["type"] == "Beta"
    other = client.get(f"{ISSUES}/{issue_of('Alpha').pk}/events/{events[0]['id']}", headers=reader)
    assert other.status_code == 404
    assert client.get(f"{path}/nonsense", headers=reader).status_code == 404


def test_similar_issues(client: Client, reader: dict[str, str]) -> None:
    digest(
        make_event(make_exception("Same", "x"), fingerprint=["a"]),
        make_event(make_exception("Same", "x"), fingerprint=["b"]),
    )
    one, other = Issue.objects.order_by("pk")
    (found,) = client.get(f"{ISSUES}/{one.pk}/similar", headers=reader).json()["results"]
    assert (found["issue"]["id"], found["score"]) == (other.pk, 1.0)
    assert found["why"] == "same type, same message, same culprit, same frames"


# --- changing ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "body", "changed"),
    [
        ("resolve", {}, {"state": "resolved", "resolved_in_release": None}),
        ("resolve", {"in_release": "oms@4.12.0"}, {"resolved_in_release": "oms@4.12.0"}),
        ("resolve", {"in_release": "current"}, {"resolved_in_release": "oms@4.12.0"}),
        ("resolve", {"in_release": "next"}, {"resolves_in_next_release": True}),
        ("ignore", {}, {"state": "ignored", "ignored_until": None}),
        ("ignore", {"events": 5, "users": 2}, {"ignored_until_events": 6, "ignored_until_users": 3}),
        ("ignore", {"until": "2099-01-01T00:00:00Z"}, {"ignored_until": "2099-01-01T00:00:00Z"}),
        ("priority", {"priority": "low"}, {"priority": "low", "priority_by": "ci"}),
        ("assign", {"assignee": "bob"}, {"assignee": {"kind": "user", "id": 0, "name": "bob"}}),
        ("assign", {"assignee": "team:risk"}, {"assignee": {"kind": "team", "id": 0, "name": "Risk"}}),
    ],
)
def test_a_change_is_answered_seen_through_another_door_and_taken_back(
    client: Client, writer: dict[str, str], action: str, body: dict[str, Any], changed: dict[str, Any]
) -> None:
    fill()
    bob = make_user("bob", role=Role.VIEWER)
    team = Team.objects.create(name="Risk", slug="risk")
    team.members.add(bob)
    path = f"/{issue_of('Alpha').pk}"
    before = client.get(ISSUES + path, headers=writer).json()
    answer = post(client, f"{path}/{action}", body, writer)
    assert answer.status_code == 200, answer.content
    if "assignee" in changed:
        changed["assignee"]["id"] = bob.pk if changed["assignee"]["kind"] == "user" else team.pk
    seen = client.get(ISSUES + path, headers=writer).json()
    for name, value in changed.items():
        assert answer.json()[name] == seen[name] == value
    undo = {"undo": answer.json()["undo"]}
    taken = client.post("/error-tracking/undo", undo, content_type="application/json", headers=writer)
    assert taken.json() == {"taken_back": [issue_of("Alpha").pk], "kept": {}}
    after = client.get(ISSUES + path, headers=writer).json()
    moves_with_time = {"user_share"}
    assert {name for name in before if before[name] != after[name]} - moves_with_time == {"activity"}
    again = client.post("/error-tracking/undo", undo, content_type="application/json", headers=writer)
    assert again.status_code == 404


def test_a_state_that_is_there_already_is_answered_without_undo(client: Client, writer: dict[str, str]) -> None:
    fill()
    path = f"/{issue_of('Alpha').pk}"
    assert post(client, f"{path}/reopen", {}, writer).json()["undo"] is None
    post(client, f"{path}/resolve", {}, writer)
    assert post(client, f"{path}/resolve", {}, writer).json()["undo"] is None
    assert post(client, f"{path}/reopen", {}, writer).json()["state"] == "unresolved"


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("resolve", {"in_release": "oms@9"}, "in_release"),
        ("ignore", {"events": 0}, "events"),
        ("ignore", {"users": "many"}, "users"),
        ("ignore", {"until": "2001-01-01T00:00:00Z"}, "until"),
        ("ignore", {"events": 10**12}, "events"),
        ("assign", {}, "assignee"),
        ("assign", {"assignee": "eve"}, "assignee"),
        ("assign", {"assignee": "team:none"}, "assignee"),
        ("priority", {"priority": "urgent"}, "priority"),
        ("bookmark", {}, "issue"),  # a token has none
        ("merge", {"issues": []}, "issues"),
        ("notes", {"text": ""}, "text"),
    ],
)
def test_what_is_refused_names_the_field(
    client: Client, writer: dict[str, str], action: str, body: dict[str, Any], field: str
) -> None:
    fill()
    make_user("eve", role=None)
    answer = post(client, f"/{issue_of('Alpha').pk}/{action}", body, writer)
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Activity.objects.exists()


def test_merge_and_unmerge(client: Client, writer: dict[str, str]) -> None:
    fill()
    alpha, beta, gamma = (issue_of(name) for name in ("Alpha", "Beta", "Gamma"))
    merged = post(client, f"/{alpha.pk}/merge", {"issues": [beta.pk, gamma.pk]}, writer).json()
    assert (merged["id"], merged["events"], merged["has_members"]) == (alpha.pk, 4, True)
    assert names(client, writer) == ["Alpha"]
    seen = client.get(f"{ISSUES}/{alpha.pk}", headers=writer).json()
    assert [member["id"] for member in seen["members"]] == [beta.pk, gamma.pk]
    assert len(client.get(f"{ISSUES}/{alpha.pk}/events", headers=writer).json()["results"]) == 4
    member = client.get(f"{ISSUES}/{beta.pk}", headers=writer).json()
    assert member["merged_into"] == alpha.pk
    assert post(client, f"/{beta.pk}/resolve", {}, writer).status_code == 409
    assert post(client, f"/{gamma.pk}/merge", {"issues": [alpha.pk]}, writer).status_code == 409
    assert post(client, f"/{alpha.pk}/unmerge", {}, writer).status_code == 409
    assert post(client, f"/{beta.pk}/unmerge", {}, writer).json()["merged_into"] is None
    assert_counts_are_true()
    undo = {"undo": merged["undo"]}
    answer = client.post("/error-tracking/undo", undo, content_type="application/json", headers=writer).json()
    assert answer["taken_back"] == [alpha.pk]
    assert list(answer["kept"].values()) == ["#2 has been unmerged since"]
    assert not Issue.objects.exclude(merged_into=None).exists()


def test_issues_of_two_projects_are_not_merged(client: Client, writer: dict[str, str]) -> None:
    fill()
    digest(make_event(make_exception("Theirs")), project=make_project("other"))
    body = {"issues": [issue_of("Theirs").pk]}
    assert post(client, f"/{issue_of('Alpha').pk}/merge", body, writer).status_code == 400
    bound = bearer("errors:write", projects=[make_project()])
    assert post(client, f"/{issue_of('Alpha').pk}/merge", body, bound).status_code == 404


def test_notes_and_activity(client: Client, writer: dict[str, str]) -> None:
    fill()
    path = f"/{issue_of('Alpha').pk}"
    note = post(client, f"{path}/notes", {"text": "see #7"}, writer)
    assert note.status_code == 201
    own = f"{ISSUES}{path}/notes/{note.json()['id']}"
    edited = client.patch(own, {"text": "see #8"}, content_type="application/json", headers=writer)
    assert (edited.json()["text"], edited.json()["actor"]) == ("see #8", "ci")
    other = client.delete(own, headers=bearer("errors:write"))
    assert other.status_code == 403
    post(client, f"{path}/resolve", {}, writer)
    activity = client.get(f"{ISSUES}{path}/activity", headers=writer).json()["results"]
    assert [(each["kind"], each["text"]) for each in activity] == [("resolved", "Resolved"), ("note", "see #8")]
    assert [each["text"] for each in client.get(f"{ISSUES}{path}/notes", headers=writer).json()["results"]] == [
        "see #8"
    ]
    assert client.delete(own, headers=writer).status_code == 204
    assert client.delete(own, headers=writer).status_code == 404


def test_bookmarks_are_a_person_s(client: Client) -> None:
    fill()
    client.force_login(make_user("ann", role=Role.RESPONDER))
    path = f"/{issue_of('Alpha').pk}/bookmark"
    assert post(client, path, {}, {}).json()["is_bookmarked"] is True
    assert names(client, {}, bookmarked="true") == ["Alpha"]
    assert post(client, path, {"bookmarked": False}, {}).json()["is_bookmarked"] is False


def test_the_same_key_does_it_once(client: Client, writer: dict[str, str]) -> None:
    fill()
    headers = {**writer, "Idempotency-Key": "k1"}
    path = f"/{issue_of('Alpha').pk}/notes"
    first, again = (post(client, path, {"text": "once"}, headers) for _ in range(2))
    assert first.json() == again.json()
    assert Activity.objects.count() == 1
    assert post(client, path, {"text": "other"}, headers).status_code == 409


# --- many at once ------------------------------------------------------------------------------------------


def test_bulk_says_what_changed_what_was_so_and_what_was_refused(client: Client, writer: dict[str, str]) -> None:
    fill()
    alpha, beta, gamma = (issue_of(name) for name in ("Alpha", "Beta", "Gamma"))
    post(client, f"/{beta.pk}/resolve", {}, writer)
    digest(make_event(make_exception("Delta")))
    post(client, f"/{alpha.pk}/merge", {"issues": [issue_of("Delta").pk]}, writer)
    body = {"issues": [alpha.pk, beta.pk, gamma.pk, issue_of("Delta").pk, 999_999], "action": "resolve"}
    answer = post(client, "/bulk", body, writer).json()
    assert (answer["changed"], answer["unchanged"]) == ([alpha.pk, gamma.pk], [beta.pk])
    assert answer["refused"] == {
        "999999": "no such issue",
        str(issue_of("Delta").pk): "it is merged into #1: change that one, or unmerge it first",
    }
    undo = {"undo": answer["undo"]}
    taken = client.post("/error-tracking/undo", undo, content_type="application/json", headers=writer).json()
    assert sorted(taken["taken_back"]) == [alpha.pk, gamma.pk]
    assert issue_of("Beta").state == "resolved"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "resolve", "in_release": "oms@9"}, 400),
        ({"action": "assign"}, 400),
        ({"action": "priority"}, 400),
        ({"action": "delete"}, 400),
        ({"action": "resolve", "issues": []}, 400),
        ({"action": "resolve", "issues": list(range(1, 502))}, 400),
        ({"action": "resolve", "issues": [999_999]}, 404),
        ({"action": "ignore", "events": 3}, 200),
        ({"action": "priority", "priority": None}, 200),
        ({"action": "assign", "assignee": None}, 200),
    ],
)
def test_bulk_requests(client: Client, writer: dict[str, str], body: dict[str, Any], status: int) -> None:
    fill()
    assert post(client, "/bulk", {"issues": [issue_of("Alpha").pk], **body}, writer).status_code == status


# --- who may not ------------------------------------------------------------------------------------------

WRITES = [
    ("post", "/{id}/resolve", {}),
    ("post", "/{id}/ignore", {}),
    ("post", "/{id}/reopen", {}),
    ("post", "/{id}/assign", {"assignee": None}),
    ("post", "/{id}/priority", {"priority": "low"}),
    ("post", "/{id}/bookmark", {}),
    ("post", "/{id}/merge", {"issues": ["{other}"]}),
    ("post", "/{merged}/unmerge", {}),
    ("post", "/{id}/notes", {"text": "x"}),
    ("patch", "/{id}/notes/{note}", {"text": "y"}),
    ("delete", "/{id}/notes/{note}", {}),
    ("post", "/bulk", {"issues": ["{id}"], "action": "resolve"}),
]
READS = ["/{id}", "/{id}/events", "/{id}/events/{event}", "/{id}/activity", "/{id}/notes", "/{id}/similar"]


@pytest.fixture
def places(client: Client, writer: dict[str, str]) -> dict[str, object]:
    fill()
    digest(make_event(make_exception("Delta")))
    alpha, delta = issue_of("Alpha"), issue_of("Delta")
    post(client, f"/{issue_of('Gamma').pk}/merge", {"issues": [delta.pk]}, writer)
    note = post(client, f"/{alpha.pk}/notes", {"text": "x"}, writer).json()["id"]
    event = alpha.events.get().event_id.hex
    return {"id": alpha.pk, "other": issue_of("Beta").pk, "merged": delta.pk, "note": note, "event": event}


def ask(client: Client, method: str, path: str, body: dict[str, Any], places: dict[str, object], **headers: str) -> int:
    filled = {
        name: [int(str(each).format(**places)) for each in value] if isinstance(value, list) else value
        for name, value in body.items()
    }
    url = ISSUES + path.format(**places)
    answer = getattr(client, method)(url, filled, content_type="application/json", headers=headers)
    return int(answer.status_code)


@pytest.mark.parametrize(("method", "path", "body"), WRITES)
def test_only_responders_of_the_project_write(
    client: Client, places: dict[str, object], method: str, path: str, body: dict[str, Any]
) -> None:
    before, trail = list(Issue.objects.order_by("pk").values()), AuditEntry.objects.count()
    log = list(Activity.objects.values())
    assert ask(client, method, path, body, places) == 401
    assert ask(client, method, path, body, places, **bearer("errors:read")) == 403
    assert ask(client, method, path, body, places, **bearer("alerts:write")) == 403
    other = bearer("errors:write", projects=[make_project("other")])
    assert ask(client, method, path, body, places, **other) == 404
    client.force_login(make_user("vic", role=Role.VIEWER))
    assert ask(client, method, path, body, places) == 403
    client.force_login(make_user("eve", role=Role.MANAGER, project=make_project("other")))
    assert ask(client, method, path, body, places) == 404
    assert list(Issue.objects.order_by("pk").values()) == before
    assert list(Activity.objects.values()) == log
    assert AuditEntry.objects.count() == trail


@pytest.mark.parametrize("path", ["", *READS])
def test_only_those_of_the_project_read(client: Client, places: dict[str, object], path: str) -> None:
    url = ISSUES + path.format(**places)
    assert client.get(url).status_code == 401
    assert client.get(url, headers=bearer("alerts:read")).status_code == 403
    other = client.get(url, headers=bearer("errors:read", projects=[make_project("other")]))
    assert other.status_code == 404 if path else other.json()["results"] == []
    client.force_login(make_user("vic", role=Role.VIEWER))
    assert client.get(url).status_code == 200
    assert client.get(url + "/").status_code == 200


@pytest.mark.parametrize("path", ["/999999", "/99999999999999999999999", "/999999/events", "/999999/activity"])
def test_unknown_is_404(client: Client, reader: dict[str, str], path: str) -> None:
    assert client.get(ISSUES + path, headers=reader).status_code == 404


def test_undo_is_for_who_did_it(client: Client, writer: dict[str, str]) -> None:
    fill()
    undo = {"undo": post(client, f"/{issue_of('Alpha').pk}/resolve", {}, writer).json()["undo"]}

    def send(body: dict[str, str], headers: dict[str, str]) -> int:
        answer = client.post("/error-tracking/undo", body, content_type="application/json", headers=headers)
        return answer.status_code

    assert send(undo, {}) == 401
    assert send(undo, bearer("errors:read")) == 403
    assert send(undo, bearer("errors:write")) == 403
    assert send({"undo": "x"}, writer) == 400
    assert send({"undo": str(uuid4())}, writer) == 404
    Activity.objects.update(at=timezone.now() - timedelta(minutes=5))
    assert send(undo, writer) == 409
