"""`/debug/session/{id}` and `/debug/sessions`."""

from typing import Any

import pytest
from django.test import Client

from debugging.choices import StepKey
from debugging.models import DebugSession, ErrorContext
from tests.debugging.builders import CAPTURE, make_session, store_event
from tests.errors.builders import digest
from tests.errors.documents import make_event
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(client: Client) -> Any:
    headers = bearer("debug:write")

    def call(method: str, path: str, body: Any = None) -> Any:
        return getattr(client, method)(path, body or {}, content_type="application/json", headers=headers)

    return call


def test_a_session_on_an_event_has_its_context_and_every_step(api: Any) -> None:
    event = store_event(request={"method": "POST", "url": "/orders", "data": {"symbol": "ACME"}})
    answer = api("post", f"/debug/session/{event.event_id}", {"title": "Orders fail"})
    assert answer.status_code == 201
    told = answer.json()
    assert (told["error_id"], told["title"], told["state"]) == (event.event_id.hex, "Orders fail", "open")
    assert told["issue"]["id"] == event.issue_id
    assert [step["key"] for step in told["steps"]] == StepKey.values
    assert all(step["summary"] and step["state"] == "todo" for step in told["steps"])
    session = api("get", f"/debug/session/{told['session_id']}").json()
    assert session["context"]["request"]["values"]["body"] == {"symbol": "ACME"}
    frame = session["context"]["errors"]["values"]["errors"][0]["frames"][0]
    assert (frame["function"], frame["in_app"]) == ("check", True)
    for name in ("trace", "logs", "host", "deployment", "alerts"):
        assert session["context"][name]["values"] == {} and session["context"][name]["why"]
    assert [entry["kind"] for entry in session["audit"]] == ["opened"]


def test_a_session_on_a_capture(api: Any) -> None:
    make_project()
    error_id = api("post", "/debug/capture", CAPTURE).json()["error_id"]
    told = api("post", f"/debug/session/{error_id}").json()
    assert (told["error_id"], told["issue"]) == (error_id, None)
    assert {step["finding"] for step in told["steps"] if step["key"] in ("new_in_release", "shared")} == {"unknown"}
    assert ErrorContext.objects.get().debug_sessions.count() == 1


def test_one_that_is_open_on_the_error_is_the_same_session(api: Any) -> None:
    event = store_event()
    first = api("post", f"/debug/session/{event.event_id.hex}")
    second = api("post", f"/debug/session/{event.event_id.hex}")
    assert (first.status_code, second.status_code) == (201, 200)
    session_id = first.json()["session_id"]
    assert second.json()["session_id"] == session_id
    assert api("patch", f"/debug/session/{session_id}", {"state": "closed"}).status_code == 200
    third = api("post", f"/debug/session/{event.event_id.hex}")
    assert third.status_code == 201 and third.json()["session_id"] != session_id
    answer = api("patch", f"/debug/session/{session_id}", {"state": "open"})
    assert answer.status_code == 409 and "another" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["0" * 32, "12", "nonsense"])
def test_an_unknown_error_or_session_is_404(api: Any, key: str) -> None:
    make_project()
    assert api("post", f"/debug/session/{key}").status_code == 404
    assert api("get", f"/debug/session/{key}").status_code == 404
    assert api("patch", f"/debug/session/{key}", {"title": "x"}).status_code == 404


def test_an_id_that_two_projects_have_must_name_one(api: Any) -> None:
    event = store_event()
    digest(make_event(event_id=event.event_id.hex), project=make_project("other"))
    assert api("post", f"/debug/session/{event.event_id.hex}").status_code == 409
    told = api("post", f"/debug/session/{event.event_id.hex}?project=other")
    assert (told.status_code, told.json()["project"]) == (201, "other")


