"""The snippets of the first steps, run as the page gives them: each sends one event."""

import functools
import os
import subprocess
import sys
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser

from tests.clients.stored import ask
from tests.clients.test_browser import PageHandler, _is_answer_to_an_event
from tests.servers import ROOT, Server
from tradewatch.dashboard.snippets import make_snippets

pytestmark = [pytest.mark.clients, pytest.mark.browser, pytest.mark.once]

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


class SnippetHandler(PageHandler):
    """Serves the page with the snippet as its module."""

    def __init__(self, *args: object, snippet: Path, **options: object) -> None:
        self.snippet = snippet
        super().__init__(*args, **options)  # type: ignore[arg-type]

    def translate_path(self, path: str) -> str:
        return str(self.snippet) if path == "/page.js" else super().translate_path(path)


def run_in_browser(snippet: Path, node_folder: Path, browser: Browser) -> None:
    handler = functools.partial(SnippetHandler, snippet=snippet, node_folder=node_folder)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as pages:
        Thread(target=pages.serve_forever, daemon=True).start()
        page = browser.new_page()
        with page.expect_response(_is_answer_to_an_event) as answered:
            page.goto(f"http://127.0.0.1:{pages.server_port}/index.html")
        assert answered.value.status == 200
        page.close()
        pages.shutdown()


@pytest.mark.parametrize("key", ["fastapi", "python", "node", "browser", "sentry-cli", "curl"])
def test_a_snippet_sends_one_event(
    key: str, shared_server: Server, node_folder: Path, browser: Browser, tmp_path: Path
) -> None:
    shared_server.drain()
    before = int(ask(shared_server, EVENT_COUNT))
    code = snippet(key, shared_server)
    if key == "browser":
        module = tmp_path / "page.js"
        module.write_text(code)
        run_in_browser(module, node_folder, browser)
    elif key in ("fastapi", "python"):
        run([sys.executable, "-c", code + (CALLED if key == "fastapi" else "")], ROOT)
    elif key == "node":
        run(["node", "--input-type=module", "-e", code], node_folder)
    else:
        run(["sh", "-c", code], ROOT)
    shared_server.drain()
    assert int(ask(shared_server, EVENT_COUNT)) == before + 1
