"""Budgets on the dashboard and on the wall, and how quickly the pages come."""

import time
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.dashboard.builders import count as count_series
from tests.dashboard.builders import make_issue
from tests.dashboard.sla.builders import MINUTE, now_minute, target_with
from tests.performance.traces.builders import make_row
from tests.projects.builders import make_project, make_user
from tests.sla.figures.stored import make_target
from tradewatch.core.panels import Watched, render_dashboard_panels, render_panels
from tradewatch.dashboard.sla.panel import issue_cost_panel, sla_panel
from tradewatch.performance.traces.counting import add_transactions
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Release

pytestmark = pytest.mark.django_db


def watched(*, environment: str = "", **parameters: str) -> Watched:
    now = timezone.now()
    return Watched((make_project().pk,), environment, now - timedelta(hours=1), now, now, parameters)


def test_the_panel_shows_the_worst_budgets_first_and_keeps_the_scope() -> None:
    assert sla_panel(watched()) is None
    cache.clear()
    target_with({}, name="fine")
    worst = target_with(dict.fromkeys(range(30, 36), 100), name="spent")
    make_target("quiet")
    html = sla_panel(watched(environment="production", window="24h")) or ""
    assert html.index("spent") < html.index("fine")
    assert f'href="/sla/{worst.pk}?window=24h"' in html and 'href="/sla?window=24h"' in html
    assert "100% left" in html and "Tick: share of the period gone" in html
    assert "quiet" in sla_panel(watched()) and "no data" in sla_panel(watched())
    assert any(panel.key == "panel-sla-budgets" and panel.is_on_wall for panel in render_dashboard_panels(watched()))


def test_a_panel_of_another_environment_is_not_shown() -> None:
    target_with({}, environment="staging")
    assert sla_panel(watched(environment="production")) is None


def test_an_issue_that_cost_nothing_has_no_panel() -> None:
    target_with({5: 2})
    innocent, guilty = make_issue(title="Innocent: no"), make_issue(title="Guilty: yes")
    count_series(f"issue:{innocent.pk}", now_minute() - 9 * MINUTE, 4)
    count_series(f"issue:{guilty.pk}", now_minute() - 5 * MINUTE, 1)
    assert issue_cost_panel(innocent.pk) is None and issue_cost_panel(987_654) is None
    html = "".join(render_panels("issue", guilty.pk))
    assert "Cost of budget" in html and "50% of what was spent" in html


def test_a_release_says_what_it_cost(client: Client) -> None:
    client.force_login(make_user("elena", role=Role.MANAGER))
    project = make_project()
    target = target_with({5: 4})
    moment = (now_minute() - 5 * MINUTE).timestamp() + 1
    rows = [make_row(moment, project_id=project.pk, is_failed=True, release="trading-api@2.0.1") for _ in range(3)]
    add_transactions(rows, now=now_minute())
    seen_at = timezone.now()
    dear, free = (
        Release.objects.create(project=project, version=version, first_seen_at=seen_at, last_seen_at=seen_at)
        for version in ("trading-api@2.0.1", "trading-api@2.0.0")
    )
    html = client.get(f"/releases/{dear.pk}").content.decode()
    assert "Cost of budget" in html and "75% of what was spent" in html and f'href="/sla/{target.pk}"' in html
    assert "Cost of budget" not in client.get(f"/releases/{free.pk}").content.decode()
    assert f'href="/releases/{dear.pk}"' in client.get(f"/sla/{target.pk}").content.decode()


def test_pages_come_quickly_with_fifty_targets(client: Client) -> None:
    client.force_login(make_user("elena", role=Role.MANAGER))
    for number in range(50):
        target = target_with({7: number % 3, 300: 1}, name=f"target_{number}", minutes=1440)
    for path in ("/sla", f"/sla/{target.pk}"):
        client.get(path)
        took = []
        for _ in range(5):
            began = time.process_time()
            client.get(path)
            took.append(time.process_time() - began)
        assert min(took) < 0.3, (path, took)  # of the processor: under 0.1 s measured, and others may keep it busy
