"""Log lines of the stock Python SDK, from `logger.info` to the page of the error in the same trace."""

import json
import os
import secrets
import subprocess
import sys
from typing import Any

import pytest

from tests.clients.stored import ask, new_release, stored_events
from tests.clients.test_secrets import CARD
from tests.servers import ROOT, Server

pytestmark = [pytest.mark.clients, pytest.mark.once]

LINES = """
import json
from datetime import timedelta
from django.utils import timezone
from tradewatch.performance.logs.lines import microseconds
from tradewatch.performance.logs.search.finding import find
from tradewatch.performance.logs.search.wanted import wanted_of
from tradewatch.performance.logs.serializers import line_as_values
from tradewatch.performance.logs.stored import Stretch
from tradewatch.projects.models import Project
ids = list(Project.objects.values_list("pk", flat=True))
now = timezone.now()
stretch = Stretch(ids, microseconds(now - timedelta(hours=1)), microseconds(now + timedelta(hours=1)))
found = find(wanted_of({query!r}), stretch, size=500).lines
print(json.dumps([line_as_values(each) for each in found], default=str))
"""


@pytest.fixture(scope="module")
def secret() -> str:
    return secrets.token_hex(16)


@pytest.fixture(scope="module")
def release(shared_server: Server, secret: str) -> str:
    release = new_release("logging")
    variables = {"TRADEWATCH_DSN": shared_server.dsn, "RELEASE": release, "SECRET": secret, "CARD": CARD}
    subprocess.run(
        [sys.executable, "-m", "tests.clients.logging_service"],
        cwd=ROOT,
        env={**os.environ, **variables},
        check=True,
        timeout=60,
    )
    return release


@pytest.fixture(scope="module")
def lines(shared_server: Server, release: str) -> list[dict[str, Any]]:
    """In order of time."""
    shared_server.drain()
    found: list[dict[str, Any]] = ask(shared_server, LINES.format(query=f"release:{release}"))
    return found[::-1]


def test_every_line_came_in_order_with_its_level(lines: list[dict[str, Any]]) -> None:
    assert [(each["level"], each["message"]) for each in lines][:5] == [
        ("info", "order ord-000017 placed"),  # the SDK sends `info` and graver unless it is told otherwise
        ("warn", "margin at 80%"),
        ("trace", "tick 12.5"),
        ("error", "broker lmax is away"),
        ("fatal", "the desk stops"),
    ]
    assert len(lines) == 9


def test_attributes_keep_their_names_and_types(lines: list[dict[str, Any]]) -> None:
    placed, margin, tick, broker, _ = (each["attributes"] for each in lines[:5])
    assert (placed["symbol"], placed["quantity"]) == ("ACME", 12)
    assert (margin["is_short"], margin["ratio"]) == (True, 0.8)
    assert tick["sentry.message.parameter.price"] == 12.5
    assert (broker["tries"], broker["venues"]) == (3, ["a", "b"])
    assert {each["environment"] for each in lines} == {"paper"}
    assert lines[0]["logger"] == "desk.orders"


def test_all_of_one_run_are_of_one_trace_with_its_error(
    shared_server: Server, release: str, lines: list[dict[str, Any]]
) -> None:
    [event] = stored_events(shared_server, release=release)
    assert {each["trace_id"] for each in lines} == {event.payload["contexts"]["trace"]["trace_id"]}
    assert all(len(each["span_id"]) == 16 for each in lines)


def test_no_secret_is_in_a_line_nor_in_its_attributes(lines: list[dict[str, Any]], secret: str) -> None:
    written = json.dumps(lines)
    assert [planted for planted in (secret, CARD) if planted in written] == []
    assert written.count("[removed: ") >= 7


def test_the_search_finds_them_by_what_they_say(shared_server: Server, release: str, secret: str) -> None:
    for query, expected in {"ORDER symbol:ACME": 1, "level:>=error": 2, "tries:>2": 1, f'"{secret}"': 0}.items():
        assert len(ask(shared_server, LINES.format(query=f"release:{release} {query}"))) == expected, query
