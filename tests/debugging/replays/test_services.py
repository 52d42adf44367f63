"""Replays from asking to what came of them: the rights, the second person, once and never twice."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.utils import timezone

from debugging.choices import BatchKind, EntryKind, ReplayState, Reproduced, TargetKind
from debugging.models import DebugSession, Replay, ReplayTarget, SessionEntry
from debugging.replays import services, verifying
from debugging.replays.recording import begin, finish, settle
from debugging.replays.services import DryRun, approve, refuse, replay
from debugging.replays.tending import tend
from debugging.replays.verifying import lacking, verify
from tests.at_once import until_done
from tests.debugging.builders import NOW, make_batch, make_replay, make_session, store_event
from tests.debugging.replays.servers import HostileServer, hostile_server
from tests.debugging.targets.builders import make_target
from tests.projects.builders import make_project, make_token, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.faults import Conflict, Invalid, NotAllowed, Unknown
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db

SECRET = "tok-1234567"


@pytest.fixture
def server() -> Iterator[HostileServer]:
    with hostile_server() as running:
        yield running


def session_on(path: str = "/fails", method: str = "POST", **request: Any) -> DebugSession:
    said = {"url": f"https://trade.example{path}", "method": method, "data": {"account": "acc-4"}, **request}
    thrown = {"values": [{"type": "KeyError", "value": "'x'", "mechanism": {"type": "starlette", "handled": False}}]}
    return make_session(store_event(request=said, exception=thrown))


def person(name: str = "ann", role: Role = Role.RESPONDER) -> Actor:
    return Actor("user", make_user(name, role=role).pk, name)


def go(session: DebugSession, modifications: Any = None, *, actor: Actor = SYSTEM, **more: Any) -> Replay:
    found = replay(
        actor, session, more.pop("target", "local"), modifications, now=timezone.now(), look_seconds=0, **more
    )
    assert isinstance(found, Replay)
    return found


def the_error_of(row: Replay, **fields: Any) -> None:
    """Let the target report the error of a replay, as its SDK would."""
    thrown = {"values": [{"type": "KeyError", "value": "'x'", "mechanism": {"type": "starlette", "handled": False}}]}
    store_event(contexts={"trace": {"trace_id": row.trace_id, "span_id": "b" * 16}}, **{"exception": thrown, **fields})


def test_a_replay_is_sent_with_its_secrets_and_stored_without(server: HostileServer) -> None:
    make_target(server.url, secrets={"Authorization": f"Bearer {SECRET}"})
    session = session_on("/echo", headers={"X-Desk": "fx", "Authorization": "[Filtered]"})
    row = go(session, actor=person())
    sent = server.asked[0]
    assert sent.headers["authorization"] == f"Bearer {SECRET}" and sent.body == b'{"account":"acc-4"}'
    assert sent.headers["sentry-trace"] == f"{row.trace_id}-{row.trace_id[:16]}-1"
    assert sent.headers["baggage"].startswith(f"sentry-trace_id={row.trace_id},sentry-sampled=true")
    assert sent.headers["x-tradewatch-replay"] == f"DBG-{session.pk}/{row.pk}"
    assert sent.headers["user-agent"] == "TradeWatch replay"
    assert (row.state, row.requested_by, row.response["status"]) == (ReplayState.ANSWERED, "ann", 200)  # type: ignore[index]
    assert (row.diff or {})["status"] == {
        "before": 500,
        "after": 200,
        "source": "an error that nobody handles ends a request with 500",
    }
    with connection.cursor() as cursor:  # nowhere in the database: rows, trail, audit
        for table in ("debugging_replay", "debugging_sessionentry", "core_auditentry", "debugging_targetsecret"):
            cursor.execute(f"SELECT * FROM {table}")  # names of our own
            assert SECRET not in str(cursor.fetchall())


def test_what_somebody_types_as_a_secret_is_stored_scrubbed(server: HostileServer) -> None:
    make_target(server.url)
    row = go(session_on("/echo"), {"headers": {"Authorization": f"Bearer {SECRET}"}})
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}"
    assert SECRET not in str(row.request) and row.modifications["headers"]["Authorization"] == f"Bearer {SECRET}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT asked FROM debugging_replay")
        assert SECRET not in str(cursor.fetchall())


def test_a_dry_run_shows_and_sends_nothing(server: HostileServer) -> None:
    make_target(server.url, secrets={"X-Api-Key": SECRET})
    session = session_on("/ok")
    found = replay(SYSTEM, session, "local", {"body": {"a": 1}}, dry_run=True, now=NOW)
    assert isinstance(found, DryRun)
    assert (found.request["method"], found.request["url"], found.request["body"]) == (
        "POST",
        f"{server.url}/ok",
        {"a": 1},
    )
    assert ["X-Api-Key", "[removed: target secret]"] in found.request["headers"]
    assert server.asked == [] and not Replay.objects.exists()
    assert list(SessionEntry.objects.values_list("kind", flat=True)) == [EntryKind.OPENED]


@pytest.mark.parametrize("role", [None, Role.VIEWER])
def test_it_takes_a_responder(server: HostileServer, role: Role | None) -> None:
    make_target(server.url)
    session = session_on()
    actor = Actor("user", make_user("vera", role=role).pk, "vera")
    for dry_run in (False, True):
        with pytest.raises(NotAllowed):
            go(session, actor=actor, dry_run=dry_run)
    assert server.asked == []


def test_what_is_not_listed_is_refused_and_named(server: HostileServer) -> None:
    make_target(server.url)
    make_target(server.url, name="elsewhere", project=make_project("other"))
    make_target(server.url, name="off", is_enabled=False)
    session = session_on()
    for name in ("staging", "elsewhere", server.url, ""):
        with pytest.raises(Unknown) as refused:
            go(session, target=name)
        assert refused.value.errors == {"target": ["is not listed: local"]}
    with pytest.raises(Conflict, match="switched off"):
        go(session, target="off")
    assert server.asked == []


def test_unsafe_methods_need_the_target_to_allow_them(server: HostileServer) -> None:
    make_target(server.url, allows_unsafe=False)
    session = session_on("/ok")
    for method in ("POST", "PUT", "PATCH", "DELETE", "PURGE"):
        for dry_run in (False, True):
            with pytest.raises(Invalid) as refused:
                go(session, {"method": method}, dry_run=dry_run)
            assert list(refused.value.errors) == ["target"]
    for said in ({"headers": {"X-HTTP-Method-Override": "delete"}}, {"query": {"_method": "PUT"}}):
        with pytest.raises(Invalid):  # what frameworks take for the method
            go(session, {"method": "GET", "body": None, **said})
    assert server.asked == []
    assert go(session, {"method": "GET", "body": None}).state == ReplayState.ANSWERED


def test_a_body_that_was_removed_must_be_given(server: HostileServer) -> None:
    make_target(server.url)
    session = session_on("/ok", data="[Filtered]")
    with pytest.raises(Invalid) as refused:
        go(session)
    assert list(refused.value.errors) == ["modifications.body"]
    assert go(session, {"body": {"a": 1}}).state == ReplayState.ANSWERED
    assert go(session, {"body": None}).state == ReplayState.ANSWERED


def test_an_ended_session_sends_nothing(server: HostileServer) -> None:
    make_target(server.url)
    session = session_on()
    DebugSession.objects.update(state="closed", closed_at=NOW)
    session.refresh_from_db()
    with pytest.raises(Conflict):
        go(session)
    assert server.asked == []


def test_a_private_address_needs_the_target_to_name_it(server: HostileServer) -> None:
    make_target(server.url, allows_internal=False)
    row = go(session_on())
    assert (row.state, row.reproduced, row.reproduced_why) == (
        ReplayState.FAILED,
        Reproduced.UNKNOWN,
        "It was not sent.",
    )
    assert "not a public address" in row.fault and server.asked == []


def test_what_no_database_takes_is_stored_without(server: HostileServer) -> None:
    make_target(server.url)
    row = go(session_on("/nul-later"), {"body": {"a\0": "\0"}, "query": {"q": "\0"}})
    assert server.asked[0].body == b'{"a\\u0000":"\\u0000"}' and server.asked[0].path == "/nul-later?q=%00"
    row.refresh_from_db()
    assert row.request["body"] == {"a\ufffd": "\ufffd"}
    assert row.response is not None and row.response["body"].endswith("a\ufffdb")


def test_no_more_at_once_than_the_target_takes(server: HostileServer) -> None:
    target = make_target(server.url, most_at_once=1)
    session = session_on("/ok")
    under_way = go(session)
    Replay.objects.filter(pk=under_way.pk).update(state=ReplayState.RUNNING)
    with pytest.raises(Conflict, match="busy"):
        go(session)
    Replay.objects.filter(pk=under_way.pk).update(state=ReplayState.ANSWERED)
    assert go(session).target == target


# --- production ---------------------------------------------------------------------------------------------------
@pytest.fixture
def waiting(server: HostileServer) -> Replay:
    make_target(server.url, kind=TargetKind.PRODUCTION, name="live")
    row = go(session_on("/ok"), actor=person("ann"), target="live")
    assert row.state == ReplayState.WAITING and server.asked == []
    return row


def test_production_waits_for_a_second_person(waiting: Replay, server: HostileServer) -> None:
    ann, bob = Actor("user", waiting.requested_id, "ann"), person("bob")
    token = make_token("debug:write")[0]
    viewer = person("vera", Role.VIEWER)
    for actor in (ann, Actor("token", token.pk, "ci"), viewer, SYSTEM):
        with pytest.raises(NotAllowed):
            approve(actor, waiting, now=NOW)
    assert server.asked == []
    row = approve(bob, waiting, now=timezone.now(), look_seconds=0)
    assert (row.state, row.approved_by, len(server.asked)) == (ReplayState.ANSWERED, "bob", 1)
    with pytest.raises(Conflict):
        approve(bob, waiting, now=NOW)
    assert len(server.asked) == 1


def test_who_asks_by_a_token_is_who_made_it(server: HostileServer) -> None:
    make_target(server.url, kind=TargetKind.PRODUCTION, name="live")
    ann, bob = make_user("ann", role=Role.RESPONDER), person("bob")
    token = make_token("debug:write", created_by=ann)[0]
    session = session_on("/ok")
    row = go(session, actor=Actor("token", token.pk, "ci"), target="live")
    with pytest.raises(NotAllowed, match="your own token"):
        approve(Actor("user", ann.pk, "ann"), row, now=NOW)
    token.delete()
    with pytest.raises(NotAllowed, match="nobody knows"):
        approve(bob, row, now=NOW)
    assert server.asked == []


def test_a_token_of_which_nobody_knows_who_made_it_may_be_anybodys(server: HostileServer) -> None:
    make_target(server.url, kind=TargetKind.PRODUCTION, name="live")
    gone, bob = make_user("gone", role=Role.RESPONDER), person("bob")
    session = session_on("/ok")
    for maker in (None, gone):  # None: as `manage.py token` makes it
        token = make_token("debug:write", created_by=maker)[0]
        row = go(session, actor=Actor("token", token.pk, "ci"), target="live")
        if maker is not None:
            maker.delete()
        with pytest.raises(NotAllowed, match="nobody knows who made the token"):
            approve(bob, row, now=NOW)
    assert server.asked == []


def test_a_refusal_says_why_and_sends_nothing(waiting: Replay, server: HostileServer) -> None:
    row = refuse(person("bob"), waiting, reason="not while the market is open", now=NOW)
    assert (row.state, row.reproduced) == (ReplayState.REFUSED, Reproduced.UNKNOWN)
    assert row.fault == "refused by bob: not while the market is open"
    with pytest.raises(Conflict):
        approve(person("cat"), waiting, now=NOW)
    assert server.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "http://127.0.0.1:1/elsewhere"},
        {"is_enabled": False},
        {"allows_unsafe": False},
        {"kind": TargetKind.STAGING},
        None,
    ],
)
def test_what_is_approved_is_what_was_asked_for(waiting: Replay, server: HostileServer, change: Any) -> None:
    if change is None:
        ReplayTarget.objects.all().delete()
    else:
        ReplayTarget.objects.update(**change)
    row = approve(person("bob"), waiting, now=timezone.now(), look_seconds=0)
    assert (row.state, row.reproduced) == (ReplayState.REFUSED, Reproduced.UNKNOWN) and row.fault
    assert server.asked == []


def test_nobody_approves_within_a_day(waiting: Replay, server: HostileServer) -> None:
    assert tend(waiting.requested_at + timedelta(hours=23)) == 0
    assert tend(waiting.requested_at + timedelta(hours=25)) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.fault) == (ReplayState.CANCELLED, "nobody approved it within a day")
    with pytest.raises(Conflict):
        approve(person("bob"), waiting, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_many_approvals_at_once_send_it_once(server: HostileServer) -> None:
    make_target(server.url, kind=TargetKind.PRODUCTION, name="live")
    row = go(session_on("/ok"), actor=person("ann"), target="live")
    people = [person(f"p{at}") for at in range(6)]
    start = threading.Barrier(len(people))

    def one(actor: Actor) -> str:
        start.wait()
        try:
            until_done(lambda: approve(actor, row, now=timezone.now(), look_seconds=0))
        except Conflict:
            return "refused"
        finally:
            connections.close_all()
        return "sent"

    with ThreadPoolExecutor(len(people)) as pool:
        told = sorted(pool.map(one, people))
    assert told.count("sent") <= 1 and len(server.asked) == 1  # SQLite in memory may refuse to write the answer down


@pytest.mark.django_db(transaction=True)
def test_nothing_is_sent_within_a_transaction(server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    make_target(server.url)
    seen: list[tuple[bool, str]] = []

    def the_state() -> str:  # read by another connection: it sees what is committed
        try:
            return Replay.objects.get().state
        finally:
            connections.close_all()

    real = services.send

    async def noting(*args: Any, **more: Any) -> Any:
        seen.append((connection.in_atomic_block, await sync_to_async(the_state)()))
        return await real(*args, **more)

    monkeypatch.setattr(services, "send", noting)
    assert go(session_on("/ok")).state == ReplayState.ANSWERED
    assert seen == [(False, ReplayState.RUNNING)]


# --- what dies on the way -----------------------------------------------------------------------------------------
def test_a_replay_whose_process_died_is_never_sent_again(server: HostileServer) -> None:
    make_target(server.url, kind=TargetKind.PRODUCTION, name="live")
    row = go(session_on("/ok"), target="live")
    Replay.objects.update(state=ReplayState.QUEUED)
    job = begin(row.pk, now=NOW)
    assert job is not None and begin(row.pk, now=NOW) is None  # claimed once
    assert tend(NOW + timedelta(seconds=170)) == 0
    assert tend(NOW + timedelta(seconds=190)) == 1
    row.refresh_from_db()
    assert (row.state, row.reproduced) == (ReplayState.UNKNOWN, Reproduced.UNKNOWN) and "may have arrived" in row.fault
    assert begin(row.pk, now=NOW) is None and server.asked == []
    late = finish(row.pk, services.asyncio.run(services.send(job.prepared, job.limits)), now=NOW)
    assert late.state == ReplayState.UNKNOWN  # given up is given up


def test_a_queued_one_whose_process_died_is_cancelled(server: HostileServer) -> None:
    make_target(server.url, kind=TargetKind.PRODUCTION, name="live")
    row = go(session_on("/ok"), target="live")
    Replay.objects.update(state=ReplayState.QUEUED)
    tend(row.requested_at + timedelta(minutes=11))
    row.refresh_from_db()
    assert row.state == ReplayState.CANCELLED


# --- whether it came back, and the fix -----------------------------------------------------------------------------
def test_the_same_error_is_found_by_its_trace(server: HostileServer) -> None:
    make_target(server.url)
    session = session_on()
    row = go(session)
    assert row.reproduced == Reproduced.PENDING
    the_error_of(row)
    row = settle(row.pk, now=timezone.now())
    assert (row.reproduced, row.event_id is not None) == (Reproduced.YES, True)
    assert (row.diff or {})["trace"]["reported"] is True
    told = SessionEntry.objects.filter(kind=EntryKind.REPLAY).order_by("-id")[0].text
    assert told == f"Replay {row.pk} at local: answered 500. Yes: {row.reproduced_why}"


def test_another_error_is_another(server: HostileServer) -> None:
    make_target(server.url)
    row = go(session_on())
    the_error_of(row, exception={"values": [{"type": "ValueError", "value": "odd"}]})
    row = settle(row.pk, now=timezone.now())
    assert row.reproduced == Reproduced.OTHER and "ValueError" in row.reproduced_why


def test_without_a_sign_of_the_target_no_error_says_nothing(server: HostileServer) -> None:
    make_target(server.url)
    failing, passing = session_on(), session_on("/ok")
    one, other = go(failing), go(passing)
    assert tend(timezone.now()) == 0
    assert tend(timezone.now() + timedelta(seconds=61)) == 2
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.reproduced == Reproduced.UNKNOWN
    assert other.reproduced == Reproduced.NO and other.reproduced_why.startswith("By its answer alone: 201")
    assert "Nothing shows that the target has reported it" in " ".join(lacking(other))


def test_an_error_that_comes_late_takes_a_no_back(server: HostileServer) -> None:
    make_target(server.url)
    row = go(session_on("/ok"))
    Replay.objects.filter(pk=row.pk).update(reproduced=Reproduced.NO, reproduced_why="reported")
    now = row.ended_at or NOW
    assert tend(now + timedelta(seconds=20)) == 0
    the_error_of(row)
    assert (
        settle(row.pk, now=now + timedelta(seconds=61)).reproduced == Reproduced.NO
    )  # too late: verifying looks again
    assert tend(now + timedelta(seconds=30)) == 1
    row.refresh_from_db()
    assert row.reproduced == Reproduced.YES and row.event_id is not None


def test_a_fix_is_verified_by_what_went_well_where_it_had_failed(server: HostileServer) -> None:
    make_target(server.url)
    session = session_on()
    broken = go(session)
    the_error_of(broken)
    settle(broken.pk, now=timezone.now())
    fixed = go(session, {"path": "/ok"})  # the same server plays the repaired one: that is a change of the request
    Replay.objects.filter(pk=fixed.pk).update(
        reproduced=Reproduced.NO, diff={"trace": {"reported": True, "release": "api@2"}}
    )
    fixed.refresh_from_db()
    with pytest.raises(Conflict) as refused:
        verify(SYSTEM, fixed, now=NOW)
    assert refused.value.errors == {"replay": ["Its request was changed: send it as it was captured."]}
    Replay.objects.filter(pk=fixed.pk).update(asked='{"headers": {}}')
    fixed.refresh_from_db()
    entry = verify(person(), fixed, now=NOW)
    assert entry.text == (
        f"Fix verified by replay {fixed.pk} at local (api@2): answered 201, no error came. "
        f"Replay {broken.pk} of the same request had brought it back."
    )
    assert verify(person("bob"), fixed, now=NOW).pk == entry.pk
    assert AuditEntry.objects.filter(action="debug_session.verified").count() == 1


@pytest.mark.parametrize(
    ("fields", "lacks"),
    [
        ({"state": ReplayState.FAILED, "response": None}, "It got no answer."),
        ({"reproduced": Reproduced.PENDING}, "Whether the error came back: not known yet."),
        ({"reproduced": Reproduced.YES}, "Whether the error came back: yes."),
        ({"diff": {}}, "Nothing shows that the target has reported it: the lack of an error tells nothing."),
        ({"response": {"status": 401}}, "It answered 401: it may not have come as far as the error did."),
        ({"response": {"status": 503}}, "It answered 503: it may not have come as far as the error did."),
        ({"fault": "hung up within the answer"}, "Its answer is not whole: hung up within the answer."),
        ({"target_name": "other"}, "No earlier replay at other, as it was captured, brought the error back."),
    ],
)
def test_what_is_lacking_is_said(server: HostileServer, fields: dict[str, Any], lacks: str) -> None:
    make_target(server.url)
    session = session_on()
    Replay.objects.filter(pk=go(session).pk).update(reproduced=Reproduced.YES)
    good = {"reproduced": Reproduced.NO, "response": {"status": 201}, "diff": {"trace": {"reported": True}}}
    row = go(session)
    Replay.objects.filter(pk=row.pk).update(**{**good, **fields})
    row.refresh_from_db()
    assert lacking(row) == [lacks]


def test_a_search_in_between_hides_no_failure(server: HostileServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its tries brought the error back too, more of them than are looked at, and each was another request."""
    monkeypatch.setattr(verifying, "MOST_LOOKED_AT", 3)
    make_target(server.url)
    session = session_on()
    Replay.objects.filter(pk=go(session).pk).update(reproduced=Reproduced.YES)
    search = make_batch(session, kind=BatchKind.SHRINK)
    for position in range(6):
        asked = f'{{"body": {{"tried": {position}}}}}'
        make_replay(session, batch=search, position=position, target_name="local", asked=asked)
    row = go(session)
    good = {"reproduced": Reproduced.NO, "response": {"status": 201}, "diff": {"trace": {"reported": True}}}
    Replay.objects.filter(pk=row.pk).update(**good)
    row.refresh_from_db()
    assert lacking(row) == []


def test_an_error_that_comes_late_speaks_against_it(server: HostileServer) -> None:
    make_target(server.url)
    session = session_on()
    Replay.objects.filter(pk=go(session).pk).update(reproduced=Reproduced.YES)
    row = go(session)
    Replay.objects.filter(pk=row.pk).update(
        reproduced=Reproduced.NO, response={"status": 201}, diff={"trace": {"reported": True}}
    )
    row.refresh_from_db()
    the_error_of(row)
    assert lacking(row) == ["An error has come of it since."]
