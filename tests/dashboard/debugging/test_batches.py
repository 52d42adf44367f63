"""Matrices and searches on the workbench: asked for by its forms, their outcomes shown, cancelled, approved."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from debugging.choices import BatchKind, BatchState, ReplayState, Reproduced, TargetKind
from debugging.models import DebugSession, Replay, ReplayBatch
from tests.dashboard.debugging.test_pages import main_of, text
from tests.dashboard.debugging.test_workbench import bench, make_target
from tests.debugging.builders import make_batch, make_replay
from tests.projects.builders import make_user
from tradewatch.projects.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def mia(client: Client):
    user = make_user("mia", role=Role.RESPONDER)
    client.force_login(user)
    return user


def send(client: Client, session: DebugSession, **values: str) -> Any:
    return client.post(f"/debug/{session.pk}", {"form": "matrix", "target": "staging", **values})


@pytest.mark.usefixtures("mia")
def test_a_matrix_is_asked_for_by_one_field_or_by_variants(client: Client) -> None:
    session = bench()
    make_target(session)
    assert "body /account_id" in text(client, f"/debug/{session.pk}")  # the help names places of this request
    answer = send(client, session, place="body /account_id", values='acc-1\nacc-2\n"7"')
    assert (answer.status_code, answer["Location"]) == (302, f"/debug/{session.pk}#batches")
    batch = ReplayBatch.objects.get()
    assert (batch.kind, batch.total, batch.state) == (BatchKind.MATRIX, 3, BatchState.QUEUED)
    assert "account_id=acc-2" in text(client, f"/debug/{session.pk}")
    send(client, session, variants='[{"method": "PUT"}, {"body": {"quantity": 1}}]')
    assert ReplayBatch.objects.latest("pk").total == 2
    assert "0 of 2 answered" in text(client, f"/debug/{session.pk}")


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"place": "nonsense", "values": "1"}, "values", "expected &quot;body /pointer&quot;"),
        ({"place": "body /account_id", "values": "\n".join(map(str, range(300)))}, "values", "at most 200"),
        ({"place": "", "values": "1"}, "place", "name what changes"),
        ({"variants": "[{]"}, "variants", "is no JSON"),
        (
            {"variants": '[{"patch": [{"op": "remove", "path": "/nowhere"}]}]'},
            "variants",
            "there is nothing at /nowhere",
        ),
    ],
)
@pytest.mark.usefixtures("mia")
def test_what_is_wrong_with_a_matrix_stands_at_its_field(
    client: Client, values: dict[str, str], field: str, words: str
) -> None:
    session = bench()
    make_target(session)
    answer = send(client, session, **values)
    html = answer.content.decode()
    assert answer.status_code == 400 and ReplayBatch.objects.count() == 0
    assert words in html.split(f'id="matrix-{field}-help"')[1].split("</div>")[0]
    assert '<details class="fold" id="matrix" open>' in html


@pytest.mark.usefixtures("mia")
def test_outcomes_are_a_table_and_the_rest_is_counted(client: Client) -> None:
    session = bench()
    batch = make_batch(session, state=BatchState.RUNNING, total=60)
    for at in range(60):
        state = ReplayState.ANSWERED if at < 30 else ReplayState.QUEUED
        fields: dict[str, Any] = {"response": None, "reproduced": Reproduced.PENDING} if at >= 30 else {}
        make_replay(session, batch=batch, position=at, title=f"account_id=acc-{at}", state=state, **fields)
    found = text(client, f"/debug/{session.pk}")
    assert "30 of 60 answered" in found and "account_id=acc-29 500 100 ms Reproduced" in found
    assert "10 more: GET /debug/session/" in found and "acc-55" not in found
    assert "acc-29" not in found.split("Replays newest first")[1].split("Many at once")[0]  # not among the single ones
    assert main_of(client, f"/debug/{session.pk}").count('data-row="') > 0


@pytest.mark.usefixtures("mia")
def test_only_one_table_stands_open_and_another_is_asked_for(client: Client) -> None:
    session = bench()
    first, second = (make_batch(session, state=BatchState.DONE, total=1) for _ in range(2))
    make_replay(session, batch=first, title="one=1")
    make_replay(session, batch=second, title="two=2")
    assert "two=2" in text(client, f"/debug/{session.pk}") and "one=1" not in text(client, f"/debug/{session.pk}")
    assert f'href="/debug/{session.pk}?batch={first.pk}#batches"' in main_of(client, f"/debug/{session.pk}")
    assert "one=1" in text(client, f"/debug/{session.pk}?batch={first.pk}")


@pytest.mark.usefixtures("mia")
def test_it_is_cancelled_after_a_question(client: Client) -> None:
    session = bench()
    make_target(session)
    send(client, session, place="body /account_id", values="acc-1\nacc-2")
    batch = ReplayBatch.objects.get()
    html = main_of(client, f"/debug/{session.pk}")
    question = html.split(f'id="cancel-{batch.pk}"')[1].split("</details>")[0]
    assert "What was sent stays sent; the rest is not." in question
    path = f"/dashboard/actions/debug/{session.pk}/batches/{batch.pk}"
    assert f'action="{path}/cancel"' in question
    client.post(f"{path}/cancel")
    batch.refresh_from_db()
    assert batch.state == BatchState.CANCELLED
    found = text(client, f"/debug/{session.pk}")
    assert "Matrix of 2 at staging was cancelled: 2 not sent" in found and f"{path}/cancel" not in html.replace(
        question, ""
    )
    assert client.post(f"{path}/explode").status_code == 404


def test_one_to_production_waits_for_another_person(client: Client, mia) -> None:
    session = bench()
    make_target(session, name="live", kind=TargetKind.PRODUCTION)
    client.post(f"/debug/{session.pk}", {"form": "shrink", "target": "live"})
    batch = ReplayBatch.objects.get()
    path = f"/dashboard/actions/debug/{session.pk}/batches/{batch.pk}"
    html = main_of(client, f"/debug/{session.pk}")
    assert batch.state == BatchState.WAITING and f"{path}/approve" not in html and "Refuse it" in html
    client.force_login(make_user("tom", role=Role.RESPONDER))
    assert f'action="{path}/approve"' in main_of(client, f"/debug/{session.pk}")
    client.post(f"{path}/approve")
    batch.refresh_from_db()
    assert (batch.state, batch.approved_by) == (BatchState.QUEUED, "tom")


@pytest.mark.usefixtures("mia")
def test_what_a_search_found_is_used(client: Client) -> None:
    session = bench()
    make_target(session)
    result = {
        "judged_by": "issue", "status": 500, "wait_seconds": 2.0, "smallest": 1, "bytes_before": 41, "bytes_after": 2,
        "tries": 9, "unknown": 1, "verdicts": ["fails", "fails", "unknown"], "ending": "minimal",
    }  # fmt: skip
    batch = make_batch(session, kind=BatchKind.SHRINK, state=BatchState.DONE, total=200, result=result)
    make_replay(session, batch=batch, position=0)
    smallest = make_replay(session, batch=batch, position=1, asked='{"body": {}}', request={"body": {}})
    found = text(client, f"/debug/{session.pk}")
    assert "41 → 2 bytes" in found and "the same error came back, found by its trace" in found
    assert "nothing of it can be left out" in found and "1 try without an answer" in found
    html = main_of(client, f"/debug/{session.pk}")
    assert f'href="/debug/{session.pk}?from={smallest.pk}#replay"' in html
    used = main_of(client, f"/debug/{session.pk}?from={smallest.pk}")
    assert used.split('id="replay-body"')[1].split(">\n")[1].split("</textarea>")[0] == "{}"


def test_a_viewer_sees_batches_and_begins_none(client: Client) -> None:
    session = bench()
    make_target(session)
    batch = make_batch(session, state=BatchState.RUNNING)
    client.force_login(make_user("vera", role=Role.VIEWER))
    html = main_of(client, f"/debug/{session.pk}")
    assert "Under way" in html and "<form" not in html
    for form in ("matrix", "shrink"):
        values = {"form": form, "target": "staging", "place": "method", "values": "PUT"}
        assert client.post(f"/debug/{session.pk}", values).status_code == 403
    client.post(f"/dashboard/actions/debug/{session.pk}/batches/{batch.pk}/cancel")
    batch.refresh_from_db()
    assert batch.cancel_asked_at is None and ReplayBatch.objects.count() == 1 and Replay.objects.count() == 0


@pytest.mark.usefixtures("mia")
def test_many_batches_stay_a_small_page(client: Client) -> None:
    session = bench()
    for _ in range(8):
        batch = make_batch(session, state=BatchState.DONE, total=200, ended_at=timezone.now())
        rows = [
            Replay(session=session, batch=batch, position=at, title="<'\"&" * 50, fault="<" * 500, target_name="s",
                   target_kind="local", requested_at=timezone.now(), requested_by="x", requested_kind="user")
            for at in range(200)
        ]  # fmt: skip
        Replay.objects.bulk_create(rows)
    assert len(client.get(f"/debug/{session.pk}").content) < 200_000
