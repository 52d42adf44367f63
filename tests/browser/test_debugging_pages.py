"""The debugging pages in a browser: at every width and theme, by keyboard, and live; hostile texts stay texts."""

import json
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.browser.looks import look_at
from tests.browser.test_live_page import HOSTILE
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]
FRAME = {
    "filename": "app/risk/margin.py", "function": "margin_by_tier", "lineno": 18, "in_app": True,
    "context_line": "    return order.value * RATES_BY_TIER[account.tier.value]",
    "vars": {"account": HOSTILE, "order": {"id": "ord-000017", "quantity": 200}},
}  # fmt: skip
CAPTURE: dict[str, Any] = {
    "error": {"type": "KeyError", "message": HOSTILE, "traceback": [FRAME]},
    "request": {"method": "POST", "path": "/orders", "headers": {"Host": "trade"}, "body": {"account_id": HOSTILE}},
    "user": {"id": "acc-4"},
    "environment": "production",
    "release": "trading-api@2.0.1",
    "transaction": "/orders",
}


class Api:
    def __init__(self, server: Server) -> None:
        self.server, self.token = server, server.token("debug:write")

    def post(self, path: str, body: Any = None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self.server.url + path, json.dumps(body or {}).encode(), headers)
        return json.load(urllib.request.urlopen(request, timeout=30))

    def session(self, title: str) -> int:
        error_id = self.post("/debug/capture", CAPTURE)["error_id"]
        return int(self.post(f"/debug/session/{error_id}", {"title": title})["session_id"])


@pytest.fixture(scope="module")
def api(shared_server: Server) -> Api:
    return Api(shared_server)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_hold_at_every_width_and_theme(
    shared_server: Server, browser: Browser, api: Api, theme: str, width: int
) -> None:
    session_id = api.session(f"Orders of institutions at {width} {theme}")
    api.post("/debug/capture", CAPTURE)
    look_at(shared_server, browser, ["/debug", "/debug?state=all", f"/debug/{session_id}"], theme=theme, width=width)


def test_a_session_is_worked_by_keyboard_and_hears_of_others(
    shared_server: Server, page: Page, api: Api, complaints: list[str]
) -> None:
    session_id = api.session("Orders fail")
    log_in(page, shared_server, f"/debug/{session_id}")
    step = page.locator("li[data-row=shared]")
    step.get_by_role("button", name="Done").focus()
    page.keyboard.press("Enter")
    expect(step.locator(".tick.done")).to_be_visible()
    page.keyboard.press("n")
    expect(page.locator("#note-new")).to_be_focused()
    api.post(f"/debug/session/{session_id}/notes", {"text": HOSTILE})
    expect(page.locator("#trail [data-live=trail]")).to_contain_text("<img src=x", timeout=20_000)  # nobody reloads
    assert page.title() != "owned"
    page.fill("#conclusion-text", "The tier has no rate.")
    page.get_by_role("button", name="Resolve the session").click()
    expect(page.locator("[data-live=meta]")).to_contain_text("Resolved", timeout=20_000)
    expect(page.get_by_role("button", name="Reopen")).to_be_visible(timeout=20_000)
    assert complaints == []
