"""The workbench's right side: forms that are sent to the page, against a target that really answers."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from debugging.choices import EntryKind, ReplayState, Reproduced, TargetKind
from debugging.models import DebugSession, Replay, ReplayTarget, TargetSecret
from tests.dashboard.debugging.test_pages import main_of, text
from tests.debugging.builders import make_replay, make_session, store_event
from tests.debugging.replays.servers import HostileServer, hostile_server
from tests.projects.builders import make_user
from tradewatch.dashboard.debugging import replaying
from tradewatch.projects.choices import Role

pytestmark = [pytest.mark.django_db, pytest.mark.once]
REQUEST = {
    "method": "POST",
    "url": "https://trade.example/ok",
    "query_string": "side=buy",
    "headers": {"Content-Type": "application/json", "Authorization": "[Filtered]", "X-Desk": "7"},
    "data": {"account_id": "acc-4", "quantity": 200},
}


@pytest.fixture
def target() -> Iterator[HostileServer]:
    with hostile_server() as server:
        yield server


@pytest.fixture
def mia(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(replaying, "LOOK_SECONDS", 0.0)  # nothing digests here: no error would come back
    user = make_user("mia", role=Role.RESPONDER)
    client.force_login(user)
    return user


def make_target(session: DebugSession, url: str = "https://staging.example", **fields: Any) -> ReplayTarget:
    values = {"name": "staging", "kind": TargetKind.STAGING, "allows_unsafe": True, "allows_internal": True}
    return ReplayTarget.objects.create(
        project=session.project, base_url=url, created_at=timezone.now(), created_by="root", **{**values, **fields}
    )


def bench() -> DebugSession:
    return make_session(store_event(request=REQUEST))


def form(session: DebugSession, client: Client, **changed: str) -> dict[str, str]:
    """Return the fields of the replay form as the page holds them, with some changed."""
    html = main_of(client, f"/debug/{session.pk}")
    texts = dict(re.findall(r'<textarea[^>]* id="replay-\w+" name="(\w+)"[^>]*>\n(.*?)</textarea>', html, re.S))
    path = re.search(r'id="replay-path" name="path" value="([^"]*)"', html)
    unescaped = {name: value.replace("&quot;", '"') for name, value in texts.items()}
    assert path
    return {"form": "replay", "target": "staging", "method": "POST", "path": path[1], **unescaped, **changed}


@pytest.mark.usefixtures("mia")
def test_the_form_holds_the_captured_request_and_says_what_a_target_is(client: Client) -> None:
    session = bench()
    make_target(session)
    make_target(session, name="live", kind=TargetKind.PRODUCTION, allows_unsafe=False, verifies_tls=False)
    make_target(session, name="off", is_enabled=False)
    found = text(client, f"/debug/{session.pk}")
    assert "waits for a second person" in found and "Takes only GET, HEAD and OPTIONS" in found
    assert "Its certificate is not verified" in found and "Takes requests that change things" in found
    assert "header Authorization" in found
    held = form(session, client)
    assert (held["path"], held["query"].strip()) == ("/ok", "side=buy")
    assert "X-Desk: 7" in held["headers"] and "Authorization" not in held["headers"]
    assert '"account_id": "acc-4"' in held["body"]
    assert 'value="off"' not in main_of(client, f"/debug/{session.pk}")


@pytest.mark.usefixtures("mia")
def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(client: Client, target: HostileServer) -> None:
    session = bench()
    row = make_target(session, target.url)
    TargetSecret.objects.create(target=row, place="header", name="Authorization", value="Bearer tell-nobody")
    answer = client.post(f"/debug/{session.pk}", form(session, client, dry="1", path="/echo", query="side=sell"))
    html = answer.content.decode()
    assert answer.status_code == 200 and "This is what would go to staging" in html
    assert (
        f"{target.url}/echo?side=sell" in html
        and 'Authorization: <span class="gone">secret of the target</span>' in html
    )
    assert 'value="/echo"' in html and "side=sell" in html  # the form keeps what was written
    assert "tell-nobody" not in html and target.asked == [] and Replay.objects.count() == 0


@pytest.mark.usefixtures("mia")
def test_only_the_difference_is_sent_and_the_answer_is_listed(client: Client, target: HostileServer) -> None:
    session = bench()
    make_target(session, target.url)
    sent = form(session, client, query="side=sell", body='{"account_id": "acc-2", "quantity": 200}')
    answer = client.post(f"/debug/{session.pk}", sent)
    assert (answer.status_code, answer["Location"]) == (302, f"/debug/{session.pk}#replays")
    replay = Replay.objects.get()
    assert replay.modifications == {"query": {"side": "sell"}, "body": {"account_id": "acc-2", "quantity": 200}}
    assert (target.asked[0].path, target.asked[0].body) == ("/ok?side=sell", b'{"account_id":"acc-2","quantity":200}')
    found = text(client, f"/debug/{session.pk}")
    assert "201" in found and "query side → sell" in found and "/account_id → acc-2" in found
    assert "x-venue: lmax" in found
    client.post(f"/debug/{session.pk}", form(session, client))
    assert Replay.objects.latest("pk").modifications == {} and "nothing changed" in text(client, f"/debug/{session.pk}")


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"body": '{"quantity": }'}, "body", "is no JSON"),
        ({"headers": "X-Desk 7"}, "headers", "line 1: expected name:value"),
        ({"headers": "Host: elsewhere"}, "headers", "is set by the connection"),
        ({"path": "/../admin"}, "path", "must not lead upwards"),
        ({"target": "nowhere"}, "target", "is not listed: staging"),
    ],
)
@pytest.mark.usefixtures("mia")
def test_a_fault_stands_at_its_field_and_the_texts_stay(
    client: Client, changed: dict[str, str], field: str, words: str
) -> None:
    session = bench()
    make_target(session)
    answer = client.post(f"/debug/{session.pk}", form(session, client, **{"query": "kept=1", **changed}))
    html = answer.content.decode()
    assert answer.status_code in (400, 404) and "Not sent:" in html and "kept=1" in html
    assert words in html and Replay.objects.count() == 0
    if field != "target":
        place = html.split(f'id="replay-{field}-help"')[1].split("</div>")[0]
        assert words in place and f'aria-describedby="replay-{field}-help"' in html


def test_production_waits_for_another_person(client: Client, target: HostileServer, mia) -> None:
    session = bench()
    make_target(session, target.url, name="live", kind=TargetKind.PRODUCTION)
    client.post(f"/debug/{session.pk}", form(session, client, target="live"))
    replay = Replay.objects.get()
    path = f"/dashboard/actions/debug/{session.pk}/replays/{replay.pk}"
    html = main_of(client, f"/debug/{session.pk}")
    assert replay.state == ReplayState.WAITING and target.asked == []
    assert "Waits for a second person" in html and f'action="{path}/refuse"' in html
    assert f'action="{path}/approve"' not in html  # who asked is no second person
    refused = client.post(f"{path}/approve", headers={"Accept": "application/json"}).json()
    assert refused["failed"] and "somebody else" in refused["text"] and target.asked == []
    client.force_login(make_user("tom", role=Role.RESPONDER))
    assert f'action="{path}/approve"' in main_of(client, f"/debug/{session.pk}")
    assert client.post(f"{path}/approve").status_code == 302
    replay.refresh_from_db()
    assert (replay.state, replay.approved_by) == (ReplayState.ANSWERED, "tom") and len(target.asked) == 1
    assert "approved by tom" in text(client, f"/debug/{session.pk}")


@pytest.mark.usefixtures("mia")
def test_refused_is_not_sent(client: Client, target: HostileServer) -> None:
    session = bench()
    make_target(session, target.url, name="live", kind=TargetKind.PRODUCTION)
    client.post(f"/debug/{session.pk}", form(session, client, target="live"))
    replay = Replay.objects.get()
    client.post(f"/dashboard/actions/debug/{session.pk}/replays/{replay.pk}/refuse")
    assert "Refused" in text(client, f"/debug/{session.pk}") and target.asked == []


@pytest.mark.usefixtures("mia")
def test_again_sends_the_same_and_its_body_fills_the_form(client: Client, target: HostileServer) -> None:
    session = bench()
    make_target(session, target.url)
    client.post(f"/debug/{session.pk}", form(session, client, body='{"account_id": "acc-2"}'))
    replay = Replay.objects.get()
    client.post(f"/dashboard/actions/debug/{session.pk}/replays/{replay.pk}/again")
    assert [each.body for each in target.asked] == [b'{"account_id":"acc-2"}'] * 2
    html = main_of(client, f"/debug/{session.pk}?from={replay.pk}")
    assert "acc-2" in html.split('id="replay-body"')[1].split("</textarea>")[0]
    assert f"with the request of replay {replay.pk}" in html
    kept = text(client, f"/debug/{session.pk}?keep={replay.pk}")
    assert f"of replay {replay.pk}" in kept and "acc-2" in kept.split("Test to keep")[1]
    assert client.get(f"/debug/{session.pk}?from=999999").status_code == 200


@pytest.mark.usefixtures("mia")
def test_a_format_that_cannot_hold_the_body_hides_no_other(client: Client) -> None:
    session = make_session(store_event(request={**REQUEST, "data": "quantity {{200}}"}))
    kept = text(client, f"/debug/{session.pk}").split("Test to keep")[1]
    assert "import httpx" in kept and "--data-raw" in kept
    assert "This body cannot be written as a .http file" in kept and f"dbg-{session.pk}.http" not in kept


@pytest.mark.usefixtures("mia")
def test_a_verified_fix_is_a_badge(client: Client) -> None:
    session = bench()
    make_replay(session, diff={"trace": {"reported": True}})
    fixed = make_replay(
        session, reproduced=Reproduced.NO, response={"status": 201, "headers": [], "body": ""},
        diff={"trace": {"reported": True, "release": "trading-api@2.0.2"}},
    )  # fmt: skip
    path = f"/dashboard/actions/debug/{session.pk}/replays/{fixed.pk}/verify"
    assert f'action="{path}"' in main_of(client, f"/debug/{session.pk}")
    client.post(path)
    assert session.entries.filter(kind=EntryKind.VERIFIED).exists()
    assert re.search(
        r'<span class="badge sev ok" title="Fix verified by replay', main_of(client, f"/debug/{session.pk}")
    )


@pytest.mark.usefixtures("mia")
def test_what_lacks_for_a_verification_is_said(client: Client) -> None:
    session = bench()
    make_replay(session, reproduced=Reproduced.NO, response={"status": 201, "headers": [], "body": ""}, diff={})
    found = text(client, f"/debug/{session.pk}")
    assert "It does not verify a fix:" in found and "No earlier replay at staging" in found


def test_a_viewer_sees_replays_and_cannot_send(client: Client, target: HostileServer) -> None:
    session = bench()
    make_target(session, target.url, kind=TargetKind.PRODUCTION, name="live")
    waiting = make_replay(session, state=ReplayState.WAITING, target_name="live", response=None)
    client.force_login(make_user("vera", role=Role.VIEWER))
    html = main_of(client, f"/debug/{session.pk}")
    assert "<form" not in html and "A responder of the project may send" in html and "Waits" in html
    answer = client.post(f"/debug/{session.pk}", {"form": "replay", "target": "live", "method": "GET", "path": "/ok"})
    assert answer.status_code == 403
    client.post(f"/dashboard/actions/debug/{session.pk}/replays/{waiting.pk}/approve")
    client.post(f"/dashboard/actions/debug/{session.pk}/replays/{waiting.pk}/again")
    waiting.refresh_from_db()
    assert waiting.state == ReplayState.WAITING and target.asked == [] and Replay.objects.count() == 1


@pytest.mark.usefixtures("mia")
def test_without_a_target_it_says_who_adds_one(client: Client) -> None:
    session = bench()
    found = text(client, f"/debug/{session.pk}")
    assert "No replay target yet" in found and "A manager of the project adds one" in found
    client.force_login(make_user("max", role=Role.MANAGER))
    html = main_of(client, f"/debug/{session.pk}")
    assert f'href="/admin/debugging/replaytarget/add/?project={session.project_id}"' in html


@pytest.mark.usefixtures("mia")
def test_an_error_without_a_request_says_so(client: Client) -> None:
    session = make_session()
    make_target(session)
    found = text(client, f"/debug/{session.pk}")
    assert "Nothing to send again" in found and "Nothing to write down" in found


@pytest.mark.usefixtures("mia")
def test_many_replays_with_long_bodies_stay_a_small_page(client: Client) -> None:
    session = make_session(store_event(request={**REQUEST, "data": {"rows": ["x" * 100] * 5000}}))
    make_target(session)
    long = "<&\"'" * 60_000
    changes = [{"op": "replace", "path": f"/{at}", "before": "<" * 500, "after": ">" * 500} for at in range(100)]
    for at in range(60):
        make_replay(
            session, request={"method": "POST", "url": f"https://s/{long}", "headers": [["A", long]], "body": long},
            response={"status": 500, "headers": [[f"H{n}", long] for n in range(100)], "body": long, "seconds": 0.2},
            diff={"body": {"changes": changes, "source": "replay 1", "left_out": 9}}, title=f"no {at}",
        )  # fmt: skip
    answer = client.get(f"/debug/{session.pk}")
    assert len(answer.content) < 200_000
    older = re.search(r'href="([^"]*replays=[^"]*)"', answer.content.decode())
    assert older
    assert "Newest" in text(client, older[1].replace("&amp;", "&").partition("#")[0])


@pytest.mark.usefixtures("mia")
def test_unknown_forms_and_actions_are_refused(client: Client) -> None:
    session = bench()
    replay = make_replay(session)
    elsewhere = make_replay(make_session(store_event()))
    assert client.post(f"/debug/{session.pk}", {"form": "explode"}).status_code == 400
    assert client.post(f"/dashboard/actions/debug/{session.pk}/replays/{replay.pk}/explode").status_code == 404
    assert client.post(f"/dashboard/actions/debug/{session.pk}/replays/{elsewhere.pk}/again").status_code == 404
    assert client.get(f"/debug/{session.pk}?replays=nonsense").status_code == 400
