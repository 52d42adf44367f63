"""An alert from firing to its end, as a person at night does it, at a desk and on a phone, in both themes."""

import uuid

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]


def fire(page: Page, server: Server, key: str) -> str:
    """Open an alert through the API in the page's session; return its path."""
    log_in(page, server, "/alerts")
    answer = page.evaluate(
        """async ([key]) => {
          const token = document.querySelector("input[name=csrfmiddlewaretoken]").value;
          const alert = {title: `Disk of ${key} at 97%`, severity: "critical", source: "cron", dedup_key: key};
          const body = JSON.stringify(alert);
          const headers = {"Content-Type": "application/json", "X-CSRFToken": token, Accept: "application/json"};
          return (await fetch("/alerts", {method: "POST", headers, body})).json();
        }""",
        [key],
    )
    return f"/alerts/{answer['id']}"


def test_an_alert_is_acknowledged_noted_silenced_taken_back_and_resolved(
    shared_server: Server, page: Page, complaints: list[str]
) -> None:
    path = fire(page, shared_server, f"host-{uuid.uuid4().hex[:8]}")
    page.goto(shared_server.url + path)
    expect(page.locator(".hero strong")).to_contain_text("Nobody has acknowledged")
    page.keyboard.press("a")
    expect(page.locator(".hero strong")).to_contain_text("admin has it")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".hero strong")).to_contain_text("Nobody has acknowledged")
    page.keyboard.press("n")
    page.keyboard.type("Cache cleared")
    page.get_by_role("button", name="Note", exact=True).click()
    expect(page.locator(".note-text")).to_have_text("Cache cleared")
    page.get_by_role("link", name="Silence like this").click()
    expect(page.locator("#preview")).to_contain_text("1 open alert")
    page.fill("[name=comment]", "Disk is being replaced")
    page.get_by_role("button", name="Silence", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("Silenced until")
    page.goto(shared_server.url + path)
    expect(page.locator(".hero strong")).to_contain_text("Nobody is told now. Silenced by admin")
    page.goto(shared_server.url + "/alerts/silences")
    page.get_by_role("button", name="End now").first.click()
    expect(page.locator(".toast")).to_contain_text("Silence ended")
    page.goto(shared_server.url + path)
    page.keyboard.press("e")
    expect(page.locator(".meta")).to_contain_text("Ended after")
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_pages_hold_at_every_width_and_theme(
    shared_server: Server, browser: Browser, width: int, theme: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)
    page = context.new_page()
    path = fire(page, shared_server, f"host-{uuid.uuid4().hex[:8]}")
    number = path.rpartition("/")[2]
    for address in (path, "/alerts", f"/alerts/routing?alert={number}", f"/alerts/silences/new?alert={number}"):
        page.goto(shared_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
        found = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], address
    context.close()
