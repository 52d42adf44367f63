"""The pages of hosts, and their numbers held against what was reported."""

import json
import re
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from alerts.services.judging import judge_occurrences
from tests.dashboard.builders import make_event, make_issue
from tests.performance.hosts.builders import make_points, report_host
from tests.projects.builders import make_project, make_user
from tradewatch.core.panels import Watched
from tradewatch.dashboard.hosts.cards import card_of, headline, worst_first
from tradewatch.dashboard.hosts.panel import hosts_panel
from tradewatch.performance.hosts.points import Point, labels
from tradewatch.performance.hosts.services import tell_of_silent_hosts
from tradewatch.performance.models import Host
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def viewer(client: Client) -> Client:
    client.force_login(make_user("vic", role=Role.VIEWER))
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


def charts(html: str) -> dict[str, dict[str, object]]:
    return {
        found[0]: json.loads(found[1])
        for found in re.findall(r'<script id="chart-([a-z]+)" type="application/json">(.*?)</script>', html)
    }


# --- cards --------------------------------------------------------------------------------------------------------
NOW = datetime.fromisoformat("2026-11-23T15:12:00+00:00")


@pytest.mark.parametrize(
    ("fields", "mark", "text"),
    [
        ({}, "ok", ""),
        ({"disk_ratio": 0.92, "disk_mount": "/var"}, "warning", "/var nearly full"),
        ({"disk_ratio": 0.96, "disk_mount": "/var"}, "critical", "/var nearly full"),
        ({"memory_ratio": 0.97}, "warning", "memory nearly full"),
        ({"cpu_ratio": 1.0}, "ok", ""),
        ({"late_parts": ["disk:/mnt"]}, "warning", "no answer from disk:/mnt"),
        ({"last_seen_at": NOW - timedelta(minutes=12)}, "critical", "silent for 12 min"),
        ({"last_seen_at": NOW - timedelta(minutes=2, seconds=30)}, "ok", "last report 2 min ago"),
        ({"last_seen_at": NOW - timedelta(days=3), "retired_at": NOW}, "ok", ""),
    ],
)
def test_a_card_says_what_is_wrong(fields: dict[str, object], mark: str, text: str) -> None:
    values = {"name": "api-01", "last_seen_at": NOW, "cpu_ratio": 0.4, "memory_ratio": 0.5, "disk_ratio": 0.4}
    card = card_of(Host(**{**values, **fields}), now=NOW)
    assert (card.mark, card.text) == (mark, text)
    if text.startswith("silent"):
        assert [bar.ratio for bar in card.bars] == [None, None, None]


def test_the_worst_comes_first_and_the_headline_counts() -> None:
    cards = [
        card_of(Host(name=name, last_seen_at=NOW - timedelta(minutes=minutes), disk_ratio=disk), now=NOW)
        for name, minutes, disk in (("a", 0, 0.1), ("b", 0, 0.93), ("c", 30, 0.1))
    ]
    assert [card.host.name for card in worst_first(cards)] == ["c", "b", "a"]
    assert headline(cards) == "Of 3 hosts: 1 silent, 1 disk nearly full"
    assert headline(cards[:1]) == "Reports" and headline([cards[0]] * 4) == "All 4 report"


# --- pages --------------------------------------------------------------------------------------------------------
def test_the_list_shows_every_host_with_its_bars(viewer: Client) -> None:
    now = timezone.now()
    report_host("api-01", now=now, points=make_points(cpu=0.38, memory=0.58, disk=0.41))
    report_host("db-01", now=now, points=make_points(disk=0.93, mount="/var/lib"))
    report_host("gone", now=now - timedelta(minutes=30))
    html = page(viewer, "/hosts")
    assert "Of 3 hosts: 1 silent, 1 disk nearly full" in html
    assert html.index("gone") < html.index("db-01") < html.index("api-01")
    assert "silent for 30 min" in html and "/var/lib nearly full" in html
    assert 'aria-label="Memory: no data"' in html
    assert "38%" in html.replace("38.0%", "38%") and 'width="58.0%"' in html
    assert f'href="/hosts/{Host.objects.get(name="db-01").pk}"' in html


