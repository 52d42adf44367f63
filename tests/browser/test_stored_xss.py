"""Payloads in every field of an event, opened in a real Chromium on every page that shows any of it: nothing runs."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.browser.conftest import log_in
from tests.browser.hostile_event import VARIANTS, Planter, make_envelopes, make_event, send_envelope
from tests.browser.test_live_page import dsn_of
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]

# What an injected payload would call; and whatever the policy stopped from calling it.
WATCH = """
window.ran = [];
window.xss = (field) => window.ran.push(field);
window.refused = [];
addEventListener("securitypolicyviolation", (event) => refused.push(`${event.violatedDirective} ${event.sample}`));
"""
# Elements that only a payload can have brought: no page of ours has a handler, a javascript: link or such an image.
INJECTED = """() => {
  const links = ["href", "src", "action", "formaction", "data", "xlink:href"];
  const isBad = ({ name, value }) =>
    (name.startsWith("on") && value.includes("xss(")) || (links.includes(name) && /^\\s*javascript:/i.test(value));
  // By the prototype: a form with a field called "attributes" answers that field to each.attributes.
  const attributes = (each) => Element.prototype.getAttributeNames.call(each)
    .map((name) => ({ name, value: Element.prototype.getAttribute.call(each, name) }));
  const isScript = (each) => each.tagName === "SCRIPT" && each.type !== "application/json";
  return [...document.querySelectorAll("*")]
    .filter((each) => attributes(each).some(isBad)
      || (isScript(each) && each.textContent.includes("xss("))
      || (each.tagName === "IMG" && each.getAttribute("src") === "x"))
    .map((each) => each.outerHTML.slice(0, 200));
}"""
TEXT = """() => document.documentElement.textContent + [...document.querySelectorAll("[title], [value]")]
  .map((each) => each.title + each.getAttribute("value")).join(" ")"""
HREFS = "() => [...document.querySelectorAll('a[href]')].map((each) => each.getAttribute('href'))"
# Not shown, or not whole: an event's page says less than its raw document, which is opened too. A cookie's value and a
# level that is none do not even get there; a method is cut before the payload says its number.
RAW_ONLY = re.compile(
    r"(abs_path|package|mechanism|mechanism data|frame\.module|library\.module|exception\.module|cause\.module"
    r"|fragment|request\.method|cookie value|feedback\.url|attachment bytes|level|type|message|packages?|crumb\.type"
    r"|unknown (key|value|field))$"
)


@dataclass
class Walk:
    """Opens pages and collects what should not be: on a dialog, on the console, in the window, in the document."""

    page: Page
    wrong: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    opened: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog on {self.page.url}"), dialog.dismiss()))
        self.page.on("pageerror", lambda error: self.wrong.append(f"{self.page.url}: {error}"))
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.wrong.append(f"{self.page.url}: {message.text[:300]}")

    def open(self, server: Server, path: str) -> None:
        answer = self.page.goto(server.url + path)
        assert answer is not None and answer.status in (200, 400), (path, answer and answer.status)
        self.page.wait_for_load_state("load")
        self.look(path)

    def look(self, path: str) -> None:
        """Press what opens, then see whether anything ran or was let in."""
        self.opened.append(path)
        self.page.evaluate("() => document.querySelectorAll('details').forEach((each) => (each.open = true))")
        found = self.page.evaluate("() => [window.ran ?? [], window.refused ?? []]")
        self.wrong += [f"{path}: ran {each}" for each in found[0]] + [f"{path}: refused {each}" for each in found[1]]
        self.wrong += [f"{path}: injected {each}" for each in self.page.evaluate(INJECTED)]
        text = self.page.evaluate(TEXT)
        self.seen |= {int(number) for number in re.findall(r"xss\((\d+)\)", text)}

    def hrefs(self, pattern: str) -> list[str]:
        found = self.page.evaluate(HREFS)
        return sorted({href for href in found if re.fullmatch(pattern, href)})


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_init_script(WATCH)
    yield context
    context.close()


def test_nothing_that_an_event_carries_runs_anywhere(shared_server: Server, context: BrowserContext) -> None:
    planted = {}
    for variant in range(len(VARIANTS)):
        plant = Planter(variant)
        event = make_event(plant)
        for body in make_envelopes(plant, event):
            send_envelope(dsn_of(shared_server), body)
        planted[variant] = (plant, event)
    shared_server.drain()

    page = context.new_page()
    log_in(page, shared_server)
    walk = Walk(page)
    walk.watch()
    for plant, event in planted.values():
        walk.seen = set()
        _walk_event(walk, shared_server, event["event_id"])
        missing = {name for number, name in plant.fields.items() if number not in walk.seen}
        assert {name for name in missing if not RAW_ONLY.search(name)} == set()
    _walk_lists(walk, shared_server)
    _walk_admin(walk, shared_server)
    _walk_reflected(walk, shared_server)
    assert walk.wrong == []
    assert len(walk.opened) > 60


def _walk_event(walk: Walk, server: Server, event_id: str) -> None:
    walk.page.goto(f"{server.url}/events/{event_id}")
    walk.page.wait_for_url("**/issues/*/events/*")
    path = walk.page.url.removeprefix(server.url)
    issue = re.sub(r"/events/.*", "", path)
    walk.look(path)
    for part in (f"{path}?frames=all", f"{issue}", f"{issue}?tab=tags", f"{issue}?tab=events", f"{issue}?tab=similar"):
        walk.open(server, part)
    walk.open(server, f"{issue}?tab=activity")
    walk.page.goto(server.url + path)
    for href in walk.hrefs(r"/issues/\d+/events/[0-9a-f]{32}\?.*thread=.*"):
        walk.open(server, href.partition("#")[0])
    walk.page.goto(server.url + path)
    downloads = walk.hrefs(r"/issues/\d+/events/[0-9a-f]{32}/attachments/\d+")
    assert len(downloads) == 3
    for href in downloads:
        answer = walk.page.request.get(server.url + href)
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert walk.page.request.get(server.url + href + "/picture").status == 404
    before = set(walk.seen)
    walk.open(server, f"{path}/json")
    stored = json.dumps(walk.page.request.get(f"{server.url}{path}/json").json())
    assert stored.count("xss(") > 100
    walk.seen = before


def _walk_lists(walk: Walk, server: Server) -> None:
    for path in (
        "/error-dashboard.html",
        "/error-dashboard.html?window=24h",
        "/error-dashboard.html?wall=1",
        "/issues",
    ):
        walk.open(server, path)
    walk.open(server, "/alerts")
    for href in walk.hrefs(r"/alerts/\d+")[:6]:
        walk.open(server, href)
    walk.open(server, "/error-dashboard.html")
    for href in walk.hrefs(r"\S*environment=\S*")[:6]:
        walk.page.goto(server.url + "/error-dashboard.html" + href if href.startswith("?") else server.url + href)
        walk.look(href)
    table = walk.page.request.get(f"{server.url}/issues/export.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert table.headers["content-disposition"].startswith("attachment")
    assert table.headers["x-content-type-options"] == "nosniff"
    assert "xss(" in table.text()
    # What comes over the socket goes another way into the document than what the server painted.
    walk.open(server, "/error-dashboard.html")
    plant = Planter(0)
    event = make_event(plant)
    event["exception"]["values"][-1]["type"] = "<img src=x onerror=xss(990)>Live"
    event["fingerprint"] = ["live"]
    send_envelope(dsn_of(server), make_envelopes(plant, event)[0])
    expect(walk.page.locator("[data-live=newest]")).to_contain_text("xss(990)", timeout=10_000)
    walk.look("/error-dashboard.html, live")


def _walk_admin(walk: Walk, server: Server) -> None:
    """Every list of the admin, and the first objects of each."""
    walk.open(server, "/admin/")
    lists = walk.hrefs(r"/admin/[a-z_]+/[a-z_]+/")
    assert "/admin/errors/issue/" in lists
    for path in lists:
        walk.open(server, path)
        for href in walk.hrefs(re.escape(path) + r"\d+/change/(\?.*)?")[:4]:
            walk.open(server, href)


def _walk_reflected(walk: Walk, server: Server) -> None:
    """What stands in the address is a stranger's text too: links are sent around."""
    issue = "/issues/1"
    for variant in VARIANTS:
        text = quote(variant % 991)
        for path in (
            f"/issues?q={text}",
            f"/issues?environment={text}",
            f"/issues?sort={text}&state={text}&cursor=",
            f"{issue}?tab=events&q={text}",
            f"{issue}?tab={text}&thread={text}&frames={text}&window={text}",
            f"/admin/errors/issue/?q={text}",
        ):
            walk.open(server, path)


@pytest.mark.parametrize("variant", [0, 1, 2, 4])
def test_the_walk_would_notice(shared_server: Server, context: BrowserContext, variant: int) -> None:
    """The same payloads, let into a page on purpose, are found: else all of the above would prove nothing."""
    page = context.new_page()
    log_in(page, shared_server, "/issues")
    walk = Walk(page)
    walk.watch()
    page.evaluate(
        "(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", VARIANTS[variant] % 7
    )
    page.wait_for_timeout(200)
    walk.look("/issues")
    assert any("injected" in each for each in walk.wrong)
    assert variant in (2, 4) or any("refused script-src-attr" in each for each in walk.wrong)
