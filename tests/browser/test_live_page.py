"""The live page as a person sees it: it changes by itself, holds still under the pointer, says when it cannot know."""

import json
import time
import urllib.request
import uuid
from datetime import datetime, timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.servers import Server

pytestmark = pytest.mark.browser

HOSTILE = "<img src=x onerror=document.title='owned'>"


_dsns: dict[str, str] = {}  # by address: asking costs the start of a process


def dsn_of(server: Server) -> str:
    if server.url not in _dsns:
        _dsns[server.url] = server.dsn
    return _dsns[server.url]


def envelope_url(dsn: str) -> str:
    parts = urlsplit(dsn)
    return f"{parts.scheme}://{parts.hostname}:{parts.port}/api{parts.path}/envelope/?sentry_key={parts.username}"


def send(server: Server, type_: str, value: str = "not now") -> str:
    """Send one event as an SDK does; return its id."""
    event_id = uuid.uuid4().hex
    frame = {
        "filename": "app/risk/margin.py",
        "function": "check_margin",
        "lineno": 53,
        "in_app": True,
        "context_line": f"raise {type_}()",
        "vars": {"quantity": "200"},
    }
    values = [{"type": type_, "value": value, "stacktrace": {"frames": [frame]}}]
    event = {"event_id": event_id, "timestamp": time.time(), "platform": "python", "exception": {"values": values}}
    payload = json.dumps(event)
    body = f'{{"event_id":"{event_id}"}}\n{{"type":"event","length":{len(payload)}}}\n{payload}\n'
    request = urllib.request.Request(envelope_url(dsn_of(server)), data=body.encode())
    urllib.request.urlopen(request, timeout=10).read()
    return event_id


def test_first_steps_turn_into_the_live_page_without_a_reload(
    server: Server, page: Page, complaints: list[str]
) -> None:
    log_in(page, server)
    expect(page.get_by_text("No event yet")).to_be_visible()
    expect(page.locator("#dsn")).to_have_text(dsn_of(server))
    page.get_by_role("tab", name="FastAPI").press("ArrowRight")
    expect(page.get_by_role("tab", name="Python")).to_be_focused()
    expect(page.get_by_role("tabpanel")).to_contain_text(f'dsn="{dsn_of(server)}"')
    page.evaluate("window.isSamePage = true")
    send(server, "MarginCheckError", "no margin account")
    expect(page.locator("[data-live=newest]")).to_contain_text("MarginCheckError", timeout=20_000)  # its worker starts
    expect(page.get_by_role("status").get_by_text("First event: MarginCheckError: no margin account")).to_be_visible()
    send(server, "VenueTimeout")
    expect(page.locator("[data-live=newest]")).to_contain_text("VenueTimeout", timeout=3000)
    expect(page.locator("[data-live=figures]")).to_contain_text("2 events")
    expect(page.locator("[data-live=alerts]")).to_contain_text("MarginCheckError", timeout=8000)
    assert page.evaluate("window.isSamePage")
    assert page.locator("[data-chart] canvas").count() == 3
    page.goto(server.url + "/first-steps")  # reachable later too, and it still listens
    expect(page.get_by_text("The next one shows here")).to_be_visible()
    expect(page.locator("[data-live-dot]")).to_have_text("Live")
    page.get_by_role("button", name="Send a test error").click()
    expect(page.locator("[data-arrival]")).to_contain_text("Test event of TradeWatch", timeout=10_000)
    assert complaints == []


def test_an_event_is_on_the_page_within_a_second(shared_server: Server, page: Page) -> None:
    send(shared_server, "Warm")
    log_in(page, shared_server)
    expect(page.locator("[data-live=newest]")).to_contain_text("Warm", timeout=10_000)
    page.wait_for_timeout(1500)  # past the first snapshot, and long before the next by the clock: only a push is left
    name = f"Fresh{uuid.uuid4().hex[:8]}"
    send(shared_server, name)
    expect(page.locator("[data-live=newest]")).to_contain_text(name, timeout=1000)


