"""From an envelope digested to what an upstream is sent of it: chosen, scrubbed, under the same id."""

import time
from typing import Any
from uuid import uuid4

import pytest

from tests.ingest.relay.builders import digest, event, relay, transaction_of
from tests.ingest.relay.upstream import KEY, Upstream
from tests.projects.builders import make_project
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.ingest.models import RelayEntry, RelaySettings, RelayUpstream
from tradewatch.ingest.relay.choices import RelayKind
from tradewatch.ingest.relay.marks import MARKER, installation
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(settings, upstream: Upstream) -> Project:
    settings.SENTRY_DSN = upstream.dsn
    settings.SENTRY_TRACES_SAMPLE_RATE = settings.SENTRY_PROFILES_SAMPLE_RATE = 1.0
    return make_project()


def choose(project: Project, **fields: Any) -> None:
    RelaySettings.objects.update_or_create(project=project, defaults=fields)


def test_an_event_arrives_scrubbed_under_its_id(project: Project, upstream: Upstream) -> None:
    sent = event(
        level="fatal",
        extra={"password": "hunter2", "venue": "XLON"},
        user={"id": "7", "ip_address": "203.0.113.9"},
        exception={
            "values": [
                {
                    "type": "MarginError",
                    "value": "no cover",
                    "stacktrace": {"frames": [{"vars": {"api_key": "topsecret"}}]},
                }
            ]
        },
        tags={"desk": "fx"},
        environment="staging",
        release="api@1",
    )
    trace = {"trace_id": "a" * 32, "public_key": "ours", "sample_rate": "0.5", "user_id": "7", "environment": "staging"}
    digest(project, [("event", sent)], sdk={"name": "sentry.python", "version": "2.1"}, trace=trace)
    assert relay() == 1
    [got] = upstream.taken
    assert got.event_id == sent["event_id"] == got.document("event")["event_id"]
    text = got.envelope.items[0].payload.decode()
    assert "hunter2" not in text and "topsecret" not in text and "203.0.113.9" not in text
    document = got.document("event")
    assert (document["level"], document["extra"]["venue"], document["tags"]) == ("fatal", "XLON", {"desk": "fx"})
    assert not {"_errors", "_removed", "_as_sent", "received_at"} & set(document)
    headers = got.envelope.headers
    assert headers["sdk"] == {"name": "sentry.python", "version": "2.1"}
    assert headers["trace"] == {"trace_id": "a" * 32, "public_key": KEY, "sample_rate": "0.5", "environment": "staging"}
    assert headers["sent_at"].endswith("Z") and headers[MARKER] == [installation()]
    assert got.headers["content-encoding"] == "gzip"
    row = RelayUpstream.objects.get()
    assert (row.state, row.entries, row.size, row.sent) == ("up", 0, 0, {"error": 1})


def test_a_transaction_takes_its_profile_along(project: Project, upstream: Upstream) -> None:
    sent = transaction_of()
    profile = {"profile": {"frames": [{"vars": {"password": "hunter2"}}]}, "transaction": {"id": sent["event_id"]}}
    digest(project, [("transaction", sent), ("profile", profile)])
    relay()
    [got] = upstream.taken
    assert got.types == ["transaction", "profile"]
    assert got.document("transaction")["transaction"] == "POST /orders"
    assert b"hunter2" not in got.envelope.items[1].payload


