import re

import pytest
from django.test import Client

from tradewatch.dashboard.admin_theme import UNFOLD
from tradewatch.dashboard.navigation import NAVIGATION, current_entry


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/error-dashboard.html", "Dashboard"),
        ("/issues", "Issues"),
        ("/issues/7/events/ab", "Issues"),
        ("/issuesque", None),
        ("/alerts/3", "Alerts"),
        ("/", None),
        ("/performance/transaction", "Performance"),
        ("/hosts/3", "Performance"),
        ("/oncall/7", "Who is on call"),
        ("/oncall/schedules", "Schedules"),
    ],
)
def test_a_page_belongs_to_its_entry(path: str, name: str | None) -> None:
    entry = current_entry(path)
    assert (entry.name if entry else None) == name


def test_the_admin_draws_the_same_list() -> None:
    sidebar = UNFOLD["SIDEBAR"]["navigation"]  # type: ignore[index]
    ours = [(section.name, [entry.name for entry in section.entries]) for section in NAVIGATION]
    assert [(part["title"], [item["title"] for item in part["items"]]) for part in sidebar] == ours


@pytest.mark.django_db
def test_every_entry_leads_somewhere(admin_client: Client) -> None:
    for section in NAVIGATION:
        for entry in section.entries:
            assert admin_client.get(entry.path).status_code == 200, entry.path


@pytest.mark.django_db
def test_the_tabs_of_performance_lead_to_pages_with_the_same_tabs(admin_client: Client) -> None:
    html = admin_client.get("/performance?window=24h").content.decode()
    tabs = re.findall(r'<nav class="tabs" aria-label="Performance">(.*?)</nav>', html, re.S)[0]
    hrefs = re.findall(r'href="([^"]+)"', tabs)
    assert {"/performance?window=24h", "/traces?window=24h", "/hosts?window=24h"} <= set(hrefs)
    for href in hrefs:
        page = admin_client.get(href).content.decode()
        marked = re.findall(r'<a href="([^"]+)" aria-current="page">\w+</a>', page)
        assert href in marked, href
