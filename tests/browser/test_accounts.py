"""A second factor from enrolment to recovery, a session ended from afar, and the lockout, in a real Chromium."""

import base64
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django_otp.oath import hotp
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.servers import PASSWORD, Server

pytestmark = [pytest.mark.browser, pytest.mark.once]


def code_of(key: str, *, steps: int = 0) -> str:
    return f"{hotp(base64.b32decode(key.replace(' ', '')), int(time.time()) // 30 + steps):06d}"


def give_password(page: Page, server: Server, password: str = PASSWORD) -> None:
    page.goto(server.url + "/account")
    page.fill("[name=username]", "admin")
    page.fill("[name=password]", password)
    page.click("button[type=submit]")


def give_code(page: Page, code: str) -> None:
    page.fill("[name=code]", code)
    page.click("main button[type=submit]")


def log_out(page: Page) -> None:
    page.locator(".end-menu summary").click()
    page.get_by_role("button", name="Log out").first.click()
    expect(page.get_by_role("heading", name="Logged out")).to_be_visible()


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']} {each['nodes'][0]['html']}" for each in found if each["impact"] in ("serious", "critical")]


def test_a_second_factor_a_session_from_afar_and_the_lockout(
    server: Server, page: Page, browser: Browser, complaints: list[str]
) -> None:
    log_in(page, server, "/account")
    assert serious(page) == []
    page.get_by_role("link", name="Set up a second factor").click()
    page.fill("[name=password]", "wrong")
    page.get_by_role("button", name="Show the QR code").click()
    expect(page.locator(".field .bad")).to_have_text("Is incorrect.")
    assert serious(page) == []
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Show the QR code").click()
    expect(page.locator(".qr svg")).to_be_visible()
    page.locator("summary", has_text="Type the key").click()
    key = page.locator(".key").inner_text()
    assert serious(page) == []
    give_code(page, code_of(key, steps=-1))
    expect(page.locator("#codes li")).to_have_count(10)
    codes = page.locator("#codes li").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("10 of 10 unused")).to_be_visible()
    log_out(page)

    give_password(page, server)
    expect(page.get_by_role("heading", name="Code from your phone")).to_be_visible()
    assert serious(page) == []
    page.goto(server.url + "/issues")
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()  # a password alone opens nothing
    give_password(page, server)
    give_code(page, code_of(key))
    page.wait_for_url(server.url + "/account")

    elsewhere = browser.new_context()
    other = elsewhere.new_page()
    give_password(other, server)
    give_code(other, codes[0])
    other.wait_for_url(server.url + "/account")
    page.reload()
    expect(page.get_by_text("9 of 10 unused")).to_be_visible()
    page.get_by_role("button", name="Log out Chrome").click()
    expect(page.locator(".toast")).to_contain_text("Logged out")
    other.goto(server.url + "/issues")
    expect(other.get_by_role("heading", name="Log in")).to_be_visible()

    for _ in range(5):
        give_password(other, server, "wrong")
    expect(other.get_by_role("heading", name="This login is locked for 15 min")).to_be_visible()
    assert serious(other) == []
    elsewhere.close()
    page.goto(server.url + "/issues")
    expect(page.get_by_role("heading", name="Issues")).to_be_visible()  # who is in stays in
    assert complaints == []
