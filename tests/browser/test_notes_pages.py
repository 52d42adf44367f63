"""Notes and a comparison in a browser: copied as Markdown, swapped, at every width and theme."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import log_in
from tests.browser.looks import look_at
from tests.servers import Server

pytestmark = [pytest.mark.browser, pytest.mark.once]
HOSTILE = "<b>bold</b> `code` [link](https://evil.example)"
TOLD = f"""
from datetime import timedelta
from django.utils import timezone
from releases.commits.drafts import CommitDraft
from releases.commits.storing import release_named, repository_named, set_release_commits, store_commits
from releases.models import Deployment
from tradewatch.projects.models import Project
now = timezone.now()
project = Project.objects.get(slug="default")
host = repository_named(project, "acme/notes", url="https://github.com/acme/notes", now=now)
texts = ["chore: begin", "feat(risk)!: margin per desk (#12)", "fix: {HOSTILE}", "perf: " + "long" * 40]
line = store_commits(host, [
    CommitDraft(f"{{n}}" * 40, text, "Mara Lindqvist", "", now, (f"{{n - 1}}" * 40,) if n > 1 else ())
    for n, text in enumerate(texts, 1)])
for version, commits, days in (("7.0.0", line[:1], 2), ("7.0.1", line[::-1], 1)):
    release = release_named(project, version, now=now)
    set_release_commits(release, commits)
    at = now - timedelta(days=days)
    Deployment.objects.create(project=project, environment="notes", version=version, state="succeeded",
        version_source="given", deployed_by="Mara", started_at=at, finished_at=at)
print(release.pk)
"""


@pytest.fixture(scope="module")
def notes_path(shared_server: Server) -> str:
    told = shared_server.manage("shell", "--no-imports", "-c", TOLD)
    return f"/releases/{str(told).strip().splitlines()[-1]}/notes?environment=notes"


def test_notes_are_copied_as_markdown(
    shared_server: Server, notes_path: str, page: Page, complaints: list[str]
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(page, shared_server, notes_path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Notes of 7.0.1")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    page.get_by_role("button", name="Copy as Markdown").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("# 7.0.1\n\nSince 7.0.0 in notes: 3 commits by 1 person.")
    assert "\\<b\\>bold\\</b\\>" in copied and "[link](" not in copied
    page.emulate_media(media="print")
    expect(page.locator(".side")).to_be_hidden()
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    assert complaints == []


def test_two_releases_are_chosen_compared_and_swapped(
    shared_server: Server, notes_path: str, page: Page, complaints: list[str]
) -> None:
    log_in(page, shared_server, "/releases/compare?environment=notes")
    page.get_by_label("From", exact=True).fill("7.0.0")
    page.get_by_label("To", exact=True).fill("7.0.1")
    page.get_by_label("To", exact=True).press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("7.0.0 and 7.0.1")
    expect(page.get_by_text("margin per desk (#12)")).to_be_visible()
    page.get_by_role("link", name="Swap", exact=True).click()
    page.wait_for_url(re.compile(r"from=7\.0\.1&to=7\.0\.0"))
    expect(page.get_by_text("7.0.0 is the older one")).to_be_visible()
    page.get_by_role("link", name="Swap them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("7.0.0 and 7.0.1")
    assert complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_pages_hold_at_every_width_and_theme(
    shared_server: Server, notes_path: str, browser: Browser, theme: str, width: int
) -> None:
    compare = "/releases/compare?environment=notes"
    paths = [notes_path, compare, f"{compare}&from=7.0.0&to=7.0.1", f"{compare}&from=7.0.1&to=7.0.0"]
    look_at(shared_server, browser, paths, theme=theme, width=width)
