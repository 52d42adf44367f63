"""The snippets of the first steps, run as the page gives them: each sends one event."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.clients.stored import ask
from tests.clients.test_browser import PAGES
from tests.servers import ROOT, Server
from tradewatch.dashboard.snippets import make_snippets

pytestmark = [pytest.mark.clients, pytest.mark.browser]

EVENT_COUNT = "from tradewatch.errors.models import Event; print(Event.objects.count())"
CALLED = """
from fastapi.testclient import TestClient
TestClient(app, raise_server_exceptions=False).get("/fail")
sentry_sdk.flush(5)
"""


def snippet(key: str, server: Server) -> str:
    return next(each.code for each in make_snippets(server.dsn, release="desk@1.0.0") if each.key == key)


def run(command: list[str], folder: Path) -> None:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ran = subprocess.run(
        command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr


def run_in_browser(code: str, node_folder: Path, browser: Browser) -> None:
    """Serve the snippet as the module of a page that maps the SDK's names to where npm put them."""
    page = browser.new_page()
    html = (PAGES / "index.html").read_text().replace('<button id="buy">Buy</button>', "")

    def serve(route) -> None:  # type: ignore[no-untyped-def]  # playwright's
        path = route.request.url.split("127.0.0.1:9")[1]
        if path == "/":
            route.fulfill(body=html, content_type="text/html")
        elif path == "/page.js":
            route.fulfill(body=code, content_type="text/javascript")
        else:
            route.fulfill(path=node_folder / path.lstrip("/"), content_type="text/javascript")

    page.route("http://127.0.0.1:9/**", serve)
    with page.expect_response(lambda response: "/envelope/" in response.url and response.status == 200):
        page.goto("http://127.0.0.1:9/")
    page.close()


@pytest.mark.parametrize("key", ["fastapi", "python", "node", "browser", "sentry-cli", "curl"])
def test_a_snippet_sends_one_event(key: str, shared_server: Server, node_folder: Path, browser: Browser) -> None:
    shared_server.drain()
    before = int(ask(shared_server, EVENT_COUNT))
    code = snippet(key, shared_server)
    if key == "browser":
        run_in_browser(code, node_folder, browser)
    elif key in ("fastapi", "python"):
        run([sys.executable, "-c", code + (CALLED if key == "fastapi" else "")], ROOT)
    elif key == "node":
        run(["node", "--input-type=module", "-e", code], node_folder)
    else:
        run(["sh", "-c", code], ROOT)
    shared_server.drain()
    assert int(ask(shared_server, EVENT_COUNT)) == before + 1
