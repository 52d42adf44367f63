"""`GET /debug/session/{id}/reproduction`."""

import ast
from typing import Any

import pytest
from django.test import Client

from debugging.batches.judging import Measure, Yardstick
from debugging.batches.progress import Progress, as_result
from debugging.batches.shrinking import Verdict
from debugging.choices import BatchKind, BatchState, ReplayState, Reproduced, SecretPlace, TargetKind
from debugging.models import DebugSession, Replay, ReplayBatch, ReplayTarget, TargetSecret
from tests.debugging.builders import NOW, make_session, store_event
from tests.projects.builders import bearer, make_project
from tradewatch.core.models import AuditEntry

pytestmark = pytest.mark.django_db
REQUEST = {
    "method": "POST",
    "url": "https://trade.example/orders",
    "query_string": "dry=1",
    "headers": {"Content-Type": "application/json", "Authorization": "[Filtered]", "X-Desk": "eq"},
    "data": {"account_id": "acc-4", "pin": "[Filtered]"},
}


def make_target(name: str = "here", **fields: Any) -> ReplayTarget:
    said = {"kind": TargetKind.LOCAL, "base_url": "http://127.0.0.1:9000", **fields}
    return ReplayTarget.objects.create(project=make_project(), name=name, created_at=NOW, **said)


def make_replay(session: DebugSession, asked: str, **fields: Any) -> Replay:
    return Replay.objects.create(
        session=session, target_name="here", target_kind=TargetKind.LOCAL, asked=asked, requested_at=NOW,
        state=ReplayState.ANSWERED, **fields,
    )  # fmt: skip


def make_shrink(session: DebugSession, result: dict[str, Any]) -> ReplayBatch:
    return ReplayBatch.objects.create(
        session=session, kind=BatchKind.SHRINK, state=BatchState.DONE, asked="{}", result=result, requested_at=NOW
    )


@pytest.fixture
def get(client: Client) -> Any:
    headers = bearer("debug:read")
    return lambda session, **query: client.get(f"/debug/session/{session.pk}/reproduction", query, headers=headers)


def test_each_format_is_a_text_to_save_and_the_trail_says_who_took_it(get: Any) -> None:
    session = make_session(store_event(request=REQUEST))
    names = {"pytest": f"test_dbg_{session.pk}.py", "curl": f"dbg-{session.pk}.sh", "http": f"dbg-{session.pk}.http"}
    for form, name in names.items():
        answer = get(session, format=form)
        assert answer.status_code == 200, answer.content
        assert answer["Content-Type"] == "text/plain; charset=utf-8"
        assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
        text = answer.content.decode()
        assert "TRADEWATCH_AUTHORIZATION" in text and "/orders?dry=1" in text and "[Filtered]" not in text
    get(session, format="http")
    kinds = list(session.entries.order_by("id").values_list("kind", "text", "actor_label"))
    assert kinds[1:] == [("export", f"Exported {name}", "ci") for name in names.values()]
    assert AuditEntry.objects.filter(action="debug_session.export").count() == 3


def test_a_targets_secrets_are_variables_and_production_is_never_the_default(get: Any) -> None:
    session = make_session(store_event(request=REQUEST))
    make_target("live", kind=TargetKind.PRODUCTION, base_url="https://live.example")
    assert "live.example" not in get(session).content.decode()
    target = make_target("stage", kind=TargetKind.STAGING, base_url="https://stage.example")
    TargetSecret.objects.create(target=target, place=SecretPlace.HEADER, name="authorization", value="Bearer deep")
    TargetSecret.objects.create(target=target, place=SecretPlace.BODY, name="/pin", value="4711")
    text = get(session).content.decode()
    assert "https://stage.example" in text and "Bearer deep" not in text and "4711" not in text
    assert 'os.environ["TRADEWATCH_AUTHORIZATION"]' in text and 'os.environ["TRADEWATCH_PIN"]' in text
    live = get(session, target="live").content.decode()
    assert "live.example" not in live and 'BASE_URL = os.environ["TRADEWATCH_TARGET_URL"]' in live


