"""Releases and deployments in a browser: from the list to a deployment and through its looks, with the keyboard alone;
every width and theme."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.browser.looks import look_at, serious_faults
from tests.browser.test_performance_pages import send_transactions
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]
NAME = "POST /orders <b>now</b>"
LOOKED_WITHIN_MS = 120_000  # the tick comes each minute
# Both went out before the test began: what nobody can hurry is the time that looks are about.
DEPLOYED = """
from datetime import timedelta
from django.utils import timezone
from releases.models import Deployment
from tradewatch.projects.models import Project
at = timezone.now().replace(second=0, microsecond=0)
def deploy(version, minutes, **more):
    start = at - timedelta(minutes=minutes)
    return Deployment.objects.create(
        project=Project.objects.get(slug="default"), environment="production", version=version, state="succeeded",
        version_source="given", deployed_by="Mara <i>Lindqvist</i>", started_at=start, finished_at=start, **more)
print(deploy("2.0.1", 10, previous=deploy("2.0.0", 60)).pk)
"""


@pytest.fixture(scope="module")
def deployed_server(shared_server: Server) -> Server:
    """Return a server with a deployment ten minutes ago after which requests fail, and its first look."""
    for minutes_ago in (14, 13, 12, 11):
        send_transactions(shared_server, minutes_ago=minutes_ago, count=50, name=NAME)
    for minutes_ago in (9, 8, 7, 6):
        send_transactions(shared_server, minutes_ago=minutes_ago, count=50, failed=20, name=NAME)
    shared_server.drain()
    shared_server.manage("shell", "--no-imports", "-c", DEPLOYED)
    return shared_server


def open_deployment(page: Page, server: Server) -> None:
    """From the list to the offer, once the first look was taken: the page hears of it by itself."""
    log_in(page, server, "/releases")
    offer = page.get_by_role("link", name="Open the rollback offer")
    expect(offer).to_be_visible(timeout=LOOKED_WITHIN_MS)
    offer.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("2.0.1 to production")


def test_from_the_list_to_what_got_worse_with_the_keyboard(
    deployed_server: Server, page: Page, complaints: list[str]
) -> None:
    open_deployment(page, deployed_server)
    main = page.locator("#main")
    expect(main.get_by_text(f"Errors on {NAME} went from 0% to 40.0% after this deployment.")).to_be_visible()
    row = main.get_by_role("row").filter(has_text=f"Errors, {NAME}")
    expect(row).to_contain_text("80 / 200")
    expect(row).to_contain_text("Worse")
    expect(main.locator("[data-chart=errors] canvas")).to_be_visible()
    tabs = main.get_by_role("navigation", name="Look")
    expect(tabs.get_by_text("15 min")).to_have_attribute("aria-disabled", "true")
    tabs.get_by_role("link", name="5 min").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"[?&]look=5#compared"))
    expect(tabs.get_by_role("link", name="5 min")).to_have_attribute("aria-current", "true")
    main.get_by_role("button", name="Show as table").focus()
    page.keyboard.press("Enter")
    expect(main.locator(".plot-table")).to_be_visible()
    assert serious_faults(page) == []
    assert complaints == []


def test_the_dashboard_and_the_admin_say_the_verdict(deployed_server: Server, page: Page) -> None:
    open_deployment(page, deployed_server)
    page.goto(f"{deployed_server.url}/error-dashboard.html")
    expect(page.get_by_role("link", name="Rollback offer")).to_be_visible()
    page.goto(f"{deployed_server.url}/admin/releases/deployment/?verdict=unhealthy")
    expect(page.locator("#result_list .badge.bad")).to_have_text("Unhealthy")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_hold_at_every_width_and_theme(
    deployed_server: Server, browser: Browser, page: Page, theme: str, width: int
) -> None:
    open_deployment(page, deployed_server)
    path = page.url.removeprefix(deployed_server.url)
    look_at(deployed_server, browser, ["/releases", path, f"{path}?look=5&all=1"], theme=theme, width=width)
