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
