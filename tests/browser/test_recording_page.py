"""A recording's page in a browser: at every width and theme; hostile texts of the recorded page stay texts."""

import json
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import orjson
import pytest
from playwright.sync_api import Browser

from tests.browser.looks import look_at
from tests.browser.test_live_page import HOSTILE
from tests.clients.stored import ask
from tests.debugging.recordings.builders import crumb, custom, meta, recording, replay_event
from tests.servers import Server, running_server

pytestmark = [pytest.mark.browser, pytest.mark.once]
LONG = f"https://desk.example/{'ticket/' * 40}?q={HOSTILE}"


@pytest.fixture(scope="module")
def recorded() -> Iterator[tuple[Server, list[str]]]:
    """A server and the paths of two recordings: one full of everything, one of which nothing is kept."""
    limits = {"SENTRY_ENABLE_SESSION_REPLAY": "true", "TRADEWATCH_REPLAY_SEGMENT_MAX_BYTES": "20000"}
    with running_server(**limits) as server:
        now = datetime.now(UTC)
        events = [
            meta(LONG, now),
            crumb("ui.click", f"button#{HOSTILE}", now + timedelta(seconds=2)),
            crumb("console", HOSTILE * 5, now + timedelta(seconds=3), level="error"),
            crumb("ui.slowClickDetected", "a.terms", now + timedelta(seconds=4)),
            custom("performanceSpan", now, op="resource.fetch", description=LONG, data={"statusCode": 502}),
        ]
        send(server, "a" * 32, 0, events, now)
        send(server, "a" * 32, 5, [crumb("console", "x" * 30_000)], now)
        send(server, "b" * 32, 0, [crumb("console", "x" * 30_000)], now)
        server.drain()
        keys = ask(server, PATHS)
        yield server, [*keys, f"{keys[0]}?show=trouble", "/debug"]


PATHS = """
import json
from debugging.models import BrowserReplay
print(json.dumps([row.get_absolute_url() for row in BrowserReplay.objects.order_by("replay_id")]))
"""


def send(server: Server, replay_id: str, number: int, events: list[object], now: datetime) -> None:
    user = {"id": HOSTILE, "username": HOSTILE}
    said = replay_event(number, now, replay_id=replay_id, urls=[LONG], user=user, error_ids=[uuid4().hex])
    parts = [orjson.dumps({"event_id": replay_id, "dsn": server.dsn})]
    for name, payload in (("replay_event", orjson.dumps(said)), ("replay_recording", recording(number, events))):
        parts += [orjson.dumps({"type": name, "length": len(payload)}), payload]
    url = f"{server.url}/api/{server.dsn.rsplit('/', 1)[1]}/envelope/"
    request = urllib.request.Request(url, b"\n".join(parts), {"Content-Type": "application/x-sentry-envelope"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert json.load(answer)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_hold_at_every_width_and_theme(
    recorded: tuple[Server, list[str]], browser: Browser, theme: str, width: int
) -> None:
    server, paths = recorded
    assert len(paths) == 4
    look_at(server, browser, paths, theme=theme, width=width)