def test_every_kind_goes_when_chosen_and_stays_when_not(project: Project, upstream: Upstream) -> None:
    now = time.time()
    line = {"timestamp": now, "level": "info", "body": "filled", "trace_id": "a" * 32}
    kinds: dict[str, list[Any]] = {
        RelayKind.ERRORS: [("event", event())],
        RelayKind.TRANSACTIONS: [("span", {"version": 2, "items": [_span(now)]}, _container("span.v2"))],
        RelayKind.SESSIONS: [("session", {"sid": str(uuid4()), "started": "2026-11-23T11:00:00Z", "status": "ok"})],
        RelayKind.FEEDBACK: [("feedback", {"event_id": uuid4().hex, "contexts": {"feedback": {"message": "slow"}}})],
        RelayKind.CHECK_INS: [("check_in", {"check_in_id": uuid4().hex, "monitor_slug": "settle", "status": "ok"})],
        RelayKind.LOGS: [("log", {"items": [line]}, _container("log"))],
        RelayKind.ATTACHMENTS: [("attachment", b"raw bytes", {"filename": "a.txt"})],
    }
    for kind, items in kinds.items():
        choose(project, kinds=[kind])
        digest(project, items, received_at=now)
        for other, others in kinds.items():
            if other != kind:
                digest(project, others, received_at=now)
        relay()
        assert [each.types for each in upstream.taken] == [[items[0][0]]], kind
        upstream.received.clear()
    choose(project, kinds=[])
    digest(project, *kinds.values())
    assert RelayEntry.objects.count() == 0


def _container(name: str) -> dict[str, Any]:
    return {"content_type": f"application/vnd.sentry.items.{name}+json", "item_count": 1}


def _span(now: float) -> dict[str, Any]:
    return {
        "trace_id": "a" * 32,
        "span_id": "b" * 16,
        "name": "POST /orders",
        "status": "ok",
        "is_segment": True,
        "start_timestamp": now - 1,
        "end_timestamp": now,
        "attributes": {},
    }


def test_what_a_project_turns_off_is_not_relayed(project: Project, upstream: Upstream) -> None:
    other = make_project("other")
    choose(project, is_enabled=False)
    digest(project, [("event", event())])
    digest(other, [("event", event(message="other"))])
    relay()
    assert [each.document("event")["logentry"]["formatted"] for each in upstream.taken] == ["other"]


def test_a_traces_share_is_the_same_each_time_and_close_to_its_rate(project: Project, upstream: Upstream) -> None:
    choose(project, trace_sample_rate=0.25, error_sample_rate=0.25)
    traces = [uuid4().hex for _ in range(400)]
    digest(project, *[[("transaction", transaction_of(trace))] for trace in traces])
    chosen = RelayEntry.objects.count()
    assert 60 <= chosen <= 140
    digest(project, *[[("event", event(contexts={"trace": {"trace_id": t, "span_id": "b" * 16}}))] for t in traces])
    assert RelayEntry.objects.filter(category="error").count() == chosen, "errors of a trace go where it goes"


def test_a_projects_own_upstream_goes_before_the_variable(project: Project, upstream: Upstream, settings) -> None:
    settings.SENTRY_DSN = "http://nobody@127.0.0.1:9/1"
    choose(project, dsn=upstream.dsn, allows_internal=True)
    digest(project, [("event", event())])
    assert relay(project.pk) == 1
    assert len(upstream.taken) == 1
    assert RelayUpstream.objects.get().pk == project.pk


def test_without_an_upstream_nothing_is_kept(project: Project, settings) -> None:
    settings.SENTRY_DSN = ""
    assert digest(project, [("event", event())]).stored == 1
    assert not RelayEntry.objects.exists() and not RelayUpstream.objects.exists()


def test_what_came_back_is_not_sent_again(project: Project, upstream: Upstream) -> None:
    digest(project, [("event", event())], **{MARKER: ["another"]})
    relay()
    assert upstream.taken[0].envelope.headers[MARKER] == ["another", installation()]
    digest(project, [("event", event())], **{MARKER: ["another", installation()]})
    assert not RelayEntry.objects.exists()


def test_a_copy_is_stored_with_what_it_copies_or_not_at_all(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(HANDLERS["event"], "store", broken)
    with pytest.raises(RuntimeError):
        digest(project, [("event", event())])
    assert not RelayEntry.objects.exists()


def test_an_answer_says_what_is_stored_and_copies_are_not(project: Project) -> None:
    stats = digest(project, [("event", event()), ("profile", {})])
    assert (stats.stored, stats.discarded) == (1, 1)
    assert RelayEntry.objects.count() == 1