def test_the_list_pages_by_cursor(viewer: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradewatch.dashboard.views.hosts.SHOWN", 2)
    for name in ("a", "b", "c"):
        report_host(f"host-{name}", now=timezone.now())
    first = page(viewer, "/hosts")
    assert "host-b" in first and "host-c" not in first
    more = re.search(r'href="(/hosts\?cursor=[^"]+)"', first)
    assert more is not None
    second = page(viewer, more[1])
    assert "host-c" in second and "host-a" not in second
    page(viewer, "/hosts?cursor=nonsense", 400)


def test_without_a_host_it_says_how_one_comes(viewer: Client) -> None:
    assert "manage.py agent" in page(viewer, "/hosts")


def test_the_page_draws_what_was_reported(viewer: Client) -> None:
    now = timezone.now()
    for minute in range(10, 0, -1):
        points = [
            *make_points(cpu=0.2, memory=0.5, disk=0.4),
            Point("disk", 0.9, labels(mount="/var")),
            Point("disk.used", 9e9, labels(mount="/var")),
            Point("disk.total", 1e10, labels(mount="/var")),
            Point("cpu.state", 0.15, labels(state="user")),
            Point("cpu.state", 0.05, labels(state="system")),
            Point("disk.read", 1000.0, labels(device="sda")),
            Point("disk.read", 500.0, labels(device="sdb")),
            Point("load", 1.5, labels(minutes="1")),
        ]
        host = report_host("api-01", now=now - timedelta(minutes=minute), points=points, platform="Linux 6.1")
    report_host("api-02", now=now - timedelta(minutes=1), points=[Point("disk.read", 9e9, labels(device="sda"))])
    html = page(viewer, f"/hosts/{host.pk}?window=15m")
    found = charts(html)
    reads = [value for value in found["io"]["values"] if value is not None]  # type: ignore[attr-defined]
    assert set(reads) == {1500.0} and len(reads) == 10
    assert found["io"]["name"] == "read"
    assert {value for value in found["cpu"]["values"] if value is not None} == {15.0}  # type: ignore[attr-defined]
    assert [line["name"] for line in found["cpu"]["more"]] == ["system"]  # type: ignore[attr-defined,index]
    assert {found["disk"]["name"], found["disk"]["more"][0]["name"]} == {"/", "/var"}  # type: ignore[index]
    assert "90.0%" in html and "9.0 GB" in html and "Linux 6.1" in html
    assert "Network, bytes a second" in html
    assert set(found["network"]["values"]) == {None}  # type: ignore[call-overload]


def test_a_silent_host_says_since_when_and_shows_its_alert(viewer: Client) -> None:
    now = timezone.now()
    host = report_host("api-01", now=now - timedelta(minutes=30))
    tell_of_silent_hosts(now, watched_since=now - timedelta(hours=1))
    judge_occurrences(now)
    html = page(viewer, f"/hosts/{host.pk}")
    assert "silent for 30 min" in html and "Its last report came at" in html
    assert "Host api-01 is silent" in html


def test_other_projects_hosts_are_not_there(viewer: Client) -> None:
    theirs = report_host("zebra", now=timezone.now(), project=make_project("other"))
    assert "zebra" not in page(viewer, "/hosts")
    page(viewer, f"/hosts/{theirs.pk}", 404)
    page(viewer, "/hosts/999", 404)


def test_the_environment_narrows_the_list(viewer: Client) -> None:
    report_host("lab-01", now=timezone.now(), environment="lab")
    report_host("api-01", now=timezone.now())
    html = page(viewer, "/hosts?environment=lab")
    assert "lab-01" in html and "api-01" not in html


def test_the_panel_shows_the_worst_six_and_leads_to_all() -> None:
    now = timezone.now()
    for number in range(8):
        report_host(f"api-{number}", now=now)
    report_host("z-gone", now=now - timedelta(minutes=30))
    project = make_project()
    watched = Watched((project.pk,), "", now - timedelta(hours=1), now, now, {"window": "24h"})
    html = str(hosts_panel(watched))
    assert html.index("z-gone") < html.index("api-0") and "api-6" not in html
    assert "Of 9 hosts: 1 silent" in html and 'href="/hosts?window=24h"' in html
    assert hosts_panel(Watched((project.pk + 1,), "", now, now, now)) is None


def test_an_event_shows_what_its_host_did_in_its_minute(viewer: Client) -> None:
    now = timezone.now()
    project = make_project()
    report_host("api-01", now=now - timedelta(minutes=20), points=make_points(cpu=0.99, disk=0.5, mount="/var"))
    report_host("api-01", now=now, points=make_points(cpu=0.1))
    issue = make_issue(project)
    event = make_event(issue, at=now - timedelta(minutes=19), document={"server_name": "api-01.desk.example"})
    html = page(viewer, f"/issues/{issue.pk}/events/{event.event_id.hex}")
    part = html[html.index("Host at that minute") :]
    assert "99.0%" in part and "api-01" in part and "/var" in part
    assert re.search(r'href="/hosts/\d+\?start=', part)
    unknown = make_event(issue, at=now - timedelta(hours=9), document={"server_name": "api-01"})
    assert "Host at that minute" not in page(viewer, f"/issues/{issue.pk}/events/{unknown.event_id.hex}")
