import asyncio

import pytest
from django.test import Client
from sentry_sdk.envelope import Envelope

from tests.projects.builders import bearer
from tradewatch.core.faults import Unknown
from tradewatch.facade import inside
from tradewatch.facade.failures import failure_counts
from tradewatch.facade.sentry_config import ErrorCategory, SentryConfig
from tradewatch.projects.models import Project


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, bytes]]:
    """What reached the inbox: (project id, envelope)."""
    queued: list[tuple[int, bytes]] = []
    monkeypatch.setattr(inside, "enqueue", lambda project_id, body: queued.append((project_id, body)))
    return queued


@pytest.fixture
def project(db: None) -> Project:
    return Project.objects.create(name="Desk", slug="desk")


def test_an_error_goes_into_the_inbox_of_its_project(project: Project, queued: list[tuple[int, bytes]]) -> None:
    config = SentryConfig()
    assert config.initialize(project="desk")
    event_id = config.capture_error(error=ValueError("late"), category=ErrorCategory.SETTLEMENT)
    [(project_id, body)] = queued
    event = Envelope.deserialize(body).get_event()
    assert project_id == project.id
    assert event["event_id"] == event_id
    assert event["release"].startswith("tradewatch@")
    assert event["environment"] == "production"
    assert event["tags"] == {"tradewatch.category": "settlement"}


def test_the_upstreams_dsn_is_not_ours(
    project: Project, queued: list[tuple[int, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTRY_DSN", "http://upstream@127.0.0.1:9/9")
    client = inside.connect("desk")
    assert client is not None
    assert not client.dsn


async def test_from_async_code_a_thread_delivers(
    monkeypatch: pytest.MonkeyPatch, queued: list[tuple[int, bytes]]
) -> None:
    monkeypatch.setattr(inside.InboxTransport, "_project_id", lambda self: 3)
    config = SentryConfig()
    config.initialize(project="desk")
    assert config.capture_message("from a view")
    for _ in range(200):
        if queued:
            break
        await asyncio.sleep(0.01)
    assert [project_id for project_id, _ in queued] == [3]


def test_a_project_that_does_not_exist_surfaces_in_tests(db: None, queued: list[tuple[int, bytes]]) -> None:
    config = SentryConfig()
    config.initialize(project="nowhere")
    with pytest.raises(Unknown, match="nowhere"):
        config.capture_message("x")


def test_a_project_that_does_not_exist_is_counted(db: None, queued: list[tuple[int, bytes]], swallowing: None) -> None:
    config = SentryConfig()
    config.initialize(project="nowhere")
    assert config.capture_message("x") is None
    assert failure_counts() == {"capture_message": 1}
    assert queued == []


def test_the_status_endpoint_shows_what_failed(
    client: Client, db: None, queued: list[tuple[int, bytes]], swallowing: None
) -> None:
    config = SentryConfig()
    config.initialize(project="nowhere")
    config.capture_error(error=ValueError("late"))
    status = client.get("/error-tracking/status", headers=bearer("errors:read")).json()
    assert status["facade"] == {"failures": {"capture_error": 1}}
