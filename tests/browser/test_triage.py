"""Triage of an issue from end to end, as a person does it: at a desk, by keyboard, on a phone, and without script."""

import re
import uuid

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.browser.hostile_event import Planter, make_envelopes, make_event, send_envelope
from tests.browser.looks import serious_faults
from tests.browser.test_live_page import dsn_of, send
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]


def open_issue(page: Page, server: Server, event_id: str) -> str:
    """Go to the issue of an event; return its path."""
    server.drain()
    log_in(page, server, "/issues")
    page.goto(f"{server.url}/events/{event_id}")
    page.wait_for_url("**/issues/*/events/*")
    path = re.sub(r"/events/.*", "", page.url.removeprefix(server.url))
    page.goto(server.url + path)
    return path


def test_an_issue_is_read_taken_noted_resolved_and_taken_back(
    shared_server: Server, page: Page, complaints: list[str]
) -> None:
    name = f"Triage{uuid.uuid4().hex[:8]}"
    send(shared_server, name, "first")
    path = open_issue(page, shared_server, send(shared_server, name, "second"))
    expect(page.locator("h1")).to_have_text(re.compile(name))
    expect(page.locator(".code .hit")).to_contain_text(f"raise {name}()")
    expect(page.locator(".vars")).to_contain_text("quantity")
    assert page.locator("[data-chart] canvas").count() == 1

    page.keyboard.press("[")
    expect(page.locator(".event-at")).to_contain_text("Oldest event of 2")
    page.keyboard.press("]")
    expect(page.locator(".event-at")).to_contain_text("Newest event of 2")

    page.keyboard.press("a")
    page.get_by_role("button", name="Take it").click()
    expect(page.locator(".toast")).to_contain_text("Assigned")
    expect(page.locator("summary[data-key=a]")).to_contain_text("admin")

    page.goto(f"{shared_server.url}{path}?tab=activity")
    page.fill("#note-new", "Cache of margin accounts, <b>not</b> cleared")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".note-text")).to_have_text("Cache of margin accounts, <b>not</b> cleared")
    page.locator(".own-note summary").click()
    page.locator(".own-note textarea").fill("Cleared at 15:20")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".note-text")).to_have_text("Cleared at 15:20")

    page.get_by_label("Resolve in a release").click()
    page.get_by_role("button", name="In the next release").click()
    expect(page.locator(".meta")).to_contain_text("Resolved")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("Taken back")
    expect(page.locator(".meta")).not_to_contain_text("Resolved")

    page.keyboard.press("s")
    expect(page.locator(".meta")).to_contain_text("Ignored")
    expect(page.locator(".state-line")).to_contain_text("Ignored until")
    page.keyboard.press("e")
    expect(page.locator(".meta")).not_to_contain_text("Ignored")
    page.goto(f"{shared_server.url}{path}?tab=activity")
    for words in ("Taken", "Resolved", "Ignored", "Cleared at 15:20"):
        expect(page.locator(".timeline")).to_contain_text(words)
    assert complaints == []


def test_keys_walk_frames_and_are_off_while_typing(shared_server: Server, page: Page) -> None:
    path = open_issue(page, shared_server, send(shared_server, f"Keys{uuid.uuid4().hex[:8]}"))
    page.keyboard.press("j")
    expect(page.locator(".frame summary").first).to_be_focused()
    page.keyboard.press("?")
    help_ = page.locator("dialog[open]")
    for words in ("Resolve", "Ignore", "Assign", "Older event", "Ignore for an hour", "Next frame"):
        if words != "Older event":  # there is none: a key that does nothing is not listed
            expect(help_).to_contain_text(words)
    page.keyboard.press("e")
    page.keyboard.press("Escape")
    page.goto(f"{shared_server.url}{path}?tab=activity")
    page.locator("#note-new").focus()
    page.keyboard.type("easing i see ? a")
    expect(page.locator("#note-new")).to_have_value("easing i see ? a")
    expect(page.locator(".meta")).not_to_contain_text("Resolved")
    page.locator("h1").click()
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/issues")


def test_without_script_every_action_is_a_form_and_undo_is_too(shared_server: Server, browser: Browser) -> None:
    event_id = send(shared_server, f"Plain{uuid.uuid4().hex[:8]}")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    open_issue(page, shared_server, event_id)
    page.get_by_role("button", name="Resolve", exact=False).first.click()
    expect(page.locator(".meta")).to_contain_text("Resolved")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".meta")).not_to_contain_text("Resolved")
    page.get_by_label("Ignore for a while").click()
    page.get_by_role("button", name="For 24 hours").click()
    expect(page.locator(".state-line")).to_contain_text("Ignored until")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_page_holds_at_every_width_and_theme(
    shared_server: Server, browser: Browser, width: int, theme: str
) -> None:
    plant = Planter(1)
    event = make_event(plant)
    event["fingerprint"] = [uuid.uuid4().hex]
    for body in make_envelopes(plant, event):
        send_envelope(dsn_of(shared_server), body)
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    path = open_issue(page, shared_server, event["event_id"])
    for part in ("", "?frames=all", "?tab=tags", "?tab=events", "?tab=similar", "?tab=activity"):
        page.goto(shared_server.url + path + part)
        page.wait_for_load_state("networkidle")
        page.evaluate("() => document.querySelectorAll('main details.fold').forEach((each) => (each.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, part
        assert serious_faults(page) == [], part
    context.close()
