"""A session keeps its error from retention, and goes itself when it has been over long enough."""

from datetime import timedelta

import pytest
from django.db.models import RestrictedError
from django.test import Client

from debugging.choices import SessionState
from debugging.models import DebugSession, ErrorContext, Replay, SessionStep
from debugging.retention import delete_old
from debugging.sessions.opening import look_again
from debugging.sessions.services import end_session
from tests.debugging.builders import CAPTURE, NOW, make_replay, make_session, store_event
from tests.inbox.builders import keep_item
from tests.projects.builders import bearer, make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.errors import retention as events
from tradewatch.errors.models import Event
from tradewatch.inbox.models import KeptItem

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=401)


def test_an_event_of_a_session_stays_with_its_document_and_others_go() -> None:
    held, other = store_event(), store_event()
    session = make_session(held)
    assert events.delete_old(NOW + YEAR) == 1
    assert list(Event.objects.values_list("pk", flat=True)) == [held.pk] != [other.pk]
    assert Event.objects.get().payload["event_id"] == held.event_id.hex
    look_again(SYSTEM, session, now=NOW + YEAR)


def test_the_database_holds_it_too_and_a_step_that_meets_it_is_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    held, other = store_event(), store_event()
    for event in (held, other):
        keep_item(event.project, event.event_id, received_at=NOW)
    make_session(held)
    with pytest.raises(RestrictedError):
        held.delete()
    monkeypatch.setattr(events, "needed_events", list)  # opened a moment after it was asked
    assert events.delete_old(NOW + YEAR) == 0
    assert Event.objects.filter(stored__isnull=False).count() == KeptItem.objects.count() == 2


def test_a_session_goes_long_after_its_end_and_lets_its_event_go() -> None:
    session, is_open = make_session(), make_session()
    replays = [make_replay(each) for each in (session, is_open)]
    end_session(SYSTEM, session, SessionState.CLOSED, now=NOW)
    assert delete_old(NOW + timedelta(days=399)) == 0
    assert delete_old(NOW + YEAR) == 1
    assert list(DebugSession.objects.all()) == [is_open]
    assert set(SessionStep.objects.values_list("session", flat=True)) == {is_open.pk}
    assert list(Replay.objects.all()) == replays[1:]
    assert events.delete_old(NOW + YEAR) == 1


def test_a_context_goes_unless_a_session_is_about_it(client: Client) -> None:
    make_project()
    headers = bearer("debug:write")
    ids = [
        client.post("/debug/capture", CAPTURE, content_type="application/json", headers=headers).json()["error_id"]
        for _ in range(2)
    ]
    assert (
        client.post(f"/debug/session/{ids[0]}", {}, content_type="application/json", headers=headers).status_code == 201
    )
    now = ErrorContext.objects.latest("captured_at").captured_at
    assert delete_old(now + timedelta(days=89)) == 0
    assert delete_old(now + timedelta(days=91)) == 1
    assert ErrorContext.objects.get().error_id.hex == ids[0]


def test_a_project_goes_with_all_of_it() -> None:
    session = make_session()
    session.project.delete()
    assert not DebugSession.objects.exists() and not Event.objects.exists()