def test_a_session_from_step_to_conclusion(api: Any) -> None:
    make_user("mara", role=Role.RESPONDER)
    path = f"/debug/session/{make_session().pk}"
    step = api("patch", f"{path}/steps/shared", {"state": "done", "note": "all of one tier"}).json()
    assert (step["state"], step["note"], step["by"]) == ("done", "all of one tier", "ci")
    assert api("patch", f"{path}/steps/none", {"state": "done"}).status_code == 404
    assert api("patch", f"{path}/steps/shared", {"state": "lost"}).json()["errors"]["state"]
    assert api("patch", path, {"owner": "mara"}).json()["owner"] == "mara"
    assert api("patch", path, {"state": "resolved"}).json()["errors"] == {
        "conclusion": ["say what the cause was, or close it without a finding"]
    }
    ended = api("patch", path, {"conclusion": "No rate for the tier.", "state": "resolved"}).json()
    assert (ended["state"], ended["conclusion"], ended["concluded_by"]) == ("resolved", "No rate for the tier.", "ci")
    assert api("patch", path, {"state": "resolved"}).status_code == 200
    assert api("patch", path, {"state": "closed"}).status_code == 409
    assert api("patch", f"{path}/steps/shared", {"state": "todo"}).status_code == 409
    assert api("post", f"{path}/notes", {"text": "late"}).status_code == 409
    assert api("post", f"{path}/look").status_code == 409
    assert api("patch", path, {"state": "open", "title": "Again"}).json()["title"] == "Again"
    assert api("post", f"{path}/notes", {"text": "seen again"}).status_code == 201
    kinds = [entry["kind"] for entry in api("get", path).json()["audit"]]
    assert kinds == ["note", "title", "state", "state", "conclusion", "owner", "step", "opened"]
    audited = AuditEntry.objects.filter(object_type="debugging.debugsession").order_by("-id")
    assert [each.action.removeprefix("debug_session.") for each in audited] == kinds


def test_a_change_is_all_or_nothing(api: Any) -> None:
    session = make_session()
    answer = api("patch", f"/debug/session/{session.pk}", {"title": "Other", "owner": "nobody-such"})
    assert answer.status_code == 400 and list(answer.json()["errors"]) == ["owner"]
    session.refresh_from_db()
    assert session.title != "Other"


def test_only_a_responder_can_own_one(api: Any) -> None:
    make_user("vera", role=Role.VIEWER)
    answer = api("patch", f"/debug/session/{make_session().pk}", {"owner": "vera"})
    assert answer.json()["errors"] == {"owner": ["vera is no responder of this project"]}


def test_a_viewer_reads_and_changes_nothing(client: Client) -> None:
    session = make_session()
    client.force_login(make_user("vera", role=Role.VIEWER))
    path = f"/debug/session/{session.pk}"
    assert client.get(path).status_code == 200 and client.get("/debug/sessions").status_code == 200
    for method, where, body in (
        ("patch", path, {"title": "x"}),
        ("patch", f"{path}/steps/shared", {"state": "done"}),
        ("post", f"{path}/notes", {"text": "x"}),
        ("post", f"{path}/look", {}),
        ("post", f"/debug/session/{store_event().event_id.hex}", {}),
    ):
        assert getattr(client, method)(where, body, content_type="application/json").status_code == 403, where
    assert DebugSession.objects.count() == 1


def test_other_projects_are_not_there(client: Client) -> None:
    session = make_session()
    headers = bearer("debug:write", projects=[make_project("other")])
    assert client.get(f"/debug/session/{session.pk}", headers=headers).status_code == 404
    assert client.get("/debug/sessions", headers=headers).json()["results"] == []
    path = f"/debug/session/{session.event.event_id.hex}"  # type: ignore[union-attr]
    assert client.post(path, {}, content_type="application/json", headers=headers).status_code == 404


def test_the_list_is_narrowed_and_paged(client: Client, api: Any) -> None:
    user = make_user("mara", role=Role.RESPONDER)
    mine = make_session(store_event())
    api("patch", f"/debug/session/{mine.pk}", {"owner": "mara"})
    closed = make_session(store_event(environment="staging"))
    api("patch", f"/debug/session/{closed.pk}", {"state": "closed"})
    headers = bearer("debug:read")

    def found(query: str) -> list[int]:
        told = client.get(f"/debug/sessions?{query}", headers=headers)
        assert told.status_code == 200
        return [row["session_id"] for row in told.json()["results"]]

    assert user and found("") == [closed.pk, mine.pk]
    assert found("state=open") == [mine.pk] and found("state=closed") == [closed.pk]
    assert found("owner=mara") == [mine.pk] and found("owner=none") == [closed.pk]
    assert found("environment=staging") == [closed.pk]
    assert found(f"issue={mine.issue_id}") == [closed.pk, mine.pk] and found("issue=999999") == []
    page = client.get("/debug/sessions?limit=1", headers=headers).json()
    assert found(f"limit=1&cursor={page['next']}") == [mine.pk]
    assert client.get("/debug/sessions?state=lost", headers=headers).json()["errors"]["state"]
