"""The gate's pages in a real browser: overriding, freezing, copying the lines for CI."""

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from tests.browser.conftest import log_in
from tests.browser.looks import look_at
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]
GATE = "/releases/gate?environment=frozen&version=2.0.1"


@pytest.fixture(scope="module")
def frozen_server(shared_server: Server) -> Server:
    """A server with an environment that is frozen for an hour."""
    now = timezone.now()
    said = {"name": "Year end", "environment": "frozen", "reason": "Settlement of the year"}
    times = {"starts_at": (now - timedelta(hours=1)).isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat()}
    headers = {"Authorization": f"Bearer {shared_server.token('releases:write')}"}
    answer = httpx.post(f"{shared_server.url}/release/freezes", json={**said, **times}, headers=headers, timeout=60)
    assert answer.status_code == 201, answer.text
    return shared_server


def test_an_override_is_given_and_withdrawn(page: Page, frozen_server: Server, complaints: list[str]) -> None:
    log_in(page, frozen_server, GATE)
    page.get_by_text("No go: freeze “Year end”").wait_for()
    page.get_by_label("Why").fill("Fix for the outage")
    page.get_by_role("button", name="Override").click()
    page.get_by_text("Warn: freeze “Year end”").wait_for()
    page.get_by_text("admin overrides it until").wait_for()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_text("No go: freeze “Year end”").wait_for()
    assert complaints == []


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 320)])
def test_how_they_look(frozen_server: Server, browser: Browser, theme: str, width: int) -> None:
    paths = [GATE, "/releases/gate", "/releases/freezes", "/releases/freezes/new", "/releases/ci"]
    look_at(frozen_server, browser, paths, theme=theme, width=width)
