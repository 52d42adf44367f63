import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from django.conf import settings as live_settings
from django.db import connection, transaction

from tests.ingest.builders import OTHER_KEY, make_project
from tradewatch.inbox import queue_postgres, queue_sqlite
from tradewatch.inbox.models import QueuedEnvelope
from tradewatch.inbox.queue import Queued
from tradewatch.ingest.edge import edge, start_edge, stop_edge

Configure = Callable[..., None]


@pytest.fixture
def inbox(settings, tmp_path, request) -> Iterator[None]:
    """An empty queue: a file of its own, or on PostgreSQL the table, for all threads to see."""
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    with contextlib.ExitStack() as stack:
        if live_settings.IS_POSTGRES:
            request.getfixturevalue("django_db_setup")
            stack.enter_context(request.getfixturevalue("django_db_blocker").unblock())
            QueuedEnvelope.objects.all().delete()
            stack.callback(QueuedEnvelope.objects.all().delete)
        yield
    queue_sqlite.close()


@pytest.fixture
def projects(monkeypatch) -> dict:
    """The snapshot of projects that the edge sees: change it as the database would."""
    snapshot = {1: make_project(1), 2: make_project(2, keys={OTHER_KEY})}
    monkeypatch.setattr("tradewatch.projects.config._snapshot", snapshot)
    monkeypatch.setattr("tradewatch.ingest.refresher.Refresher._refresh", lambda self: self.is_ready.set())
    monkeypatch.setattr("tradewatch.ingest.tallying.EdgeTally.write", lambda self: None)
    return snapshot


@pytest.fixture
def accepting(inbox, projects, settings) -> Iterator[Configure]:
    """A running edge over `projects`; called with settings, it starts again under them."""

    def restart(**changed: object) -> None:
        stop_edge()
        for name, value in changed.items():
            setattr(settings, name, value)
        start_edge()

    start_edge()
    yield restart
    stop_edge()


@pytest.fixture
async def client(accepting) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=edge, client=("192.0.2.7", 4711))
    async with httpx.AsyncClient(transport=transport, base_url="http://watch.example") as client:
        yield client


def _read_queue() -> list[Queued]:
    if not live_settings.IS_POSTGRES:
        rows = queue_sqlite.read_after(0, limit=1_000, max_bytes=1 << 40)
        queue_sqlite.close()
        return rows
    with transaction.atomic():
        rows = queue_postgres.claim(limit=1_000, max_bytes=1 << 40)
    connection.close()
    return rows


async def read_queue() -> list[Queued]:
    """Return what was accepted so far."""
    return await asyncio.to_thread(_read_queue)
