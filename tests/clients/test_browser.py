"""@sentry/browser in a real Chromium, on a page of another origin: the browser itself enforces CORS."""

import functools
import json
import secrets
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Response

from tests.clients.stored import new_release, stored_events
from tests.servers import Server

pytestmark = [pytest.mark.clients, pytest.mark.browser, pytest.mark.once]

PAGES = Path(__file__).parent / "browser"
WAIT_MS = 30_000


class PageHandler(SimpleHTTPRequestHandler):
    """Serves the page, and the SDK's own modules from where npm put them."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".js": "text/javascript"}
    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, node_folder: Path, **options: object) -> None:
        self.node_folder = node_folder
        super().__init__(*args, directory=str(PAGES), **options)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        if path.startswith("/node_modules/"):
            self.directory = str(self.node_folder)
        return super().translate_path(path)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def page_url(node_folder: Path) -> Iterator[str]:
    handler = functools.partial(PageHandler, node_folder=node_folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages:
        thread = Thread(target=pages.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{pages.server_port}/index.html"
        pages.shutdown()


def test_an_uncaught_error_crosses_origins_and_is_stored_once(
    shared_server: Server, page_url: str, browser: Browser
) -> None:
    release, secret = new_release("browser"), secrets.token_hex(12)
    page = browser.new_page()
    page.set_default_timeout(WAIT_MS)
    given = {"dsn": shared_server.dsn, "release": release, "secret": secret}
    page.goto(f"{page_url}#{urlencode(given)}")
    page.wait_for_selector("body[data-ready]")
    with page.expect_response(_is_answer_to_an_event) as answered:
        page.click("#buy")
    assert answered.value.status == 200
    assert answered.value.all_headers()["access-control-allow-origin"] == "*"
    page.close()

    [event] = stored_events(shared_server, release=release)
    [(name, text)] = event.thrown
    assert name == "TypeError"
    assert "best" in text
    assert (event.environment, event.payload["platform"]) == ("staging", "javascript")
    assert event.payload["request"]["url"].startswith(page_url)
    assert event.payload["exception"]["values"][0]["mechanism"]["handled"] is False
    assert secret not in json.dumps(event.payload)


def test_javascript_of_another_origin_may_read_the_answer(
    shared_server: Server, page_url: str, browser: Browser
) -> None:
    """The SDK needs no answer; rate limits do, and they are in headers that CORS hides unless they are exposed."""
    page = browser.new_page()
    page.goto(page_url)
    envelope = '{"dsn": "%s"}\n' % shared_server.dsn  # noqa: UP031  # braces
    project_id = shared_server.dsn.rsplit("/", 1)[1]
    status = page.evaluate(
        """async ([url, body]) => {
            const headers = {"X-Sentry-Auth": "Sentry sentry_version=7", "Content-Type": "application/json"};
            return (await fetch(url, {method: "POST", body, headers})).status;
        }""",
        [f"{shared_server.url}/api/{project_id}/envelope/", envelope],
    )
    page.close()
    assert status == 200


def _is_answer_to_an_event(response: Response) -> bool:
    body = response.request.post_data or ""
    return "/envelope/" in response.url and '"type":"event"' in body
