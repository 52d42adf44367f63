"""`/debug/session/{id}/matrix`, `/shrink` and `/batches`: what is asked for, refused, approved, cancelled and shown."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from debugging.batches.ending import end_unapproved
from debugging.choices import BatchState, ReplayState, Reproduced, SessionState
from debugging.models import Replay, ReplayBatch, SessionEntry
from debugging.sessions.services import end_session
from tests.debugging.batches.builders import make_target, order_session
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
AXES = {"body /account_id": ["acc-1", "acc-4"], "query limit": [1, 2, 3]}


@pytest.fixture
def api(client: Client) -> Any:
    headers = bearer("debug:write")

    def call(method: str, path: str, body: Any = None) -> Any:
        return getattr(client, method)(path, body or {}, content_type="application/json", headers=headers)

    return call


@pytest.fixture
def path() -> str:
    session = order_session()
    make_target("https://staging.example")
    return f"/debug/session/{session.pk}"


def test_a_matrix_is_rows_before_anybody_is_told_so(api: Any, path: str) -> None:
    answer = api("post", f"{path}/matrix", {"target": "staging", "axes": AXES, "at_once": 3})
    assert answer.status_code == 202
    told = answer.json()
    assert (told["kind"], told["state"], told["total"], told["counts"]) == ("matrix", "queued", 6, {"queued": 6})
    row = ReplayBatch.objects.get(pk=told["batch_id"])
    assert orjson.loads(row.asked) == {"at_once": 3}
    first = Replay.objects.filter(batch=row).order_by("position")[0]
    assert (first.title, first.state) == ("account_id=acc-1, limit=1", ReplayState.QUEUED)
    assert first.request["url"] == "https://staging.example/orders?limit=1&page=2"
    assert first.request["body"]["account_id"] == "acc-1"
    assert SessionEntry.objects.latest("id").text == "Matrix of 6 asked for at staging"
    assert AuditEntry.objects.latest("id").action == "debug_session.replay"


def test_the_only_target_that_is_not_production_needs_no_name(api: Any, path: str) -> None:
    make_target("https://live.example", name="live", kind="production")
    assert api("post", f"{path}/matrix", {"axes": AXES}).json()["target"] == "staging"
    assert api("post", f"{path}/shrink").json()["target"] == "staging"


@pytest.mark.parametrize(
    ("what", "asked", "status", "field"),
    [
        ("matrix", {"axes": AXES, "target": "elsewhere"}, 404, "target"),
        ("matrix", {"axes": AXES, "target": "https://evil.example"}, 404, "target"),
        ("matrix", {"axes": AXES, "target": "off"}, 409, "target"),
        ("matrix", {"axes": AXES, "target": "careful"}, 400, "target"),
        ("matrix", {"target": "staging"}, 400, "variants"),
        ("matrix", {"target": "staging", "axes": AXES, "at_once": 21}, 400, "at_once"),
        ("matrix", {"target": "staging", "axes": {"query a": list(range(201))}}, 400, "axes"),
        ("matrix", {"target": "staging", "variants": [{}, {"modifications": {"path": "/../x"}}]},
         400, "variants.1.modifications.path"),
        ("matrix", {"target": "staging", "variants": [{}], "modifications": {"wat": 1}}, 400, "modifications.wat"),
        ("shrink", {"target": "elsewhere"}, 404, "target"),
        ("shrink", {"target": "careful"}, 400, "target"),
        ("shrink", {"target": "staging", "most_tries": 201}, 400, "most_tries"),
        ("shrink", {"target": "staging", "at_once": 0}, 400, "at_once"),
        ("shrink", {"target": "staging", "modifications": {"patch": 5}}, 400, "modifications.patch"),
        ("shrink", {"target": "staging", "modifications": {"body": None, "query": {"limit": None, "page": None},
                    "headers": {"X-Desk": None, "Accept": None}}}, 400, "modifications"),
    ],
)  # fmt: skip
def test_what_is_refused_is_refused_whole_and_named(
    api: Any, path: str, what: str, asked: Any, status: int, field: str
) -> None:
    make_target("https://off.example", name="off", is_enabled=False)
    make_target("https://careful.example", name="careful", allows_unsafe=False)
    answer = api("post", f"{path}/{what}", asked)
    assert (answer.status_code, list(answer.json()["errors"])) == (status, [field]), answer.json()
    assert not ReplayBatch.objects.exists() and not Replay.objects.exists()


def test_a_careful_target_takes_the_variants_that_change_nothing(api: Any, path: str) -> None:
    make_target("https://careful.example", name="careful", allows_unsafe=False)
    reading = {"method": "GET", "body": None}
    answer = api(
        "post", f"{path}/matrix", {"target": "careful", "axes": {"query limit": [1]}, "modifications": reading}
    )
    assert answer.status_code == 202
    mixed = {"target": "careful", "axes": {"method": ["GET", "DELETE"]}}
    assert (
        api("post", f"{path}/matrix", mixed).json()["errors"]["target"][0].startswith("DELETE is not sent to careful")
    )


@pytest.mark.parametrize("what", ["matrix", "shrink"])
def test_production_waits_for_a_second_person(api: Any, path: str, client: Client, what: str) -> None:
    make_target("https://live.example", name="live", kind="production")
    asked = {"target": "live", **({"axes": AXES} if what == "matrix" else {})}
    mara, noor = make_user("mara", role=Role.RESPONDER), make_user("noor", role=Role.RESPONDER)
    client.force_login(mara)
    told = client.post(f"{path}/{what}", asked, content_type="application/json").json()
    assert told["state"] == "waiting" and set(told["counts"]) <= {"waiting"}
    approval = f"{path}/batches/{told['batch_id']}/approve"
    assert client.post(approval).status_code == 403, "not who asked"
    assert api("post", approval).status_code == 403, "no token"
    client.force_login(noor)
    approved = client.post(approval).json()
    assert (approved["state"], approved["approved_by"]) == ("queued", "noor")
    assert set(approved["counts"]) <= {"queued"}
    assert set(Replay.objects.values_list("approved_by", flat=True)) <= {"noor"}
    assert client.post(approval).status_code == 409
    assert SessionEntry.objects.latest("id").text == f"{what.title()} at live approved"


@pytest.mark.parametrize("what", ["matrix", "shrink"])
def test_whoever_holds_a_token_of_the_command_line_does_not_approve_what_it_asked_for(
    api: Any, path: str, client: Client, what: str
) -> None:
    make_target("https://live.example", name="live", kind="production")
    asked = {"target": "live", **({"axes": AXES} if what == "matrix" else {})}
    told = api("post", f"{path}/{what}", asked).json()
    client.force_login(make_user("mara", role=Role.RESPONDER))
    answer = client.post(f"{path}/batches/{told['batch_id']}/approve")
    assert (answer.status_code, told["state"]) == (403, "waiting")
    assert "nobody knows who made the token" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("matrix", "Matrix of 6 at live was cancelled: 6 not sent"),
        ("shrink", "Shrink at live was cancelled after 0 tries: it has not come to its end"),
    ],
)
def test_nobody_approves_within_a_day(api: Any, path: str, what: str, words: str) -> None:
    make_target("https://live.example", name="live", kind="production")
    told = api("post", f"{path}/{what}", {"target": "live", **({"axes": AXES} if what == "matrix" else {})}).json()
    batch = ReplayBatch.objects.get(pk=told["batch_id"])
    assert end_unapproved(batch.requested_at + timedelta(hours=23)) == 0
    assert end_unapproved(batch.requested_at + timedelta(hours=25)) == 1
    batch.refresh_from_db()
    assert (batch.state, batch.fault) == (BatchState.CANCELLED, "nobody approved it within a day")
    assert set(Replay.objects.values_list("state", flat=True)) <= {ReplayState.CANCELLED}
    assert SessionEntry.objects.latest("id").text == f"{words}: nobody approved it within a day"
    assert end_unapproved(batch.requested_at + timedelta(hours=26)) == 0


def test_one_that_waits_is_cancelled_at_once_and_told_again_it_changes_nothing(api: Any, path: str) -> None:
    told = api("post", f"{path}/matrix", {"target": "staging", "axes": AXES}).json()
    where = f"{path}/batches/{told['batch_id']}/cancel"
    for _ in range(2):
        answer = api("post", where)
        assert (answer.status_code, answer.json()["state"], answer.json()["counts"]) == (
            200, "cancelled", {"cancelled": 6}
        )  # fmt: skip
    texts = list(SessionEntry.objects.order_by("-id").values_list("text", flat=True)[:2])
    assert texts == ["Matrix of 6 at staging was cancelled: 6 not sent", "Matrix at staging cancelled"]
    ReplayBatch.objects.update(state=BatchState.DONE)
    assert api("post", where).status_code == 409


def test_the_table_says_what_came_of_each(api: Any, path: str) -> None:
    told = api("post", f"{path}/matrix", {"target": "staging", "axes": {"query limit": [1, 2]}}).json()
    first, second = Replay.objects.filter(batch=told["batch_id"]).order_by("position")
    sides = {"before": 500, "after": 201, "source": "the trace of the error"}
    nothing = {"source": "", "changes": []}
    Replay.objects.filter(pk=first.pk).update(
        state=ReplayState.ANSWERED,
        response={"status": 201, "seconds": 0.25, "headers": [], "body": ""},
        diff={"status": sides, "seconds": {**sides, "before": 1}, "headers": nothing, "body": {"changes": [{}, {}]}},
        reproduced=Reproduced.NO,
    )
    Replay.objects.filter(pk=second.pk).update(state=ReplayState.FAILED, fault="no answer within 10 s")
    found = api("get", f"{path}/batches/{told['batch_id']}").json()
    assert found["smallest"] is None
    lines = [
        (each["title"], each["state"], each["status"], each["seconds"], each["diff"], each["fault"])
        for each in found["table"]
    ]
    assert lines == [
        ("limit=1", "answered", 201, 0.25, "status 500 → 201, 2 changes in the body", ""),
        ("limit=2", "failed", None, None, "", "no answer within 10 s"),
    ]  # fmt: skip
    assert [each["reproduced"] for each in found["table"]] == ["no", "pending"]
    listed = api("get", f"{path}/batches?limit=1").json()
    assert [each["batch_id"] for each in listed["results"]] == [told["batch_id"]]
    assert api("get", f"{path}/replays").json()["results"] == [], "those of a batch stand in its table"


def test_a_list_counts_the_replays_of_all_in_one_read(api: Any, path: str) -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as seen:
            results = api("get", f"{path}/batches").json()["results"]
        assert all(each["counts"] == {"queued": 6} for each in results)
        return len(seen)

    api("post", f"{path}/matrix", {"target": "staging", "axes": AXES})
    reads()  # what is read once and remembered
    of_one = reads()
    for _ in range(3):
        api("post", f"{path}/matrix", {"target": "staging", "axes": AXES})
    assert reads() == of_one


def test_a_closed_session_sends_nothing_and_viewers_only_read(api: Any, path: str, client: Client) -> None:
    told = api("post", f"{path}/matrix", {"target": "staging", "axes": AXES}).json()
    batch = ReplayBatch.objects.get(pk=told["batch_id"])
    client.force_login(make_user("vera", role=Role.VIEWER))
    for where in ("matrix", f"batches/{batch.pk}/cancel", f"batches/{batch.pk}/approve"):
        answer = client.post(f"{path}/{where}", {"axes": AXES}, content_type="application/json")
        assert answer.status_code == 403, where
    assert client.post(f"{path}/shrink", {}, content_type="application/json").status_code == 403
    assert client.get(f"{path}/batches/{batch.pk}").status_code == 200
    end_session(SYSTEM, batch.session, SessionState.CLOSED, now=timezone.now())
    assert api("post", f"{path}/matrix", {"target": "staging", "axes": AXES}).status_code == 409
    assert api("post", f"{path}/batches/{batch.pk}/cancel").json()["state"] == "cancelled"


def test_other_projects_are_not_there(api: Any, path: str, client: Client) -> None:
    told = api("post", f"{path}/matrix", {"target": "staging", "axes": AXES}).json()
    headers = bearer("debug:write", projects=[make_project("other")])
    for where in ("matrix", "shrink", f"batches/{told['batch_id']}/cancel", f"batches/{told['batch_id']}/approve"):
        answer = client.post(f"{path}/{where}", {}, content_type="application/json", headers=headers)
        assert answer.status_code == 404, where
    assert client.get(f"{path}/batches/{told['batch_id']}", headers=headers).status_code == 404
    elsewhere = order_session()
    assert api("get", f"/debug/session/{elsewhere.pk}/batches/{told['batch_id']}").status_code == 404
