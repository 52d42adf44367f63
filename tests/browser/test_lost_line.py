"""A server that goes away under open pages, and comes back: the pages say so, and need no reload."""

import signal
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.browser.test_live_page import send
from tests.servers import Server, running_embedded, start_embedded

pytestmark = pytest.mark.browser


@pytest.fixture
def embedded() -> Iterator[Server]:
    with running_embedded() as server:
        send(server, "Before")
        server.drain()
        yield server


def test_a_lost_server_is_called_stale_then_lost_and_live_again_when_it_is_back(embedded: Server, page: Page) -> None:
    page.clock.install()
    log_in(page, embedded)
    wall = page.context.new_page()
    wall.set_viewport_size({"width": 1920, "height": 1080})
    wall.clock.install()
    wall.goto(embedded.url + "/error-dashboard.html?wall=1")
    for each in (page, wall):
        expect(each.locator("[data-live-dot]")).to_have_text("Live")
        each.evaluate("window.isSamePage = true")
    assert wall.locator("button:visible").count() == 0
    assert wall.evaluate("document.documentElement.scrollHeight <= innerHeight")

    process = embedded.processes["serve"]
    process.send_signal(signal.SIGTERM)
    process.wait(20)
    for each in (page, wall):
        each.clock.fast_forward(8_000)
        expect(each.locator("[data-live-dot]")).to_contain_text("Stale, ")
    expect(page.locator("main")).to_have_class("page is-stale")
    expect(page.locator("[data-lost]")).to_be_hidden()
    for each in (page, wall):
        each.clock.fast_forward(61_000)
        expect(each.locator("[data-live-dot]")).to_contain_text("Connection lost, trying again")
    expect(page.locator("[data-lost]")).to_contain_text("Figures are from")
    expect(wall.locator("html")).to_have_class("wall is-lost")

    start_embedded(embedded)
    page.locator("[data-lost-retry]").click()
    for each in (page, wall):
        expect(each.locator("[data-live-dot]")).to_have_text("Live", timeout=40_000)
        send(embedded, "Afterwards")
    expect(page.locator("[data-live=newest]")).to_contain_text("Afterwards", timeout=20_000)
    expect(page.locator("[data-lost]")).to_be_hidden()
    expect(wall.locator("html")).to_have_class("wall")
    assert page.evaluate("window.isSamePage")
    assert wall.evaluate("window.isSamePage")
