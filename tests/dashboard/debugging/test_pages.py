"""The list, the workbench and its buttons, the button on an issue's event, the panels."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from debugging.choices import BatchState, EntryKind, ReplayState, SessionState, StepKey, StepState
from debugging.models import DebugSession
from debugging.sessions.services import give_session
from debugging.sessions.trail import note_entry
from tests.debugging.builders import CAPTURE, make_batch, make_replay, make_session, step_of, store_event
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.actors import SYSTEM, Actor
from tradewatch.core.panels import Watched
from tradewatch.dashboard.debugging.panel import sessions_panel
from tradewatch.projects.choices import Role

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def mia(client: Client):
    user = make_user("mia", role=Role.RESPONDER)
    client.force_login(user)
    return user


def main_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    html = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=", html)
    return html.split('<main class="page" id="main">')[1].split("</main>")[0]


def text(client: Client, path: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main_of(client, path)))


@pytest.mark.usefixtures("mia")
def test_an_empty_list_says_what_to_do(client: Client) -> None:
    found = text(client, "/debug")
    assert "No session is open" in found and "Nothing waits here" in found


def test_the_list_narrows_by_state_and_owner(client: Client, mia) -> None:
    mine, other = make_session(title="Mine it is"), make_session(title="Of nobody")
    ended = make_session(title="Over and done")
    give_session(SYSTEM, mine, mia, now=timezone.now())
    client.post(f"/dashboard/actions/debug/{ended.pk}/close")
    make_session(store_event(project=make_project("other")), title="Elsewhere")
    everything = text(client, "/debug")
    assert "Mine it is" in everything and "Of nobody" in everything
    assert "Over and done" not in everything and "Elsewhere" not in everything
    assert "Of nobody" not in text(client, "/debug?owner=me")
    assert "Mine it is" not in text(client, "/debug?owner=none")
    assert "Over and done" in text(client, "/debug?state=closed")
    assert "No session fits" in text(client, "/debug?state=resolved")
    assert f'href="/debug/{other.pk}"' in main_of(client, "/debug")


@pytest.mark.usefixtures("mia")
def test_a_captured_error_waits_and_a_session_opens_on_it(client: Client) -> None:
    headers = bearer("debug:write")
    told = client.post("/debug/capture", CAPTURE, content_type="application/json", headers=headers).json()
    assert "KeyError: &#x27;institutional&#x27;" in text(client, "/debug")
    answer = client.post(f"/dashboard/actions/debug/open/{told['error_id']}")
    session = DebugSession.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/debug/{session.pk}")
    assert session.owner is not None and session.owner.username == "mia"
    assert "Nothing waits here" in text(client, "/debug")
    assert "acc-4" in text(client, f"/debug/{session.pk}")


@pytest.mark.usefixtures("mia")
def test_the_workbench_shows_context_steps_and_trail(client: Client) -> None:
    frame = {"filename": "app/margin.py", "function": "margin_by_tier", "in_app": True, "vars": {"tier": "'inst'"}}
    thrown = {"type": "KeyError", "value": "'inst'", "stacktrace": {"frames": [frame]}}
    event = store_event(
        exception={"values": [thrown]}, request={"method": "POST", "url": "https://trade/orders", "data": {"q": 2}}
    )
    session = make_session(event)
    found = text(client, f"/debug/{session.pk}")
    assert "KeyError on /api/v1/orders" in found and f"DBG-{session.pk}" in found
    assert "margin_by_tier" in found and "&#x27;inst&#x27;" in found
    assert "The error names no trace" in found
    for key in StepKey:
        assert key.label in found
    assert f"0 of {len(StepKey)} done" in found and "Opened on event" in found
    whole = client.get(f"/debug/{session.pk}").content.decode()
    assert re.search(r'<nav class="crumbs".*?href="/debug".*?</nav>', whole, re.S)
    html = main_of(client, f"/debug/{session.pk}")
    assert f'href="/issues/{event.issue_id}/events/{event.event_id.hex}"' in html


def test_its_buttons_do_what_they_say(client: Client, mia) -> None:
    session = make_session()
    base = f"/dashboard/actions/debug/{session.pk}"

    def press(action: str, **form: str) -> None:
        assert client.post(f"{base}/{action}", form).status_code == 302

    press("steps/shared", state="skipped")
    press("steps/shared", note="looked by hand")
    step = step_of(session, StepKey.SHARED)
    assert (step.state, step.note, step.by) == (StepState.SKIPPED, "looked by hand", "mia")
    press("give", owner="me")
    press("note", note="quiet since noon")
    press("look")
    press("conclude", conclusion="", resolve="1")
    session.refresh_from_db()
    assert session.owner == mia and session.is_open
    press("conclude", conclusion="A missing rate.", resolve="1")
    session.refresh_from_db()
    assert (session.state, session.conclusion, session.closed_by) == (SessionState.RESOLVED, "A missing rate.", "mia")
    page = text(client, f"/debug/{session.pk}")
    assert "quiet since noon" in page and "A missing rate." in page and "looked by hand" in page
    press("reopen")
    press("close")
    session.refresh_from_db()
    assert session.state == SessionState.CLOSED
    assert client.post(f"{base}/explode").status_code == 404


def test_a_viewer_sees_it_without_buttons(client: Client) -> None:
    session = make_session()
    client.force_login(make_user("vera", role=Role.VIEWER))
    html = main_of(client, f"/debug/{session.pk}")
    assert "<form" not in html.replace('<form class="end crumb-filter"', "")
    client.post(f"/dashboard/actions/debug/{session.pk}/close")
    session.refresh_from_db()
    assert session.is_open
    client.post(f"/dashboard/actions/debug/open/{store_event().event_id.hex}")
    assert DebugSession.objects.count() == 1


@pytest.mark.usefixtures("mia")
def test_a_session_of_another_project_is_not_found(client: Client) -> None:
    session = make_session(store_event(project=make_project("other")))
    assert client.get(f"/debug/{session.pk}").status_code == 404
    assert client.post(f"/dashboard/actions/debug/{session.pk}/close").status_code == 404
    assert client.post(f"/dashboard/actions/debug/open/{session.event.event_id.hex}").status_code == 404  # type: ignore[union-attr]


@pytest.mark.usefixtures("mia")
def test_the_page_of_an_issue_opens_a_session_and_shows_it(client: Client) -> None:
    event = store_event()
    path = f"/dashboard/actions/debug/open/{event.event_id.hex}"
    assert f'action="{path}"' in main_of(client, f"/issues/{event.issue_id}")
    answer = client.post(path, {"project": str(event.project_id)}, follow=True)
    assert "Session opened" in answer.content.decode()
    assert f"DBG-{DebugSession.objects.get().pk}" in text(client, f"/issues/{event.issue_id}")


def test_the_dashboard_shows_the_open_ones() -> None:
    project, now = make_project(), timezone.now()
    watched = Watched((project.pk,), "", now, now, now)
    assert sessions_panel(watched) is None
    make_session(title="Orders fail")
    assert "Orders fail" in str(sessions_panel(watched))
    assert sessions_panel(Watched((project.pk,), "staging", now, now, now)) is None


def test_the_list_counts_replays_and_says_what_waits_and_what_is_verified(client: Client, mia) -> None:
    session = make_session(title="Orders fail")
    make_replay(session)
    assert "Waits for a second person" not in text(client, "/debug")
    own = Actor("user", mia.pk, "mia")
    make_replay(session, state=ReplayState.WAITING, target_name="prod-a")
    make_replay(session, state=ReplayState.WAITING, target_name="prod-b", actor=own)
    note_entry(own, session, EntryKind.VERIFIED, "The fix holds", now=timezone.now())
    found = text(client, "/debug")
    assert "3 replays" in found and "Fix verified" in found
    assert re.search(r"Replay at prod-a .*?waits for you .*?Replay at prod-b .*?by another", found)
    assert "prod-a" not in text(client, "/debug?environment=staging")
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert "waits for you" not in text(client, "/debug") and "prod-a" in text(client, "/debug")


def test_the_dashboard_shows_what_waits_and_what_runs() -> None:
    session, now = make_session(title="Orders fail"), timezone.now()
    watched = Watched((session.project_id,), "", now, now, now)
    make_replay(session, state=ReplayState.WAITING, target_name="prod")
    batch = make_batch(session, state=BatchState.RUNNING)
    make_replay(session, batch=batch, ended_at=now)
    make_batch(session, state=BatchState.WAITING, target_name="prod-2")
    panel = str(sessions_panel(watched))
    assert "Replay at prod waits for a second person" in panel and "Matrix at prod-2 waits" in panel
    assert "1 of 4 tried" in panel
    elsewhere = Watched((make_project("other").pk,), "", now, now, now)
    assert sessions_panel(elsewhere) is None
