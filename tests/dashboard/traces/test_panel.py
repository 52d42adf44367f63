import re

import pytest
from django.test import Client

from tests.dashboard.traces.test_pages import plain
from tests.performance.traces.kept import TRACE, child, keep, transaction
from tests.performance.traces.test_whole import happen, keep_two_services
from tests.projects.builders import make_project, make_user
from tradewatch.dashboard.traces.panel import event_trace_panel
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project

pytestmark = pytest.mark.django_db


def test_it_leads_from_the_root_to_the_span_that_broke() -> None:
    project = make_project()
    inner = child("m", "f", 66, 71, "function", "check_margin", status="internal_error")
    keep(
        transaction("a", "", 0, 84, child("f", "a", 60, 80, "function", "risk"), inner, child("o", "a", 1, 2)), project
    )
    panel = event_trace_panel(happen(project, 70, "m").pk)
    assert panel
    assert re.findall(r'class="(?:whole )?name" title="([^"]+)"', panel) == ["POST /orders", "risk", "check_margin"]
    assert "4 spans in 1 service, 84.0 ms" in plain(panel)
    assert panel.count(f'href="/traces/{TRACE}"') == 4


def test_it_says_when_the_span_is_not_there_and_is_silent_without_spans() -> None:
    trading, quotes = keep_two_services()
    panel = event_trace_panel(happen(trading, 5, "gone").pk)
    assert panel and "The span in which it happened is not kept." in panel
    assert event_trace_panel(happen(make_project("other"), 5, "gone").pk) is None
    assert "quote-service@" not in panel and f"{quotes.name}" not in panel


def test_it_is_on_the_page_of_the_event_with_its_stylesheet(client: Client) -> None:
    keep_two_services()
    event = happen(Project.objects.get(slug="default"), 71, "a")
    client.force_login(make_user("vera", role=Role.VIEWER))
    html = client.get(event.get_absolute_url()).content.decode()
    assert 'id="trace"' in html and "dashboard/trace.css" in html
    assert f'<dd><a href="/traces/{TRACE}' in html
