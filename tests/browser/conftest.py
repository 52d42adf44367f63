"""A real Chromium in front of a real server."""

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.servers import PASSWORD, Server


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains about on the test's page: refused by the policy, thrown by a script, not found."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def log_in(page: Page, server: Server, path: str = "/error-dashboard.html") -> None:
    """Ask for `path` as nobody, be led to the login, and come back to it."""
    page.goto(server.url + path)
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url(server.url + path)
    page.mouse.move(0, 0)  # away from lists: what lies under the pointer holds still
