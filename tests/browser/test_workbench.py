"""The workbench in a browser, with the example application as its target: from the issue to the test that is kept."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from examples.trading_app.demo import BAD_RELEASE
from examples.trading_app.process import running_service
from tests.browser.conftest import log_in
from tests.browser.looks import look_at
from tests.clients.stored import ask, new_release
from tests.debugging.replays.servers import hostile_server, says
from tests.debugging.test_walk import place_orders
from tests.servers import PASSWORD, Server

pytestmark = [pytest.mark.browser, pytest.mark.once]
SOON = 30_000  # ms: an error that came back is known within seconds, on a busy machine later
ISSUE = """
import json
from tradewatch.errors.models import Event
event = Event.objects.filter(environment={environment!r}, issue__exception_type="KeyError").latest("timestamp")
print(json.dumps([event.issue_id, event.event_id.hex]))
"""
SECOND_PERSON = """
import json
from django.contrib.auth.models import User
User.objects.filter(username="tom").exists() or User.objects.create_superuser("tom", password={password!r})
print(json.dumps("tom"))
"""


@dataclass(frozen=True)
class Broken:
    """The example with its bad release, as it runs, and the error that an order of acc-4 brought."""

    url: str
    slow_url: str
    issue_id: int
    event_id: str


@pytest.fixture(scope="module")
def broken(shared_server: Server) -> Iterator[Broken]:
    def slowly(asked: Any, out: Any) -> None:
        time.sleep(1.5)
        out.write(says("200 OK", b"{}", "Content-Type: application/json"))

    environment = new_release("bench").partition("@")[2].replace(".", "-")
    with (
        running_service(dsn=shared_server.dsn, release=BAD_RELEASE, environment=environment) as url,
        hostile_server({"/orders": slowly}) as slow,
    ):
        assert set(place_orders(url, "acc-4", symbols=("ACME",))) == {500}
        shared_server.drain()
        issue_id, event_id = ask(shared_server, ISSUE.format(environment=environment))
        yield Broken(url, slow.url, issue_id, event_id)


def add_target(page: Page, server: Server, name: str, kind: str, url: str) -> None:
    """Add a target in the admin, as an administrator would."""
    page.goto(f"{server.url}/admin/debugging/replaytarget/add/")
    page.select_option("[name=project]", index=1)
    page.fill("[name=name]", name)
    page.select_option("[name=kind]", kind)
    page.fill("[name=base_url]", url)
    page.check("[name=allows_unsafe]")
    page.check("[name=allows_internal]")
    page.click("[name=_save]")
    page.wait_for_url(re.compile("/replaytarget/$"))


def test_from_the_issue_to_the_test_that_is_kept(
    shared_server: Server, browser: Browser, page: Page, broken: Broken, complaints: list[str]
) -> None:
    name = f"at{broken.issue_id}"
    path = f"/issues/{broken.issue_id}/events/{broken.event_id}"
    log_in(page, shared_server, path)
    page.get_by_role("button", name="Debug").click()
    page.wait_for_url(re.compile(r"/debug/\d+"))
    bench = page.url
    add_target(page, shared_server, f"{name}-local", "local", broken.url)
    add_target(page, shared_server, f"{name}-slow", "staging", broken.slow_url)
    add_target(page, shared_server, f"{name}-live", "production", broken.url)

    page.goto(bench)
    form = page.locator("#replay")
    form.get_by_label(f"{name}-local").check()
    form.get_by_text("Change the request").click()
    expect(form.get_by_label("Body")).to_have_value(re.compile("acc-4"))
    form.get_by_label("Body").fill('{"account_id": }')
    form.get_by_role("button", name="Replay").click()
    expect(page.locator("#replay-body-help")).to_contain_text("is no JSON")
    page.goto(bench)
    form.get_by_label(f"{name}-local").check()
    form.get_by_role("button", name="Dry run").click()
    expect(page.locator("#dry")).to_contain_text(f"POST {broken.url}/orders")
    expect(page.locator("#replays")).to_contain_text("Nothing was sent again yet")
    form.get_by_role("button", name="Replay").click()
    first = page.locator("#replays li.replay").first
    expect(first.locator(".badge")).to_have_text("Reproduced", timeout=SOON)  # nobody reloads
    expect(first).to_contain_text("500 → 500")
    first.get_by_role("link", name="the error that came back").click()
    expect(page.locator("h1")).to_contain_text("KeyError")

    page.goto(bench)
    form.get_by_text("Change the request").click()
    form.get_by_label(f"{name}-local").check()
    form.get_by_label("Body").fill(form.get_by_label("Body").input_value().replace("acc-4", "acc-1"))
    form.get_by_label("Body").press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Dry run is the first button after the body, Replay the second
    expect(page.locator("#replays li.replay")).to_have_count(2, timeout=SOON)
    expect(first.locator(".badge")).to_have_text("Not reproduced", timeout=SOON)
    expect(first).to_contain_text("500 → 201")

    _approved_by_another(shared_server, browser, page, bench, f"{name}-live")
    _matrix_is_cancelled(page, bench, f"{name}-slow")

    page.goto(bench)
    page.locator("#export-pytest > summary").click()
    with page.expect_download() as waiting:
        page.locator("#export-pytest").get_by_role("link", name="Download").click()
    text = waiting.value.path().read_text()
    assert "def test_" in text and "acc-4" in text
    assert [each for each in complaints if "400" not in each] == []  # the refused form was answered 400


def _approved_by_another(server: Server, browser: Browser, page: Page, bench: str, target: str) -> None:
    form = page.locator("#replay")
    form.get_by_label(target).check()
    form.get_by_role("button", name="Replay").click()
    first = page.locator("#replays li.replay").first
    expect(first.locator(".badge")).to_have_text("Waits")
    expect(first.get_by_role("button", name="Approve")).to_have_count(0)
    ask(server, SECOND_PERSON.format(password=PASSWORD))
    context = browser.new_context()
    other = context.new_page()
    other.goto(bench)
    other.fill("[name=username]", "tom")
    other.fill("[name=password]", PASSWORD)
    other.click("button[type=submit]")
    other.locator("#replays li.replay").first.get_by_role("button", name="Approve").click()
    expect(first.locator(".badge")).to_have_text("Reproduced", timeout=SOON)  # on the page of who asked
    expect(first).to_contain_text("approved by tom")
    context.close()


def _matrix_is_cancelled(page: Page, bench: str, target: str) -> None:
    page.goto(bench)
    page.locator("#matrix > summary").click()
    matrix = page.locator("#matrix")
    matrix.get_by_label("At", exact=True).select_option(target)
    matrix.get_by_label("What changes").fill("body /account_id")
    matrix.get_by_label("Values").fill("\n".join(f"acc-{at}" for at in range(60)))
    matrix.get_by_role("button", name="Send the matrix").click()
    batch = page.locator("#batches .batch").first
    expect(batch.locator(".badge").first).to_have_text("Under way", timeout=SOON)
    expect(batch).to_contain_text(re.compile(r"[1-9]\d* of 60 answered"), timeout=SOON)
    batch.locator("summary", has_text="Cancel").click()
    batch.get_by_role("button", name="Cancel the matrix").click()
    expect(batch.locator(".badge").first).to_have_text("Cancelled", timeout=SOON)
    expect(batch).to_contain_text("not sent")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_holds_at_every_width_and_theme(
    shared_server: Server, browser: Browser, broken: Broken, theme: str, width: int
) -> None:
    code = f"""
import json
from debugging.models import DebugSession
print(json.dumps(DebugSession.objects.filter(event__event_id="{broken.event_id}").latest("pk").pk))
"""
    session_id = ask(shared_server, code)
    paths = [f"/debug/{session_id}", "/debug", "/admin/debugging/replay/", "/admin/debugging/replaytarget/add/"]
    look_at(shared_server, browser, paths, theme=theme, width=width)
