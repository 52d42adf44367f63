"""The places that an issue's page has for the panels of higher apps."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tests.dashboard.builders import make_event, make_issue
from tests.projects.builders import make_user
from tradewatch.core import panels
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(panels, "_panels", {})
    yield


@pytest.mark.usefixtures("registry")
def test_panels_stand_in_their_place_and_one_that_fails_costs_only_itself(client: Client) -> None:
    def fail(object_id: int) -> SafeString:
        raise RuntimeError("no commits today")

    panels.add_panel("issue", "Suspect commits", lambda issue_id: format_html("<p>commits of issue {}</p>", issue_id))
    panels.add_panel("issue", "Patterns", fail)
    panels.add_panel("event", "Trace and logs", lambda event_id: format_html("<p>trace of event {}</p>", event_id))
    panels.add_panel("event", "Sessions", fail)
    client.force_login(make_user("vera", role=Role.VIEWER))
    event = make_event(make_issue())
    page = client.get(event.get_absolute_url()).content.decode()
    main, aside = page.split("<aside", 1)
    assert f"trace of event {event.pk}" in main
    assert f"commits of issue {event.issue_id}" in aside
    assert page.count("This panel did not load") == 2
    assert "no commits today" not in page
    assert "MarginCheckError" in main
