"""The performance pages in a browser: charts zoom together and share a cursor, at every width, in both themes."""

import json
import re
import time
import urllib.request
import uuid

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import log_in
from tests.browser.looks import look_at
from tests.browser.test_live_page import dsn_of, envelope_url
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]
NAME = "POST /orders/{order_id}"
PATHS = [
    "/performance",
    "/performance?sort=worse&against=previous",
    "/performance/transactions",
    "/performance/transaction?name=POST+%2Forders%2F%7Border_id%7D",
    "/performance/counts/latency",
    "/performance/counts/failures?start=2026-01-01T00:00&end=2027-01-01T00:00",
]


def send_transactions(server: Server, *, minutes_ago: float, count: int, failed: int = 0, name: str = NAME) -> None:
    """Send `count` transactions of 50 ms and more, with a database span each, as an SDK does."""
    for number in range(count):
        end = time.time() - minutes_ago * 60
        ids = {"trace_id": uuid.uuid4().hex, "span_id": uuid.uuid4().hex[:16]}
        span = {**ids, "span_id": uuid.uuid4().hex[:16], "parent_span_id": ids["span_id"], "op": "db.sql.query"}
        document = {
            "type": "transaction",
            "event_id": uuid.uuid4().hex,
            "transaction": name,
            "start_timestamp": end - 0.05 - number / 100,
            "timestamp": end,
            "release": "trading-api@2.0.0" if minutes_ago > 10 else "trading-api@2.0.1",
            "environment": "production",
            "contexts": {
                "trace": {**ids, "op": "http.server", "status": "internal_error" if number < failed else "ok"}
            },
            "spans": [{**span, "description": "SELECT 1", "start_timestamp": end - 0.04, "timestamp": end - 0.01}],
        }
        payload = json.dumps(document)
        header = json.dumps({"event_id": document["event_id"], "trace": {"trace_id": ids["trace_id"]}})
        body = f'{header}\n{{"type":"transaction","length":{len(payload)}}}\n{payload}\n'
        urllib.request.urlopen(envelope_url(dsn_of(server)), data=body.encode(), timeout=10).read()


@pytest.fixture(scope="module")
def busy_server(shared_server: Server) -> Server:
    for minutes_ago in (40, 30, 20, 15, 8, 5, 3):
        send_transactions(shared_server, minutes_ago=minutes_ago, count=6, failed=1)
    shared_server.drain()
    return shared_server


def box_of(plot: Locator) -> tuple[float, float, float, float]:
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def drag(page: Page, plot: Locator, start: float, end: float) -> None:
    """Drag over a share of the plot's width."""
    x, y, width, height = box_of(plot)
    page.mouse.move(x + width * start, y + height / 2)
    page.mouse.down()
    page.mouse.move(x + width * end, y + height / 2, steps=4)
    page.mouse.up()


def test_charts_share_a_cursor(busy_server: Server, page: Page, complaints: list[str]) -> None:
    log_in(page, busy_server, "/performance")
    expect(page.locator("[data-chart] canvas")).to_have_count(4)
    x, y, width, height = box_of(page.locator("[data-chart=latency] .u-over"))
    page.mouse.move(x + width / 2, y + height / 2)
    tips = page.locator(".plot-tip:visible")
    expect(tips).to_have_count(4)
    times = {text.split(" UTC")[0] for text in tips.all_inner_texts()}
    assert len(times) == 1, times
    assert re.fullmatch(r"\d\d:\d\d", times.pop())
    assert complaints == []


def test_a_drag_zooms_all_and_the_zoomed_time_can_be_loaded(
    busy_server: Server, page: Page, complaints: list[str]
) -> None:
    log_in(page, busy_server, "/performance")
    bar = page.locator("[data-zoom]")
    expect(bar).to_be_hidden()
    before = page.locator("[data-chart=apdex] canvas").screenshot()
    drag(page, page.locator("[data-chart=failures] .u-over"), 0.2, 0.5)
    expect(bar).to_be_visible()
    expect(page.locator("[data-zoom-words]")).to_have_text(re.compile(r"\d\d:\d\d to \d\d:\d\d UTC"))
    page.wait_for_timeout(200)
    assert page.locator("[data-chart=apdex] canvas").screenshot() != before  # another chart than the dragged one
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    drag(page, page.locator("[data-chart=failures] .u-over"), 0.2, 0.5)
    page.locator("[data-chart=apdex] .u-over").dblclick()
    expect(bar).to_be_hidden()
    drag(page, page.locator("[data-chart=failures] .u-over"), 0.2, 0.5)
    words = page.locator("[data-zoom-words]").inner_text()
    page.get_by_role("link", name="Load this time").click()
    page.wait_for_url(re.compile(r"/performance\?start=[^&]+&end=[^&]+$"))
    first, last = re.findall(r"\d\d:\d\d", words)
    expect(page.locator("header.top")).to_contain_text(f"from {first} to {last}".removeprefix("from "))
    assert complaints == []


def test_a_chart_reads_as_a_table_with_its_counts(busy_server: Server, page: Page, complaints: list[str]) -> None:
    log_in(page, busy_server, "/performance")
    figure = page.locator("figure", has=page.locator("[data-chart=latency]"))
    figure.get_by_role("button", name="Show as table").click()
    table = figure.locator(".plot-table")
    expect(table.locator("thead")).to_contain_text("p95")
    expect(table.locator("tbody tr")).to_have_count(60)
    row = table.locator("tbody tr", has_text=" ms").first
    row.locator("a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How long requests took")
    expect(page.locator("main")).to_contain_text("of 6 measured")
    assert complaints == []


def test_a_click_pins_the_tooltip_which_leads_to_the_counts(
    busy_server: Server, page: Page, complaints: list[str]
) -> None:
    log_in(page, busy_server, "/performance/transaction?name=POST+%2Forders%2F%7Border_id%7D")
    x, y, width, height = box_of(page.locator("[data-chart=throughput] .u-over"))
    page.mouse.click(x + width / 2, y + height / 2)
    page.locator("[data-chart=throughput] .plot-tip a").last.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(NAME)
    assert complaints == []


def test_numbers_move_without_a_reload(busy_server: Server, page: Page, complaints: list[str]) -> None:
    log_in(page, busy_server, "/performance")
    page.evaluate("window.isSamePage = true")
    expect(page.locator("[data-live-dot]")).to_have_text("Live")
    figure = page.locator("[data-live=figure-throughput]")
    before = figure.inner_text()
    drawn = page.locator("[data-chart=throughput]").get_attribute("aria-label")
    fresh = f"GET /fresh/{uuid.uuid4().hex[:8]}"
    send_transactions(busy_server, minutes_ago=1, count=20, name=fresh)
    expect(page.locator("[data-live=lines]")).to_contain_text(fresh, timeout=15_000)
    row = page.locator("tr", has_text=fresh)
    expect(row).to_contain_text("20", timeout=15_000)  # digested in several batches, perhaps
    assert figure.inner_text() != before
    expect(page.locator("[data-chart=throughput]")).not_to_have_attribute("aria-label", drawn or "")
    row.hover()
    send_transactions(busy_server, minutes_ago=1, count=5, name=fresh)
    expect(row).to_contain_text("25", timeout=15_000)
    assert page.evaluate("window.isSamePage")
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_hold_at_every_width_and_theme(busy_server: Server, browser: Browser, theme: str, width: int) -> None:
    look_at(busy_server, browser, PATHS, theme=theme, width=width)
