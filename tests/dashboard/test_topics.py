"""Pages that draw themselves anew: their socket says that a topic changed, and what changes figures says so."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from asgiref.testing import ApplicationCommunicator
from channels.layers import get_channel_layer
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.dashboard.test_live import closed_with, cookie_of, next_message, socket
from tests.performance.checks.builders import answered, make_check
from tests.performance.hosts.builders import report_host
from tests.performance.traces.items import digest, make_item
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.core.live import route_pushes
from tradewatch.dashboard import consumers, topics
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.checks.services import pause_check
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/ws/topics/"
CHANGED = {"type": "changed"}


@pytest.fixture
def viewer() -> User:
    return make_user("vera", role=Role.VIEWER)


@pytest.fixture
def pushed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    monkeypatch.setattr("tradewatch.core.live._send", None)
    route_pushes(lambda topic, project_id: found.append((topic, project_id)))
    return found


async def tell(topic: str, slug: str = "default") -> None:
    project = await sync_to_async(make_project)(slug)
    await get_channel_layer().group_send(f"project-{project.pk}", {"type": "topic.changed", "topic": topic})


async def is_silent(line: ApplicationCommunicator) -> bool:
    return bool(await line.receive_nothing(timeout=0.2))


async def test_it_tells_of_the_topics_it_was_asked_for_and_of_its_own_projects(viewer: User) -> None:
    cookie = await sync_to_async(cookie_of)(viewer)
    async with socket(cookie, "topics=hosts,checks", path=PATH) as line:
        for topic, slug in (("performance", "default"), ("logs", "default"), ("hosts", "other")):
            await tell(topic, slug)
        assert await is_silent(line)
        await tell("checks")
        assert await next_message(line) == CHANGED


async def test_much_news_is_one_message_a_second(viewer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topics, "LEAST_INTERVAL_SECONDS", 0.3)
    cookie = await sync_to_async(cookie_of)(viewer)
    async with socket(cookie, "topics=hosts", path=PATH) as line:
        for _ in range(20):
            await tell("hosts")
            await asyncio.sleep(0.001)
        assert [await next_message(line), await next_message(line)] == [CHANGED, CHANGED], "the last is never lost"
        assert await line.receive_nothing(timeout=0.6)


@pytest.mark.parametrize("query", ["", "topics=", "topics=everything"])
async def test_who_asks_for_nothing_hears_heartbeats_alone(
    viewer: User, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "HEARTBEAT_SECONDS", 0.05)
    cookie = await sync_to_async(cookie_of)(viewer)
    async with socket(cookie, query, path=PATH) as line:
        await tell("performance")
        assert await next_message(line) == {"type": "heartbeat"}


async def test_who_may_not_look_is_told_so() -> None:
    async with socket("", "topics=hosts", path=PATH) as line:
        assert await closed_with(line) == consumers.NOT_ALLOWED


def send_a_transaction() -> None:
    with transaction.atomic():  # as the worker stores every batch
        digest(make_project(), make_item())


def report_a_host() -> None:
    report_host(now=timezone.now())


def answer_a_check() -> None:
    answered(make_check(), Level.OK, timezone.now())


def pause_one() -> None:
    pause_check(SYSTEM, make_check(), now=timezone.now())


@pytest.mark.parametrize(
    ("change", "topic"),
    [(send_a_transaction, "performance"), (report_a_host, "hosts"), (answer_a_check, "checks"), (pause_one, "checks")],
)
def test_what_changes_figures_says_so(
    change: Callable[[], Any], topic: str, pushed: list[tuple[str, int]], viewer: User
) -> None:
    change()
    assert (topic, make_project().pk) in pushed


def test_only_pages_of_a_range_that_goes_on_listen(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    host, check = report_host(now=timezone.now()), make_check()
    for path, topic in (
        ("/performance", "performance"),
        ("/hosts", "hosts"),
        (host.get_absolute_url(), "hosts"),
        ("/checks", "checks"),
        (check.get_absolute_url(), "checks"),
    ):
        body = client.get(path).content.decode()
        assert f'data-live-url="/ws/topics/?topics={topic}"' in body and "data-lost" in body, path
    past = client.get("/performance?start=2026-01-01T00:00&end=2026-01-01T01:00").content.decode()
    assert "data-live-url" not in past
