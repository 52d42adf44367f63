"""Session replay of @sentry/browser in a real Chromium: recorded, tied to its error, downloaded as it was sent."""

import json
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, Page

from tests.clients.stored import ask, new_release, stored_events
from tests.clients.test_browser import WAIT_MS, page_url
from tests.clients.test_performance_numbers import log_in
from tests.servers import Server, running_server

__all__ = ["page_url"]
ISSUE_PATH = """
import json
from tradewatch.errors.models import Event
print(json.dumps(Event.objects.get(event_id={error_id!r}).issue.get_absolute_url()))
"""
pytestmark = [pytest.mark.clients, pytest.mark.browser, pytest.mark.once]


@pytest.fixture(scope="module")
def recording_server() -> Iterator[Server]:
    with running_server(SENTRY_ENABLE_SESSION_REPLAY="true") as server:
        yield server


@pytest.mark.parametrize("session_rate", ["1", "0"], ids=["session", "buffer"])
def test_what_a_browser_recorded_is_found_at_the_error_and_downloaded_whole(
    recording_server: Server, page_url: str, browser: Browser, session_rate: str
) -> None:
    server, secret = recording_server, "ghp_" + secrets.token_hex(18)
    release = new_release("replay")
    page = browser.new_page()
    page.set_default_timeout(WAIT_MS)
    given = {"dsn": server.dsn, "release": release, "secret": secret, "session": session_rate}
    page.goto(f"{page_url.replace('index.html', 'replay.html')}#{urlencode(given)}")
    page.wait_for_selector("body[data-ready]")
    page.fill("#quantity", "200")
    page.click("#buy")
    page.wait_for_function("window.sent.errors.length > 0 && window.sent.segments.length > 0")
    page.click("h1")
    page.evaluate("window.flush()")
    page.wait_for_function("window.sent.segments.length > 1")
    replay_id = page.evaluate("window.replayId()")
    page.evaluate("window.end()")
    sent = settled(page)
    page.close()

    [event] = stored_events(server, release=release)
    [error_id] = sent["errors"]
    assert (event.event_id, event.payload["tags"]["replayId"]) == (error_id, replay_id)
    ask_api = asking(server)
    told = ask_api(f"/debug/recordings/{replay_id}")
    assert (told["release"], told["environment"]) == (release, "staging")
    assert told["kind"] == ("session" if session_rate == "1" else "buffer")
    assert told["facts"]["user"] == "trader-7" and told["error_ids"] == [error_id]
    assert "placed=1" in " ".join(told["urls"]), told["urls"]
    assert told["missing_segments"] == []
    assert told["segments"] == len(sent["segments"]) and all(each["isPacked"] for each in sent["segments"])
    texts = [entry["text"] for entry in told["timeline"]]
    assert any(text.startswith("Clicked") and "#buy" in text for text in texts), texts
    assert told["counts"]["console.bad"] >= 1

    events = ask_api(f"/debug/recordings/{replay_id}/download")
    assert len(events) == told["events"] == sum(each["events"] for each in sent["segments"])
    assert {2, 3, 4, 5} <= {each["type"] for each in events}
    assert secret not in json.dumps([told, events])

    issue = ask_api(f"/debug/recordings?error={error_id}")["results"]
    assert [each["replay_id"] for each in issue] == [replay_id]
    look_at_pages(server, error_id, urlsplit(told["url"]).path, events)


def settled(page: Page) -> dict[str, Any]:
    """Return what was sent, once all of it is answered and nothing more comes."""
    before: Any = None
    while before != (before := page.evaluate("window.sent")) or before["underWay"]:
        page.wait_for_timeout(1_500)
    return dict(before)


def asking(server: Server) -> Callable[[str], Any]:
    headers = {"Authorization": f"Bearer {server.token('debug:read')}"}

    def ask_api(path: str) -> Any:
        answer = httpx.get(server.url + path, headers=headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    return ask_api


def look_at_pages(server: Server, error_id: str, path: str, events: list[Any]) -> None:
    """Staff find it at the issue, read it, and download the same."""
    with closing(log_in(server)) as http:
        issue_path = ask(server, ISSUE_PATH.format(error_id=error_id))
        assert f'href="{path}"' in http.get(issue_path).text
        page = http.get(path).text
        assert "What happened" in page and "TypeError" in page and "#buy" in page
        assert http.get(f"{path}/file").json() == events
