"""The page of a recording, its lines on issue and session, the admin, and who may take it away."""

from typing import Any

import orjson
import pytest
from django.test import Client

from debugging.models import BrowserReplay
from tests.dashboard.debugging.test_pages import main_of, text
from tests.debugging.builders import make_session, store_event
from tests.debugging.recordings.builders import NOW, PAGE, REPLAY_ID, crumb, meta, send
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role
from tradewatch.projects.services import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.SENTRY_ENABLE_SESSION_REPLAY = True


def log_in(client: Client, role: Role = Role.RESPONDER) -> None:
    client.force_login(make_user("mia", role=role))


def recorded(**fields: Any) -> BrowserReplay:
    send(0, [meta(), crumb("ui.click", "button#buy"), crumb("console", "<b>empty</b>", level="error")], **fields)
    return BrowserReplay.objects.get()


def test_the_page_tells_where_they_went_and_what_failed(client: Client) -> None:
    log_in(client)
    event = store_event(at=NOW)
    row = recorded(error_ids=[event.event_id.hex])
    send(3, [meta(f"{PAGE}?done")], payload=None)
    found = text(client, f"/debug/recording/{row.pk}")
    assert "1 click" in found and "1 console error" in found and "Clicked button#buy" in found
    assert "&lt;b&gt;empty&lt;/b&gt;" in main_of(client, f"/debug/recording/{row.pk}")
    assert "missing 1, 2" in found and "0:30" in found and "desk@1.2.0" in found and "trader-7" in found
    assert f'href="/issues/{event.issue_id}/events/{event.event_id.hex}"' in main_of(
        client, f"/debug/recording/{row.pk}"
    )
    narrow = text(client, f"/debug/recording/{row.pk}?show=trouble")
    assert "Clicked button#buy" not in narrow and "&lt;b&gt;empty" in narrow


def test_issue_and_session_list_what_shows_their_error(client: Client) -> None:
    log_in(client)
    event = store_event()
    session = make_session(event)
    assert "Recordings" not in text(client, f"/issues/{event.issue_id}")
    row = recorded(error_ids=[event.event_id.hex])
    for path in (f"/issues/{event.issue_id}", f"/debug/{session.pk}"):
        assert f'href="/debug/recording/{row.pk}"' in main_of(client, path), path
    assert "1 browser recording" in text(client, "/debug")


def test_it_is_downloaded_by_staff_and_not_by_others(client: Client) -> None:
    log_in(client)
    row = recorded()
    answer = client.get(f"/debug/recording/{row.pk}/file")
    assert len(orjson.loads(b"".join(answer.streaming_content))) == 3
    send(project=make_project("other"), replay_id="e" * 32)
    elsewhere = BrowserReplay.objects.latest("pk")
    assert client.get(f"/debug/recording/{elsewhere.pk}").status_code == 404
    assert client.get(f"/debug/recording/{elsewhere.pk}/file").status_code == 404
    assert client.post(f"/dashboard/actions/debug/recordings/{elsewhere.pk}/delete").status_code == 404
    client.logout()
    assert client.get(f"/debug/recording/{row.pk}/file").status_code == 302


def test_only_a_manager_takes_one_away_and_the_audit_has_it(client: Client) -> None:
    log_in(client)
    row = recorded()
    assert "Delete" not in text(client, f"/debug/recording/{row.pk}")
    client.post(f"/dashboard/actions/debug/recordings/{row.pk}/delete")
    assert BrowserReplay.objects.exists()
    client.force_login(make_user("max", role=Role.MANAGER))
    assert "Delete" in text(client, f"/debug/recording/{row.pk}")
    client.post(f"/dashboard/actions/debug/recordings/{row.pk}/delete")
    assert not BrowserReplay.objects.exists()
    assert AuditEntry.objects.get(action="recording.deleted").changes["replay_id"] == [REPLAY_ID, None]


def test_the_admin_finds_reads_and_deletes(client: Client) -> None:
    user = make_user("ada")
    add_member(SYSTEM, make_project(), user, Role.MANAGER)  # which gives the role's group too
    client.force_login(user)
    row = recorded()
    send(project=make_project("other"), replay_id="e" * 32)
    elsewhere = BrowserReplay.objects.latest("pk")
    path = "/admin/debugging/browserreplay/"
    listed = client.get(path).content.decode()
    assert f"replay {REPLAY_ID[:8]}" in listed and "eeeeeeee" not in listed and "1 browser recording" in listed
    page = client.get(f"{path}{row.pk}/change/").content.decode()
    assert f'href="/debug/recording/{row.pk}"' in page and "segments" in page
    assert client.get(f"{path}{elsewhere.pk}/change/").status_code == 302
    client.post(path, {"action": "take_away", "_selected_action": [row.pk, elsewhere.pk]})
    assert list(BrowserReplay.objects.all()) == [elsewhere]
