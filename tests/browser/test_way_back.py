"""The way back in a browser: from the offer through the reason to the timeline, with the keyboard; on a phone too."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import log_in
from tests.browser.looks import serious_faults
from tests.servers import Server

DRAWN_WITHIN_MS = 30_000  # by the push, the request it makes, and the page: three processes of a machine that is busy
pytestmark = [pytest.mark.browser, pytest.mark.once]
BAD = """
from datetime import timedelta
from django.utils import timezone
from releases.models import Deployment, DeploymentLook
from tradewatch.projects.models import Project
def deploy(version, minutes, **more):
    at = timezone.now() - timedelta(minutes=minutes)
    return Deployment.objects.create(
        project=Project.objects.get(slug="default"), environment="wayback", version=version, state="succeeded",
        version_source="given", deployed_by="Mara", started_at=at, finished_at=at, **more)
before = deploy("trading-api@2.0.0", 300)
row = deploy("trading-api@2.0.1", 130, previous=before, verdict="unhealthy", verdict_at=timezone.now())
DeploymentLook.objects.create(deployment=row, minutes=5, looked_at=timezone.now(), verdict="unhealthy",
    summary="errors 0.4% to 2.1%", evidence={})
print(row.pk)
"""


def test_asked_for_with_the_keyboard_and_called_off(shared_server: Server, page: Page, complaints: list[str]) -> None:
    pk = shared_server.manage("shell", "--no-imports", "-c", BAD).strip()
    page.set_viewport_size({"width": 390, "height": 844})
    log_in(page, shared_server, f"/releases/deployments/{pk}")
    ask = page.locator("summary", has_text="Roll back to trading-api@2.0.0…")
    ends = page.locator(".hero .thumb .btn:visible").evaluate_all(
        "all => all.map(e => e.getBoundingClientRect().right)"
    )
    assert len(ends) == 2 and max(ends) <= 390, "within the screen, however long the version"
    ask.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Roll wayback back to trading-api@2.0.0?")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("orders <b>fail</b>")
    assert not serious_faults(page)
    page.keyboard.press("Enter")
    panel = page.locator("section.panel", has_text="Back to trading-api@2.0.0")
    expect(panel.get_by_text("orders <b>fail</b>")).to_be_visible(timeout=DRAWN_WITHIN_MS)
    expect(ask).to_have_count(0, timeout=DRAWN_WITHIN_MS)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    panel.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("Called off by admin.")).to_be_visible(timeout=DRAWN_WITHIN_MS)
    expect(ask).to_be_visible(timeout=DRAWN_WITHIN_MS)
    assert not complaints
