"""Every page at a desk and on a phone, in both themes: nothing refused, nothing sideways, nothing unreadable."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.browser.looks import look_at
from tests.browser.test_live_page import send
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]

PAGES = [
    "/error-dashboard.html",
    "/error-dashboard.html?wall=1",
    "/first-steps",
    "/dashboard/counts/error-rate",
    "/dashboard/counts/errors?start=2026-01-01T00:00&end=2027-01-01T00:00",
    "/issues",
    "/alerts",
    "/issues/1",
    "/alerts/1",
    "/oncall",
    "/oncall/you",
]


@pytest.fixture(scope="module")
def filled_server(shared_server: Server) -> Server:
    for name in ("MarginCheckError", "VenueTimeout", "StaleQuote"):
        send(shared_server, name)
    shared_server.drain()
    return shared_server


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_hold_at_every_width_and_theme(filled_server: Server, browser: Browser, theme: str, width: int) -> None:
    look_at(filled_server, browser, PAGES, theme=theme, width=width)


def test_the_theme_is_one_choice_for_pages_and_admin(filled_server: Server, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    log_in(page, filled_server, "/issues")
    page.locator("[data-theme-switch]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto(filled_server.url + "/admin/")
    expect(page.locator("html")).to_have_class("dark")


def test_keys_lead_to_search_and_menus_close_with_escape(filled_server: Server, page: Page) -> None:
    log_in(page, filled_server, "/issues")
    page.keyboard.press("/")
    expect(page.locator("input[type=search]")).to_be_focused()
    page.locator("h1").click()
    menu = page.locator("header details.picker").first
    menu.locator("summary").click()
    expect(menu.locator("ul")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.locator("ul")).to_be_hidden()
