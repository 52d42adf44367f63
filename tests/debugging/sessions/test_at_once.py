"""Many who open a session on one error at the same moment, and retention that would take the error away meanwhile."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from debugging.choices import SessionState
from debugging.contexts.subjects import find_subject
from debugging.models import DebugSession, ErrorContext, SessionEntry, SessionSnapshot, SessionStep
from debugging.retention import delete_old
from debugging.sessions.opening import Opened, open_session
from debugging.sessions.services import end_session
from tests.at_once import until_done
from tests.debugging.builders import CAPTURE, NOW, store_event
from tests.projects.builders import bearer, make_project
from tradewatch.core.actors import SYSTEM
from tradewatch.core.faults import Unknown
from tradewatch.errors import retention as events
from tradewatch.errors.models import Event
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db(transaction=True)
CALLERS = 6
LATER = NOW + timedelta(days=401)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Return what each returned or raised."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            barrier.wait(20)
            results[place] = until_done(act)
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def opening(project_id: int, error_id: str) -> Callable[[], Opened]:
    return lambda: open_session(SYSTEM, find_subject([project_id], error_id), now=NOW)


def capture(client: Client) -> tuple[Project, str]:
    project = make_project()
    headers = bearer("debug:write", projects=[project])
    answer = client.post("/debug/capture", CAPTURE, content_type="application/json", headers=headers)
    return project, answer.json()["error_id"]


def test_all_who_open_one_at_once_get_the_same_session() -> None:
    event = store_event()
    opened = at_once(*[opening(event.project_id, event.event_id.hex)] * CALLERS)
    assert all(isinstance(each, Opened) for each in opened), opened
    session = DebugSession.objects.get()
    assert {each.session.pk for each in opened} == {session.pk}
    assert sum(each.is_new for each in opened) == 1
    assert SessionEntry.objects.filter(kind="opened").count() == SessionSnapshot.objects.count() == 1
    assert SessionStep.objects.filter(session=session).count() == len(set(session.steps.values_list("key", flat=True)))


def test_all_who_open_one_on_a_captured_error_get_the_same_session(client: Client) -> None:
    project, error_id = capture(client)
    opened = at_once(*[opening(project.pk, error_id)] * CALLERS)
    assert {each.session.pk for each in opened} == {DebugSession.objects.get().pk}
    assert sum(each.is_new for each in opened) == 1


def test_closing_and_opening_at_once_leave_at_most_one_open() -> None:
    event = store_event()
    first = opening(event.project_id, event.event_id.hex)().session
    at_once(
        lambda: end_session(SYSTEM, first, SessionState.CLOSED, now=NOW),
        *[opening(event.project_id, event.event_id.hex)] * CALLERS,
    )
    assert DebugSession.objects.filter(state=SessionState.OPEN).count() <= 1
    assert DebugSession.objects.count() <= 2


@pytest.mark.parametrize("delay", [0.0, 0.005, 0.02])
def test_retention_at_that_moment_takes_the_error_or_leaves_it_whole(delay: float) -> None:
    event = store_event()
    waits = threading.Event()

    def retention() -> int:
        waits.wait(delay)
        return events.delete_old(LATER)

    opened, deleted = at_once(opening(event.project_id, event.event_id.hex), retention)
    if deleted:
        assert isinstance(opened, Unknown), opened
        assert not DebugSession.objects.exists() and not Event.objects.exists()
    else:
        assert opened.session.event_id == event.pk
        assert Event.objects.select_related("stored").get().payload["event_id"] == event.event_id.hex


def test_an_error_that_goes_while_it_is_read_is_unknown() -> None:
    event = store_event()
    subject = find_subject([event.project_id], event.event_id.hex)
    assert events.delete_old(LATER) == 1
    with pytest.raises(Unknown):
        open_session(SYSTEM, subject, now=NOW)
    assert not DebugSession.objects.exists()


def test_a_captured_error_that_goes_while_it_is_read_is_unknown(client: Client) -> None:
    project, error_id = capture(client)
    subject = find_subject([project.pk], error_id)
    ErrorContext.objects.update(captured_at=NOW)
    assert delete_old(LATER) == 1
    with pytest.raises(Unknown):
        open_session(SYSTEM, subject, now=NOW)
    assert not DebugSession.objects.exists()
