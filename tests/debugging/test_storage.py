"""What debugging takes is said on the status, the page and in the admin; and the clock gives it back, kind by kind."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.core.cache import cache
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from debugging.choices import SessionState
from debugging.models import (
    DebugSession,
    ErrorContext,
    Replay,
    ReplayBatch,
    SessionEntry,
    SessionSnapshot,
    SessionStep,
    Simulation,
)
from debugging.sessions.services import end_session
from debugging.storage import storage_of
from debugging.tasks import clean_up
from tests.debugging.builders import CAPTURE, NOW, make_batch, make_replay, make_session, store_event
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project
from tradewatch.projects.services import add_member

pytestmark = pytest.mark.django_db
OF_A_SESSION: tuple[type[Model], ...] = (
    SessionSnapshot,
    SessionStep,
    SessionEntry,
    Replay,
    ReplayBatch,
    Simulation,
)


def capture(client: Client, project: Project) -> None:
    headers = bearer("debug:write", projects=[project])
    assert client.post("/debug/capture", CAPTURE, content_type="application/json", headers=headers).status_code == 201


def full_session(**fields: Any) -> DebugSession:
    session = make_session(**fields)
    make_replay(session)
    make_batch(session)
    Simulation.objects.create(session=session, event_id=uuid4(), requested_at=NOW, requested_by="ann")
    return session


def rows_of(project_ids: Any = None) -> dict[str, int]:
    return {each.name: each.rows for each in storage_of(project_ids)}


def test_rows_and_bytes_of_each_kind_are_those_that_are_stored(client: Client) -> None:
    mine, other = make_project(), make_project("other")
    session = full_session()
    capture(client, mine)
    capture(client, other)
    found = {each.name: each for each in storage_of([mine.pk])}
    assert found["contexts"].rows == found["sessions"].rows == found["replays"].rows == found["simulations"].rows == 1
    assert found["contexts"].bytes == len(bytes(ErrorContext.objects.get(project=mine).data))
    assert found["snapshots"].bytes == len(bytes(session.snapshot.data))
    assert found["steps"].rows == session.steps.count() and found["steps"].bytes > 100
    assert found["replays"].bytes > 100
    assert (rows_of()["contexts"], rows_of([other.pk])["contexts"], rows_of([other.pk])["sessions"]) == (2, 1, 0)
    assert rows_of([])["contexts"] == 0


def test_the_status_says_it(client: Client) -> None:
    full_session()
    told = client.get("/error-tracking/status", headers=bearer("errors:read")).json()["debugging"]
    assert told["storage"]["sessions"] == {"rows": 1, "bytes": 0}
    assert told["bytes"] == sum(kind["bytes"] for kind in told["storage"].values()) > 0


@pytest.mark.once
def test_the_page_and_the_admin_say_it_of_ones_own_projects(client: Client) -> None:
    user = make_user("mia")
    add_member(SYSTEM, make_project(), user, Role.RESPONDER)
    client.force_login(user)
    assert "Stored: nothing yet." in client.get("/debug").content.decode()
    full_session()
    full_session(event=store_event(project=make_project("other")))
    page = client.get("/debug").content.decode()
    assert "1 session " in page and "1 replay " in page and "Sessions go 400 days after their end" in page
    assert "1 session " in client.get("/admin/debugging/debugsession/").content.decode()
    assert "1 session " in client.get("/admin/debugging/errorcontext/").content.decode()


def test_the_clock_takes_every_kind_in_its_time(client: Client, settings: Any) -> None:
    settings.DEBUG_SESSION_RETENTION = settings.DEBUG_CONTEXT_RETENTION = timedelta(days=1)
    make_project()
    ended, is_open = full_session(), full_session()
    end_session(SYSTEM, ended, SessionState.CLOSED, now=timezone.now())
    capture(client, ended.project)
    clean_up()
    assert DebugSession.objects.count() == 2 and ErrorContext.objects.count() == 1
    DebugSession.objects.filter(pk=ended.pk).update(closed_at=timezone.now() - timedelta(days=2))
    ErrorContext.objects.update(captured_at=timezone.now() - timedelta(days=2))
    clean_up()
    assert list(DebugSession.objects.all()) == [is_open] and not ErrorContext.objects.exists()
    for model in OF_A_SESSION:
        held = set(model._default_manager.values_list("session", flat=True))
        assert held == {is_open.pk}, model


# How the rows of each model go that do not go with another row.
GOING = {
    "DebugSession": "TRADEWATCH_DEBUG_SESSION_RETENTION_DAYS",
    "ErrorContext": "TRADEWATCH_DEBUG_CONTEXT_RETENTION_DAYS",
    "BrowserReplay": "TRADEWATCH_REPLAY_RETENTION_DAYS and the quota",
    "PatternRun": "patterns.running keeps the newest",
    "Pattern": "with its issue, and when it is not found again",
    "ReplayTarget": "people write and delete it",
}


def test_every_model_has_its_end() -> None:
    for model in apps.get_app_config("debugging").get_models():
        owners = [field.related_model for field in model._meta.fields if field.many_to_one or field.one_to_one]
        goes_with = {owner.__name__ for owner in owners if owner._meta.app_label == "debugging"} & GOING.keys()
        assert model.__name__ in GOING or goes_with, f"{model.__name__}: say in GOING how its rows go, or write it"


def test_figures_that_took_long_are_kept_for_a_while(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    project, other = make_project(), make_project("other")
    monkeypatch.setattr("debugging.storage.LONG_SECONDS", -1.0)
    before = storage_of([project.pk])
    capture(client, project)
    assert storage_of([project.pk]) == before
    assert storage_of([project.pk, other.pk]) != before  # another question
    monkeypatch.undo()
    cache.clear()
    assert storage_of([project.pk]) != before
