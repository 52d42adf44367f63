from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from debugging.choices import SessionState
from debugging.models import DebugSession, ErrorContext, Replay, ReplayBatch, Simulation
from tests.debugging.builders import CAPTURE, make_batch, make_replay, make_session, store_event
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.once]
LIST = "/admin/debugging/debugsession/"


@pytest.fixture
def mia(client: Client):
    return log_in(client, Role.RESPONDER)


def log_in(client: Client, role: Role):
    user = make_user("mia")
    add_member(SYSTEM, make_project(), user, role)  # which gives the role's group too
    client.force_login(user)
    return user


def actor_of(user) -> Actor:
    return Actor("user", user.pk, user.get_username())


@pytest.mark.usefixtures("mia")
def test_the_list_shows_ones_own_projects_and_finds(client: Client) -> None:
    make_session(title="Orders fail")
    make_session(store_event(project=make_project("other")), title="Elsewhere")
    page = client.get(LIST).content.decode()
    assert "Orders fail" in page and "Elsewhere" not in page
    assert "Orders fail" not in client.get(f"{LIST}?q=quotes").content.decode()
    assert "Orders fail" in client.get(f"{LIST}?state__exact=open").content.decode()


def test_its_page_is_edited_through_the_services(client: Client, mia) -> None:
    session = make_session(title="Orders fail")
    path = f"{LIST}{session.pk}/change/"
    page = client.get(path).content.decode()
    assert "New in this release" in page and "Opened on event" in page and f'href="/debug/{session.pk}"' in page
    sent = {"title": "Orders of one tier", "owner": mia.pk, "conclusion": "A missing rate."}
    inlines = ("steps", "entries")
    for name in inlines:
        sent |= {f"{name}-TOTAL_FORMS": 0, f"{name}-INITIAL_FORMS": 0}
    assert client.post(path, sent).status_code == 302
    session.refresh_from_db()
    assert (session.title, session.owner, session.conclusion) == ("Orders of one tier", mia, "A missing rate.")
    assert list(session.entries.values_list("kind", flat=True)) == ["conclusion", "owner", "title", "opened"]


def test_actions_end_and_reopen(client: Client, mia) -> None:
    concluded, bare = make_session(), make_session()
    DebugSession.objects.filter(pk=concluded.pk).update(conclusion="A missing rate.")

    def run(action: str) -> str:
        chosen = {"action": action, "_selected_action": [concluded.pk, bare.pk]}
        return client.post(LIST, chosen, follow=True).content.decode()

    assert "1 resolved" in run("resolve") and "say what the cause was" in run("resolve")
    run("close")
    states = dict(DebugSession.objects.values_list("pk", "state"))
    assert states == {concluded.pk: SessionState.RESOLVED, bare.pk: SessionState.CLOSED}
    assert "2 reopened" in run("reopen") and "2 taken" in run("take")
    assert set(DebugSession.objects.values_list("owner", flat=True)) == {mia.pk}


def test_a_viewer_changes_nothing(client: Client) -> None:
    session = make_session()
    log_in(client, Role.VIEWER)
    assert client.get(f"{LIST}{session.pk}/change/").status_code == 200
    client.post(LIST, {"action": "close", "_selected_action": [session.pk]})
    assert client.post(f"{LIST}{session.pk}/change/", {"title": "x"}).status_code == 403
    session.refresh_from_db()
    assert session.is_open and session.title != "x"


@pytest.mark.usefixtures("mia")
def test_captured_errors_are_listed_without_their_documents(client: Client) -> None:
    headers = bearer("debug:write")
    client.post("/debug/capture", CAPTURE, content_type="application/json", headers=headers)
    page = client.get("/admin/debugging/errorcontext/").content.decode()
    assert "KeyError: &#x27;institutional&#x27;" in page
    row = ErrorContext.objects.get()
    change = client.get(f"/admin/debugging/errorcontext/{row.pk}/change/")
    assert change.status_code == 200 and "data" not in change.context["adminform"].readonly_fields


@pytest.mark.usefixtures("mia")
def test_replays_and_batches_are_read_without_what_may_be_a_secret(client: Client) -> None:
    session = make_session()
    asked = '{"headers": {"Authorization": "Bearer tell-nobody"}}'
    batch = make_batch(session, asked=asked, result={"body": {"q": 1}})
    replay = make_replay(session, asked=asked, response={"status": 500, "body": "x" * 50_000})
    elsewhere = make_replay(make_session(store_event(project=make_project("other"))))
    listed = client.get("/admin/debugging/replay/").content.decode()
    assert f"replay {replay.pk} at staging" in listed and f"replay {elsewhere.pk} at" not in listed
    assert "0 of 4" in client.get("/admin/debugging/replaybatch/").content.decode()
    for path, shown in ((f"replay/{replay.pk}", "X-Desk"), (f"replaybatch/{batch.pk}", "&quot;q&quot;: 1")):
        page = client.get(f"/admin/debugging/{path}/change/")
        html = page.content.decode()
        assert shown in html and f'href="/debug/{session.pk}"' in html
        assert "tell-nobody" not in html and len(html) < 200_000
        assert client.post(f"/admin/debugging/{path}/change/", {"state": "queued"}).status_code == 403
    assert client.get(f"/admin/debugging/replay/{elsewhere.pk}/change/").status_code == 302


@pytest.mark.usefixtures("mia")
def test_simulations_are_read(client: Client) -> None:
    row = Simulation.objects.create(
        session=make_session(), event_id=uuid4(), changes={"release": "2.0.2"}, requested_at=timezone.now()
    )
    assert str(row.event_id) in client.get("/admin/debugging/simulation/").content.decode()
    page = client.get(f"/admin/debugging/simulation/{row.pk}/change/").content.decode()
    assert "2.0.2" in page and "not digested yet" in page


def test_replays_and_batches_that_wait_are_decided_on(client: Client, mia) -> None:
    session = make_session()
    waits, own = make_replay(session, state="waiting"), make_replay(session, state="waiting", actor=actor_of(mia))
    batch, running = make_batch(session, state="waiting"), make_batch(session, state="queued")
    make_replay(session, batch=batch, state="waiting")
    make_replay(session, batch=running, state="queued")

    def run(model: str, action: str, *rows: int) -> str:
        chosen = {"action": action, "_selected_action": rows}
        return client.post(f"/admin/debugging/{model}/", chosen, follow=True).content.decode()

    assert "somebody else than who asked" in run("replay", "approve", own.pk)
    assert "2 refused" in run("replay", "refuse", waits.pk, own.pk)
    assert "1 approved" in run("replaybatch", "approve", batch.pk)
    assert "2 cancelled" in run("replaybatch", "cancel", batch.pk, running.pk)
    states = {each.state for each in (*Replay.objects.all(), *ReplayBatch.objects.all())}
    assert states == {"refused", "cancelled"}


def test_a_viewer_decides_on_nothing(client: Client) -> None:
    replay = make_replay(make_session(), state="waiting")
    log_in(client, Role.VIEWER)
    answer = client.post(
        "/admin/debugging/replay/", {"action": "approve", "_selected_action": [replay.pk]}, follow=True
    )
    replay.refresh_from_db()
    assert "0 approved" in answer.content.decode() and replay.state == "waiting"