def test_rows_do_not_move_under_the_pointer(shared_server: Server, page: Page) -> None:
    send(shared_server, "Steady")
    shared_server.drain()
    log_in(page, shared_server)
    newest = page.locator("[data-live=newest]")
    newest.locator("[data-row]").first.hover()
    before = newest.locator("[data-row]").first.get_attribute("data-row")
    name = f"Later{uuid.uuid4().hex[:8]}"
    send(shared_server, name)
    bar = page.locator(".newbar")
    expect(bar).to_have_text("1 new, show", timeout=5000)
    assert newest.locator("[data-row]").first.get_attribute("data-row") == before
    page.mouse.move(0, 0)  # on the way to the line, the pointer has left the list
    expect(newest).to_contain_text(name)
    expect(bar).to_have_count(0)


def test_hostile_text_stays_text_when_it_comes_over_the_socket(
    shared_server: Server, page: Page, complaints: list[str]
) -> None:
    send(shared_server, "Warm")
    shared_server.drain()
    log_in(page, shared_server)
    send(shared_server, HOSTILE, HOSTILE)
    expect(page.locator("[data-live=newest]")).to_contain_text(HOSTILE, timeout=5000)
    assert page.locator("[data-live=newest] img").count() == 0
    assert "owned" not in page.title()
    assert complaints == []


def test_silence_is_called_stale_and_then_lost(shared_server: Server, page: Page) -> None:
    send(shared_server, "Warm")
    shared_server.drain()
    page.clock.install()
    log_in(page, shared_server)
    dot = page.locator("[data-live-dot]")
    expect(dot).to_have_text("Live")
    page.clock.fast_forward(14_000)
    expect(dot).to_contain_text("Stale")
    expect(page.locator("main")).to_have_class("page is-stale")
    expect(dot).to_have_text("Live", timeout=12_000)


def test_acknowledging_from_the_live_page_works_with_what_the_socket_sent(server: Server, page: Page) -> None:
    """On a server of its own: the panel lists six, those that wait first, so that what somebody has may drop out."""
    log_in(page, server)
    name = f"Acked{uuid.uuid4().hex[:8]}"
    send(server, name)
    row = page.locator("[data-live=alerts] li", has_text=name)
    expect(row).to_be_visible(timeout=10_000)
    page.evaluate("window.isSamePage = true")
    row.get_by_role("button", name="Acknowledge").click()
    toast = page.locator(".toast")
    expect(toast).to_contain_text("Acknowledged:")
    expect(row).to_contain_text("admin has it", timeout=5000)
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Waits again:")
    expect(row.get_by_role("button", name="Acknowledge")).to_be_visible(timeout=5000)
    row.get_by_role("button", name="Resolve").click()
    expect(page.locator(".toast")).to_contain_text("Resolved:")
    expect(row).to_have_count(0, timeout=5000)
    assert page.evaluate("window.isSamePage")


def test_charts_zoom_together_and_lead_to_what_they_were_made_of(
    shared_server: Server, page: Page, complaints: list[str]
) -> None:
    send(shared_server, "Counted")
    shared_server.drain()
    log_in(page, shared_server)
    errors = page.locator("[data-chart=errors] .u-over")
    errors.scroll_into_view_if_needed()
    box = errors.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, middle, steps=4)
    page.mouse.up()
    back = page.locator("[data-zoom-back]")
    expect(back).to_be_visible()
    send(shared_server, "Counted")  # fresh data leaves the zoom alone
    page.wait_for_timeout(1500)
    expect(back).to_be_visible()
    link = page.get_by_role("link", name="Load this time").get_attribute("href") or ""
    asked = {name: datetime.fromisoformat(value) for name, value in parse_qsl(urlsplit(link).query)}
    assert timedelta(minutes=15) < asked["end"] - asked["start"] < timedelta(minutes=25)  # 30% of the hour
    page.keyboard.press("Escape")
    expect(back).to_be_hidden()
    page.mouse.click(box["x"] + box["width"] - 3, middle)  # the running minute
    page.locator("[data-chart=errors] .plot-tip a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Errors")
    expect(page.locator("main")).to_contain_text("Counted")
    page.goto(shared_server.url + "/error-dashboard.html?window=24h")
    page.locator("[data-live=figures] .stat", has_text="Errors").click()
    expect(page).to_have_url(shared_server.url + "/dashboard/counts/errors?window=24h")
    assert complaints == []


def test_keys_go_everywhere_and_are_listed(shared_server: Server, page: Page) -> None:
    log_in(page, shared_server, "/error-dashboard.html?window=24h")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_contain_text("Go to Issues")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(shared_server.url + "/issues?window=24h")  # the range survives
