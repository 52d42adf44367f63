import re
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from tests.dashboard.builders import count
from tests.dashboard.performance.builders import send
from tests.dashboard.performance.test_pages import plain, read
from tests.projects.builders import make_project, make_user
from tradewatch.core.panels import Watched, render_dashboard_panel
from tradewatch.dashboard.performance import strips
from tradewatch.dashboard.performance.panel import panel_lines, performance_panel
from tradewatch.performance.models import TraceFinding
from tradewatch.performance.traces import queries
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> None:
    cache.clear()


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vera", role=Role.VIEWER))
    return client


def watched(environment: str = "", **parameters: str) -> Watched:
    now = timezone.now()
    end = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return Watched((make_project().pk,), environment, end - timedelta(hours=1), end, now, parameters)


def test_what_got_worse_stands_before_what_is_merely_slow() -> None:
    send("GET /slow", [3.0] * 5)
    send("POST /orders", [0.1] * 200, ago=timedelta(minutes=80))
    send("POST /orders", [0.1] * 200, failed=40)
    lines, worse = panel_lines(watched())
    assert [line.name for line in lines] == ["POST /orders", "GET /slow"]
    assert worse == 1
    assert lines[0].badge is not None
    assert (lines[0].badge.word, lines[0].failed, lines[0].requests) == ("Fails more", "20.0%", "200")
    assert lines[1].badge is None


def test_five_at_most_and_none_without_transactions() -> None:
    assert performance_panel(watched()) is None
    cache.clear()
    for number in range(7):
        send(f"GET /{number}", [0.1 + number / 10])
    assert [line.name for line in panel_lines(watched())[0]] == [f"GET /{number}" for number in (6, 5, 4, 3, 2)]


def test_what_is_over_is_read_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = timezone.now().replace(second=0, microsecond=0)
    about = watched()
    send("GET /orders", [0.1] * 3, ago=timedelta(minutes=30))
    send("GET /orders", [0.1] * 2, ago=timedelta(minutes=1))
    read: list[tuple[int, int]] = []
    asked = queries.by_transaction

    def counted(project_ids: Any, start: int, end: int, **scope: Any) -> Any:
        read.append((start, end))
        return asked(project_ids, start, end, **scope)

    monkeypatch.setattr(queries, "by_transaction", counted)
    assert [line.requests for line in panel_lines(replace(about, now=now))[0]] == ["5"]
    first, read[:] = list(read), []
    send("GET /orders", [0.1] * 4)
    assert [line.requests for line in panel_lines(replace(about, now=now))[0]] == ["9"]
    start, end, fresh = int(about.start.timestamp()), int(about.end.timestamp()), int(now.timestamp()) - 300
    assert sorted(first) == [(2 * start - end, start), (start, fresh), (fresh, end)]
    assert read == [(fresh, end)]
    send("GET /orders", [0.1], ago=timedelta(minutes=30))  # late, as after an outage: there with the next minute
    assert [line.requests for line in panel_lines(replace(about, now=now + timedelta(minutes=1)))[0]] == ["10"]


@pytest.mark.parametrize("ahead", [-7200, 0, 7200])
def test_each_minute_is_in_one_part_whatever_the_clock_says(ahead: int) -> None:
    send("GET /orders", [0.1] * 3, ago=timedelta(minutes=30))
    send("GET /orders", [0.1] * 2)
    about = watched()
    assert [line.requests for line in panel_lines(replace(about, now=about.now + timedelta(seconds=ahead)))[0]] == ["5"]


def test_another_environment_is_another_panel() -> None:
    send("GET /production", [0.1])
    send("GET /staging", [0.1], environment="staging")
    staging, production = performance_panel(watched("staging")), performance_panel(watched("production"))
    assert staging is not None and "GET /staging" in staging and "GET /production" not in staging
    assert production is not None and "GET /production" in production


def test_links_keep_the_scope() -> None:
    send("GET /orders/{id}", [0.1])
    html = performance_panel(watched(project="default", window="24h"))
    assert html is not None
    assert 'href="/performance?project=default&amp;window=24h"' in html
    assert "name=GET+%2Forders%2F%7Bid%7D" in html


def test_the_dashboard_shows_it(viewer: Client) -> None:
    count("transactions", timezone.now(), 1)  # something came: the dashboard is no list of first steps
    send("GET /orders", [0.1])
    assert "Transactions slowest first Performance GET /orders 1 requests, 0% failed" in plain(
        read(viewer, "/error-dashboard.html")
    )


def test_the_overview_borrows_the_panels_that_others_registered(
    viewer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("GET /orders", [0.1])
    assert render_dashboard_panel("nobody's", watched()) == ""
    shown = {"Hosts": lambda about: format_html("<b>of {} to {}</b>", about.start, about.end)}
    monkeypatch.setattr(
        strips, "render_dashboard_panel", lambda name, about: shown[name](about) if name in shown else ""
    )
    html = read(viewer, "/performance")
    assert html.count('<div class="slot') == 1
    assert '<div class="slot c12" data-live="strip-1"><b>of 20' in html


def test_what_stands_alone_on_the_overview_fills_the_row(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: dict[str, SafeString] = {}
    monkeypatch.setattr(strips, "render_dashboard_panel", lambda name, about: shown.get(name, ""))
    send("GET /quotes", [0.1])
    make_finding(pattern="SELECT 1")
    assert re.findall(r'class="slot (c\d+)"', read(viewer, "/performance")) == ["c12"]
    shown |= {"Checks": SafeString("<i>checks</i>"), "Hosts": SafeString("<i>hosts</i>")}
    assert re.findall(r'class="slot (c\d+)"', read(viewer, "/performance")) == ["c12", "c7", "c5"]
    TraceFinding.objects.all().delete()
    assert re.findall(r'class="slot (c\d+)"', read(viewer, "/performance")) == ["c12", "c12"]


def test_what_traces_show_stands_on_the_overview_the_costliest_first(viewer: Client) -> None:
    send("GET /quotes", [0.1])
    assert "Found in traces" not in read(viewer, "/performance")
    for number in range(7):
        make_finding(pattern=f"SELECT {number} FROM quotes", cost_seconds=1.0 + number)
    make_finding(pattern="SELECT old", cost_seconds=99.0, last_seen_at=timezone.now() - timedelta(days=8))
    make_finding(pattern="SELECT hidden", cost_seconds=99.0, project=make_project("other"))
    html = read(viewer, "/performance")
    found = re.findall(r"SELECT (\w+)", html)
    assert found == ["6", "5", "4", "3", "2"]
    assert f'href="/traces/{"ab" * 16}"' in html


def make_finding(**fields: Any) -> TraceFinding:
    now = timezone.now()
    values: dict[str, Any] = {
        "project": make_project(),
        "environment": "production",
        "transaction": "GET /quotes",
        "kind": "n_plus_one",
        "identity": uuid4(),
        "first_seen_at": now,
        "last_seen_at": now,
        "count": 3,
        "example_trace_id": "ab" * 16,
    }
    return TraceFinding.objects.create(**{**values, **fields})
