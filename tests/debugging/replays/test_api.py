"""`/debug/session/{id}/replay`, `/replays` and `/debug/targets`."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from debugging.choices import ReplayState, Reproduced, TargetKind
from debugging.models import DebugSession, Replay
from debugging.replays import services
from tests.debugging.builders import make_session, store_event
from tests.debugging.replays.servers import HostileServer, hostile_server
from tests.debugging.targets.builders import make_target
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
SECRET = "tok-1234567"


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing reports here: nobody waits for it."""
    monkeypatch.setattr(services, "LOOK_SECONDS", 0.0)


@pytest.fixture
def session() -> DebugSession:
    return make_session(store_event(request={"url": "http://t/ok?a=1", "method": "POST", "data": {"q": 2}}))


@pytest.fixture
def api(client: Client) -> Any:
    headers = bearer("debug:write")

    def call(method: str, path: str, body: Any = None, **more: str) -> Any:
        return getattr(client, method)(path, body or {}, content_type="application/json", headers={**headers, **more})

    return call


def test_the_answer_has_what_the_specification_names(api: Any, server: HostileServer, session: DebugSession) -> None:
    make_target(server.url, secrets={"X-Api-Key": SECRET})
    answer = api(
        "post", f"/debug/session/{session.pk}/replay", {"target": "local", "modifications": {"query": {"a": 2}}}
    )
    told = answer.json()
    assert answer.status_code == 200
    assert {"replay_id", "request", "response", "diff", "reproduced"} <= set(told)
    assert (told["state"], told["reproduced"], told["response"]["status"]) == ("answered", "pending", 201)
    assert told["request"]["url"] == f"{server.url}/ok?a=2" and told["diff"]["status"]["after"] == 201
    assert SECRET not in answer.content.decode() and server.asked[0].headers["x-api-key"] == SECRET
    one = api("get", f"/debug/session/{session.pk}/replays/{told['replay_id']}").json()
    assert one == {**told, "lacks": ["Whether the error came back: not known yet."]}
    listed = api("get", f"/debug/session/{session.pk}/replays").json()
    assert [each["replay_id"] for each in listed["results"]] == [told["replay_id"]] and listed["next"] is None
    shown = api("get", f"/debug/session/{session.pk}").json()
    assert [each["replay_id"] for each in shown["replays"]] == [told["replay_id"]]
    assert [each["kind"] for each in shown["audit"]] == ["replay", "opened"]


def test_a_dry_run_answers_what_would_be_sent(api: Any, server: HostileServer, session: DebugSession) -> None:
    make_target(server.url, secrets={"X-Api-Key": SECRET})
    answer = api("post", f"/debug/session/{session.pk}/replay", {"target": "local", "dry_run": True})
    told = answer.json()
    assert (answer.status_code, told["replay_id"], told["response"], told["reproduced"]) == (200, None, None, None)
    assert told["request"]["body"] == {"q": 2} and told["needs_second_person"] is False
    assert SECRET not in answer.content.decode() and server.asked == []


def test_without_a_name_it_goes_to_the_only_target_that_is_not_production(
    api: Any, server: HostileServer, session: DebugSession
) -> None:
    path = f"/debug/session/{session.pk}/replay"
    assert api("post", path).json()["errors"] == {"target": ["none is listed but production"]}
    make_target(server.url, name="live", kind=TargetKind.PRODUCTION)
    assert api("post", path).json()["errors"] == {"target": ["none is listed but production"]}
    make_target(server.url, name="local")
    assert api("post", path).json()["target"] == "local"
    make_target(server.url, name="staging", kind=TargetKind.STAGING)
    assert api("post", path).json()["errors"] == {"target": ["say which: local, staging"]}


@pytest.mark.parametrize(
    ("body", "status", "errors"),
    [
        ({"target": "none"}, 404, {"target": ["is not listed: local"]}),
        ({"target": "http://127.0.0.1/"}, 404, {"target": ["is not listed: local"]}),
        (
            {"target": "local", "modifications": {"patch": [{"op": "remove", "path": "/none"}]}},
            400,
            {"modifications.patch.0.path": ["there is nothing at /none"]},
        ),
        ({"target": "local", "modifications": [1]}, 400, {"modifications": ["expected an object"]}),
        (
            {"target": "local", "modifications": {"headers": {"Host": "evil"}}},
            400,
            {"modifications.headers.Host": ["is set by the connection"]},
        ),
        ({"target": "local", "dry_run": "maybe"}, 400, {"dry_run": ["Must be a valid boolean."]}),
        ({"target": ["local"]}, 400, {"target": ["Not a valid string."]}),
    ],
)
def test_a_refusal_names_the_field(
    api: Any, server: HostileServer, session: DebugSession, body: Any, status: int, errors: Any
) -> None:
    make_target(server.url)
    answer = api("post", f"/debug/session/{session.pk}/replay", body)
    assert (answer.status_code, answer.json()["errors"]) == (status, errors)
    assert server.asked == [] and not Replay.objects.exists()


