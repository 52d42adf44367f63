"""The SLA pages in a browser: at every width and theme, with a chart, folds that stay open, and a correction."""

import re
import time

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.browser.looks import look_at
from tests.browser.test_performance_pages import send_transactions
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]
NAME = "POST /sla"
COUNTED_WITHIN_MS = 90_000  # the tick comes each minute


@pytest.fixture(scope="module")
def counted_server(shared_server: Server) -> Server:
    for minutes_ago in (9, 8, 6, 5):
        send_transactions(shared_server, minutes_ago=minutes_ago, count=8, failed=minutes_ago % 2 * 4, name=NAME)
    shared_server.drain()
    return shared_server


def target_path(page: Page, server: Server) -> str:
    """Wait until availability has counted something; return the path of its page."""
    log_in(page, server, "/sla")
    link = page.get_by_role("link", name="availability", exact=True)
    row = page.locator("li[data-row]", has=link)
    expect(row.locator("data")).to_be_visible(timeout=COUNTED_WITHIN_MS)  # live: nobody reloads
    path = link.get_attribute("href")
    assert path is not None
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_hold_at_every_width_and_theme(
    counted_server: Server, browser: Browser, page: Page, theme: str, width: int
) -> None:
    path = target_path(page, counted_server)
    paths = ["/sla", path, f"{path}?side=raw&sort=worst", f"{path}/correction"]
    look_at(counted_server, browser, paths, theme=theme, width=width)


def test_a_stretch_is_taken_out_and_counts_again(counted_server: Server, page: Page, complaints: list[str]) -> None:
    page.goto(counted_server.url + target_path(page, counted_server))
    expect(page.locator("[data-chart=burn-down] canvas")).to_be_visible()
    minutes = page.locator("#minutes")
    before = minutes.locator("[data-live=minutes-count]").inner_text()
    last = minutes.locator("details").last
    if not last.evaluate("fold => fold.open"):
        last.locator("summary").click()
    last.get_by_role("link", name=re.compile("Take these")).click()
    page.fill("[name=reason]", "Disks were moved")
    page.get_by_role("button", name="Take it out").click()
    expect(page.get_by_role("status").filter(has_text="Taken out")).to_be_visible()
    expect(page.get_by_text("Disks were moved, by admin")).to_be_visible()
    assert minutes.locator("[data-live=minutes-count]").inner_text() != before
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Nothing is excluded: both sides are the same.")).to_be_visible()
    assert complaints == []


def test_what_was_opened_stays_open_while_the_page_moves(counted_server: Server, page: Page) -> None:
    page.goto(counted_server.url + target_path(page, counted_server))
    fold = page.locator("#minutes details").first
    fold.locator("summary").click()
    was_open = fold.evaluate("fold => fold.open")
    page.mouse.move(0, 0)
    page.locator("#main").evaluate("() => document.activeElement.blur()")
    send_transactions(counted_server, minutes_ago=0.1, count=3, failed=3, name=NAME)
    rows = page.locator("#minutes details")
    count = rows.count()
    deadline = time.monotonic() + COUNTED_WITHIN_MS / 1000
    known = fold.get_attribute("id")
    while rows.count() == count and time.monotonic() < deadline:
        page.wait_for_timeout(1000)
    assert page.locator(f"#{known}").evaluate("fold => fold.open") == was_open
