"""A secret that an SDK with its scrubber off sends is nowhere in what we store."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.stored import StoredEvent, ask, new_release, stored_events
from tests.servers import ROOT, Server

pytestmark = [pytest.mark.clients, pytest.mark.once]

CARD = "4111111111111111"
IBAN = "DE89370400440532013000"
# The queue and the dead letters hold bodies as they came; both expire. What is kept is everything else.
KEPT_TABLES = """
import io, json
from django.core.management import call_command
out = io.StringIO()
call_command("dumpdata", exclude=["inbox.QueuedEnvelope", "inbox.DeadLetter", "contenttypes", "auth"], stdout=out)
print(json.dumps(out.getvalue()))
"""
KEPT_ITEMS = """
import json, zstandard
from tradewatch.inbox.models import KeptItem
texts = [zstandard.decompress(bytes(item.payload)).decode() for item in KeptItem.objects.exclude(payload=b"")]
print(json.dumps(texts))
"""


@pytest.fixture(scope="module")
def secret() -> str:
    return secrets.token_hex(16)


@pytest.fixture(scope="module")
def leaked(shared_server: Server, secret: str) -> StoredEvent:
    release = new_release("leaky")
    variables = {"TRADEWATCH_DSN": shared_server.dsn, "RELEASE": release, "SECRET": secret, "CARD": CARD, "IBAN": IBAN}
    subprocess.run(
        [sys.executable, "-m", "tests.clients.leaky_service"],
        cwd=ROOT,
        env={**os.environ, **variables},
        check=True,
        timeout=60,
    )
    [event] = stored_events(shared_server, release=release)
    return event


def test_the_stored_document_holds_none_of_it(leaked: StoredEvent, secret: str) -> None:
    document = json.dumps(leaked.payload)
    assert [planted for planted in (secret, CARD, IBAN) if planted in document] == []


def innermost_vars(document: dict[str, Any]) -> dict[str, Any]:
    variables: dict[str, Any] = document["exception"]["values"][-1]["stacktrace"]["frames"][-1]["vars"]
    return variables


PLANTED: dict[str, Callable[[dict[str, Any]], object]] = {
    "frame variable": lambda document: innermost_vars(document)["password"],
    "inside a frame variable": lambda document: innermost_vars(document)["ticket"]["api_key"],
    "header": lambda document: dict(document["request"]["headers"])["authorization"],
    "cookie": lambda document: dict(document["request"]["cookies"])["sessionid"],
    "query string": lambda document: document["request"]["query_string"],
    "body": lambda document: document["request"]["data"]["password"],
    "breadcrumb's data": lambda document: document["breadcrumbs"]["values"][0]["data"]["token"],
    "breadcrumb's text": lambda document: document["breadcrumbs"]["values"][0]["message"],
    "URL in a breadcrumb": lambda document: document["breadcrumbs"]["values"][1]["data"]["url"],
    "card number and IBAN in a text": lambda document: document["contexts"]["payment"]["note"],
}


@pytest.mark.parametrize("place", PLANTED)
def test_what_was_removed_is_marked_in_its_place(leaked: StoredEvent, place: str) -> None:
    assert "[removed: " in str(PLANTED[place](leaked.payload))


def test_trading_data_stays(leaked: StoredEvent) -> None:
    variables = innermost_vars(leaked.payload)
    assert "ACME" in variables["symbol"]
    assert "ord-000017" in str(variables["ticket"]["order_id"])
    assert leaked.payload["request"]["data"]["quantity"] == 12
    assert "symbol=ACME" in leaked.payload["request"]["query_string"]


def test_no_table_that_is_kept_holds_it(leaked: StoredEvent, shared_server: Server, secret: str) -> None:
    tables = ask(shared_server, KEPT_TABLES)
    assert leaked.title in tables  # the dump is of the right database
    assert [planted for planted in (secret, CARD, IBAN) if planted in tables] == []
    assert [text for text in ask(shared_server, KEPT_ITEMS) if secret in text] == []


def test_no_database_file_holds_it(leaked: StoredEvent, shared_server: Server, secret: str) -> None:
    """On PostgreSQL there is no such file, and the tables above are all there is."""
    files = [path for path in Path(shared_server.home).glob("tradewatch.sqlite3*") if path.is_file()]
    assert files or "DATABASE_URL" in shared_server.env
    assert [path.name for path in files if secret.encode() in path.read_bytes()] == []