def test_the_same_key_sends_it_once(api: Any, server: HostileServer, session: DebugSession) -> None:
    make_target(server.url)
    path, key = f"/debug/session/{session.pk}/replay", {"Idempotency-Key": "once"}
    first, again = (api("post", path, {"target": "local"}, **key).json() for _ in range(2))
    assert first == again and len(server.asked) == 1


def test_production_waits_and_another_person_approves(
    api: Any, server: HostileServer, session: DebugSession, client: Client
) -> None:
    make_target(server.url, name="live", kind=TargetKind.PRODUCTION)
    headers = bearer("debug:write", created_by=make_user("ann", role=Role.RESPONDER))
    asked = {"target": "live"}
    answer = client.post(f"/debug/session/{session.pk}/replay", asked, content_type="application/json", headers=headers)
    told = answer.json()
    assert (answer.status_code, told["state"], server.asked) == (202, "waiting", [])
    path = f"/debug/session/{session.pk}/replays/{told['replay_id']}"
    assert api("post", f"{path}/approve").status_code == 403  # a token is nobody
    client.force_login(make_user("bob", role=Role.RESPONDER))
    approved = client.post(f"{path}/approve", {}, content_type="application/json").json()
    assert (approved["state"], approved["approved_by"], len(server.asked)) == ("answered", "bob", 1)
    assert client.post(f"{path}/approve", {}, content_type="application/json").status_code == 409
    assert client.post(f"{path}/refuse", {}, content_type="application/json").status_code == 409


def test_a_waiting_one_is_refused_with_a_reason(api: Any, server: HostileServer, session: DebugSession) -> None:
    make_target(server.url, name="live", kind=TargetKind.PRODUCTION)
    told = api("post", f"/debug/session/{session.pk}/replay", {"target": "live"}).json()
    path = f"/debug/session/{session.pk}/replays/{told['replay_id']}/refuse"
    assert api("post", path, {"reason": "x" * 301}).status_code == 400
    refused = api("post", path, {"reason": "market is open"}).json()
    assert (refused["state"], refused["fault"]) == ("refused", "refused by ci: market is open")


def test_verifying_says_what_is_lacking_or_that_it_is(api: Any, server: HostileServer, session: DebugSession) -> None:
    make_target(server.url)
    path = f"/debug/session/{session.pk}"
    first = api("post", f"{path}/replay", {"target": "local"}).json()["replay_id"]
    second = api("post", f"{path}/replay", {"target": "local"}).json()["replay_id"]
    answer = api("post", f"{path}/replays/{second}/verify")
    assert answer.status_code == 409
    assert answer.json()["errors"] == {"replay": ["Whether the error came back: not known yet."]}
    Replay.objects.filter(pk=first).update(reproduced=Reproduced.YES)
    Replay.objects.filter(pk=second).update(reproduced=Reproduced.NO, diff={"trace": {"reported": True}})
    told = api("post", f"{path}/replays/{second}/verify").json()
    assert told["text"].startswith(f"Fix verified by replay {second} at local: answered 201") and told["by"] == "ci"
    assert api("get", path).json()["audit"][0]["kind"] == "verified"


def test_who_may_not(client: Client, server: HostileServer, session: DebugSession) -> None:
    make_target(server.url)
    Replay.objects.create(
        session=session, target_name="local", target_kind="local", state=ReplayState.WAITING,
        requested_at=session.opened_at, requested_by="x", requested_kind="user", requested_id=0,
    )  # fmt: skip
    row, path = Replay.objects.get(), f"/debug/session/{session.pk}"
    posts = [f"{path}/replay", *(f"{path}/replays/{row.pk}/{each}" for each in ("approve", "refuse", "verify"))]
    reads = [f"{path}/replays", f"{path}/replays/{row.pk}"]
    for headers, status in (
        (bearer("debug:read"), 403),
        (bearer("errors:write"), 403),
        (bearer("debug:write", projects=[make_project("other")]), 404),
    ):
        for each in posts:
            assert client.post(each, {}, content_type="application/json", headers=headers).status_code == status, each
    assert [client.get(each, headers=bearer("debug:read")).status_code for each in reads] == [200, 200]
    other = bearer("debug:read", projects=[make_project("other")])
    assert [client.get(each, headers=other).status_code for each in reads] == [404, 404]
    assert client.get("/debug/targets", headers=other).json()["results"] == []
    assert server.asked == []


def test_a_replay_of_another_session_is_not_there(api: Any, session: DebugSession) -> None:
    other = make_session(store_event(request={"url": "/x", "method": "GET"}))
    row = Replay.objects.create(
        session=other, target_name="x", target_kind="local", requested_at=other.opened_at, requested_by="x",
        requested_kind="user",
    )  # fmt: skip
    assert api("get", f"/debug/session/{session.pk}/replays/{row.pk}").status_code == 404
