"""One trace through stock SDKs: a page in Chromium, the Node server that sent it, FastAPI with its database, the venue.

What TradeWatch says of it is compared with what the SDKs sent, read in a way that shares no code with ours.
"""

import json
import os
import re
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page

from examples.trading_app.process import running_service
from tests.backends import wait_until
from tests.browser.conftest import log_in
from tests.clients.recorder import Recorder, recording
from tests.clients.stored import ask, new_release
from tests.servers import Server, running_server

pytestmark = [pytest.mark.clients, pytest.mark.browser, pytest.mark.once]

WAIT_MS = 30_000
EXAMINE = """
from django.utils import timezone
from tradewatch.performance.traces.examining import examine_kept
print(examine_kept(now=timezone.now()))
"""


@contextmanager
def running_desk(node_folder: Path, *, dsn: str, release: str, trading_url: str) -> Iterator[str]:
    """Yield the URL of the Node server of the order ticket."""
    variables = {"TRADEWATCH_DSN": dsn, "RELEASE": release, "TRADING_URL": trading_url}
    desk = subprocess.Popen(
        ["node", "--import", "./desk_instrument.mjs", "desk.mjs"],
        cwd=node_folder, env={**os.environ, **variables}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert desk.stdin and desk.stdout
    try:
        yield desk.stdout.readline().strip()
    finally:
        desk.stdin.close()
        assert desk.wait(30) == 0


def use_the_ticket(browser: Browser, desk_url: str, recorder: Recorder, *, release: str) -> None:
    """Load the page, which places an order, click once, and leave it: only then is it sent how long the click took."""
    page = browser.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(f"{desk_url}/#{urlencode({'dsn': recorder.dsn, 'release': release})}")
    page.wait_for_selector("body[data-ready]")
    page.click("#buy")
    wait_until(
        lambda: any(each.release == release and each.spans for each in recorder.sent), what="page load", seconds=30
    )
    page.goto("about:blank")
    wait_until(lambda: any("inp" in each.measurements for each in recorder.sent), what="INP", seconds=30)
    page.close()


class Told:
    """What a run sent and what TradeWatch answers about it."""

    def __init__(self, server: Server, recorder: Recorder, ticket: str) -> None:
        self.server = server
        [page] = [each for each in recorder.sent if each.release == ticket and each.type == "transaction"]
        self.trace_id = page.trace_id
        self.of_trace = [each for each in recorder.sent if each.trace_id == self.trace_id]
        self.token = server.token("performance:read")

    @property
    def answer(self) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(f"{self.server.url}/performance/traces/{self.trace_id}", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.load(answer)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A server for this trace alone: of names that other tests sent often before, only some transactions are kept."""
    with running_server() as started:
        yield started


@pytest.fixture(scope="module")
def told(server: Server, node_folder: Path, browser: Browser) -> Told:
    trading, desk, ticket = (new_release(name) for name in ("trading-api", "desk", "order-ticket"))
    with (
        recording(server.dsn) as recorder,
        running_service(dsn=recorder.dsn, release=trading, environment="staging") as url,
        running_desk(node_folder, dsn=recorder.dsn, release=desk, trading_url=url) as desk_url,
    ):
        use_the_ticket(browser, desk_url, recorder, release=ticket)
    server.drain()
    ask(server, EXAMINE)
    return Told(server, recorder, ticket)


def test_four_services_make_one_trace(told: Told) -> None:
    services = {span["service"] for span in told.answer["spans"]}
    assert services == {"order-ticket", "desk", "trading-api", "venue-simulator"}
    spans = {span["span_id"]: span for span in told.answer["spans"]}
    [venue] = [span for span in spans.values() if span["name"] == "POST /{venue}/orders"]
    chain = [venue]
    while (parent := chain[-1]["parent_span_id"]) in spans:
        chain.append(spans[parent])
    assert [(each["service"], each["op"]) for each in reversed(chain)] == [
        ("desk", "http.server"),
        ("order-ticket", "pageload"),
        ("order-ticket", "http.client"),
        ("desk", "http.server"),
        ("desk", "http.client"),
        ("trading-api", "http.server"),
        ("trading-api", "http.client"),
        ("venue-simulator", "http.server"),
    ]
    assert {span["op"] for span in spans.values() if span["service"] == "trading-api"} >= {"db", "http.client"}


def test_every_span_that_was_sent_is_there_once_with_its_time(told: Told) -> None:
    sent = {span.span_id: span for each in told.of_trace for span in each.spans}
    answered = told.answer["spans"]
    assert len(answered) == len(sent) > 15
    for span in answered:
        original = sent[span["span_id"]]
        assert span["seconds"] == pytest.approx(original.seconds, abs=2e-6)
        assert span["parent_span_id"] == original.parent_id
        assert (span["op"], span["shifted_seconds"]) == (original.op, 0)
    assert told.answer["seconds"] == pytest.approx(
        max(span.end for span in sent.values()) - min(span.start for span in sent.values()), abs=2e-6
    )
    # The page load, or the request for the page itself if that took longer.
    longest = max(span.seconds for span in sent.values() if span.op == "pageload" or span.parent_id not in sent)
    assert sum(each["seconds"] for each in told.answer["where"]) == pytest.approx(longest, abs=1e-4)


def test_the_planted_loop_is_found_with_what_it_costs(told: Told) -> None:
    queries = [
        span.seconds
        for each in told.of_trace
        if each.name == "/reports/positions"
        for span in each.spans
        if span.op == "db"
    ]
    [found] = [each for each in told.answer["findings"] if each["kind"] == "n_plus_one"]
    assert (found["count"], found["transaction"], found["service"]) == (7, "/reports/positions", "trading-api")
    assert found["seconds"] == pytest.approx(sum(queries), abs=1e-5)
    assert found["cost_seconds"] == pytest.approx(sum(queries) * 6 / 7, abs=1e-5)
    assert "WHERE orders.symbol = ?" in found["pattern"]


def test_the_page_shows_the_vitals_that_the_browser_measured(told: Told, page: Page) -> None:
    measured = {name: value for each in told.of_trace for name, value in each.measurements.items()}
    assert {"lcp", "cls", "inp", "ttfb", "fcp"} <= set(measured)
    assert {name: each["value"] for name, each in told.answer["web_vitals"].items()} == pytest.approx(
        {name: measured[name] for name in ("lcp", "cls", "inp", "ttfb", "fcp")}
    )
    log_in(page, told.server, f"/traces/{told.trace_id}")
    panel = page.inner_text("[aria-label='Web vitals']")
    shown = dict(re.findall(r"^(.+)\n(.+)\n+(?:good|needs improvement|poor)$", panel, re.M))
    assert shown["Interaction to next paint"] == f"{measured['inp']:.1f} ms"
    assert shown["Cumulative layout shift"] == f"{measured['cls']:.3f}"
    assert len(shown) == 5


def test_the_page_draws_what_was_sent(told: Told, page: Page) -> None:
    log_in(page, told.server, f"/traces/{told.trace_id}")
    spans = [span for each in told.of_trace for span in each.spans]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    [order] = [span for span in spans if span.name == "/orders"]
    line = page.locator(".fall > li", has=page.locator("[title='/orders']"))
    bar = [float((line.locator("rect").first.get_attribute(name) or "").rstrip("%")) for name in ("x", "width")]
    length = (end - start) / 100
    assert bar == pytest.approx([(order.start - start) / length, order.seconds / length], abs=0.01)
    line.locator("summary").click()
    assert "service\ntrading-api" in line.inner_text()
    figures = page.inner_text("[aria-label=Figures]")
    assert f"{len(spans):,}" in figures
    assert "in 4 services" in figures
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_an_error_is_joined_to_its_trace(shared_server: Server) -> None:
    release = new_release("trading-api")
    with recording(shared_server.dsn) as recorder, running_service(dsn=recorder.dsn, release=release) as url:
        order = {"account_id": "acc-2", "symbol": "LATE", "side": "buy", "quantity": 1}
        assert httpx.post(f"{url}/orders", json=order).status_code == 500
    shared_server.drain()
    [event] = [each for each in recorder.sent if each.type == "event"]
    headers = {"Authorization": f"Bearer {shared_server.token('performance:read')}"}
    answer = httpx.get(f"{shared_server.url}/performance/traces/{event.trace_id}", headers=headers).json()
    [error] = answer["errors"]
    assert (error["event_id"], error["span_id"]) == (event.event_id, event.span_id)
    assert error["title"].startswith("VenueUnavailable")
    [call] = [span for span in answer["spans"] if span["op"] == "http.client"]
    assert (call["is_failed"], call["status"]) == (True, "internal_error")
    assert {span["service"] for span in answer["spans"]} == {"trading-api", "venue-simulator"}