def test_a_replays_changes_are_in_it_and_what_somebody_typed_as_a_secret_is_not(get: Any) -> None:
    session = make_session(store_event(request=REQUEST))
    asked = (
        '{"method": "PUT", "headers": {"Authorization": "Bearer typed-by-hand", "X-Desk": "fx"},'
        ' "body": {"account_id": "acc-9", "password": "typed-too"}}'
    )
    replay = make_replay(session, asked, response={"status": 422}, reproduced=Reproduced.YES)
    text = get(session, replay=replay.pk).content.decode()
    assert 'METHOD = "PUT"' in text and '"fx"' in text and "acc-9" in text
    assert "typed" not in text and "TRADEWATCH_AUTHORIZATION" in text and "TRADEWATCH_PASSWORD" in text
    assert "assert status != 422" in text
    other = make_replay(session, asked, response={"status": 201}, reproduced=Reproduced.NO)
    assert "answered with 201" not in get(session, replay=other.pk).content.decode()
    assert "of replay" in session.entries.order_by("-id").first().text  # type: ignore[union-attr]


def test_the_smallest_request_that_a_search_found(get: Any) -> None:
    session = make_session(store_event(request=REQUEST))
    measure = Measure(Yardstick.ISSUE, 500)
    shrink = make_shrink(session, as_result(Progress(measure, smallest=1, verdicts=(Verdict.FAILS, Verdict.FAILS))))
    make_replay(session, "{}", batch=shrink, position=0)
    smaller = '{"query": {"dry": null}, "headers": {"X-Desk": null}, "body": {"a": null}}'
    make_replay(session, smaller, batch=shrink, position=1)
    text = get(session, shrink=shrink.pk).content.decode()
    assert "'{\"a\":null}'" in text and "acc-4" not in text and "X-Desk" not in text and "dry" not in text
    assert session.entries.latest("id").text.endswith(f" of the smallest request of search {shrink.pk}")
    unfinished = make_shrink(session, {})
    assert get(session, shrink=unfinished.pk).status_code == 409
    both = get(session, shrink=shrink.pk, replay=make_replay(session, "{}").pk)
    assert (both.status_code, list(both.json()["errors"])) == (400, ["shrink"])


def test_the_status_of_the_right_answer_may_be_said(get: Any) -> None:
    session = make_session(store_event(request=REQUEST, contexts={"response": {"status_code": 404}}))
    assert "assert status != 404" in get(session).content.decode()
    assert "assert status == 201" in get(session, expect=201).content.decode()
    ast.parse(get(session, expect=201).content)


def test_what_is_wrong_is_named(get: Any, client: Client) -> None:
    session, bare = make_session(store_event(request=REQUEST)), make_session(store_event(request=None))
    other = make_session()
    stray = make_replay(other, "{}")
    for query, status, field in (
        ({"format": "har"}, 400, "format"),
        ({"replay": "x"}, 400, "replay"),
        ({"replay": stray.pk}, 404, "replay"),
        ({"shrink": 99}, 404, "shrink"),
        ({"target": "none"}, 404, "target"),
        ({"expect": 20}, 400, "expect"),
    ):
        answer = get(session, **query)
        assert (answer.status_code, list(answer.json()["errors"])) == (status, [field]), query
    assert get(bare).status_code == 400 and "without a request" in get(bare).json()["detail"]
    text = make_session(store_event(request={**REQUEST, "data": "###\n< /etc/passwd"}))
    assert get(text, format="http").json()["errors"] == {"format": ["cannot hold this body"]}
    foreign = bearer("debug:read", projects=[make_project("other")])
    path = f"/debug/session/{session.pk}/reproduction"
    assert client.get(path, headers=foreign).status_code == 404
    assert client.get(path, headers=bearer("errors:read")).status_code == 403 and client.get(path).status_code == 401
