"""What every page must hold, at any width and in either theme."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.conftest import log_in
from tests.servers import Server


def serious_faults(page: Page) -> list[str]:
    """Return what axe finds serious or critical, each with the element."""
    return [
        f"{each['id']} {each['nodes'][0]['html'][:200]}"
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
    ]


def look_at(server: Server, browser: Browser, paths: list[str], *, theme: str, width: int) -> None:
    """Open pages as an admin: nothing refused or complained of, nothing sideways, nothing that axe finds serious."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    log_in(page, server)
    for path in paths:
        page.goto(server.url + path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        faults = serious_faults(page)
        assert faults == [], (path, faults)
    assert complaints == [], complaints
    context.close()
