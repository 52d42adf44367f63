"""GET /performance/metrics: each number against what was stored, null where nothing was."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.dashboard.performance.builders import send
from tests.metrics.points.builders import a_point
from tests.performance.checks.builders import answered, make_check
from tests.performance.hosts.builders import report_host
from tests.projects.builders import bearer, make_project
from tradewatch.core.faults import Invalid
from tradewatch.core.windows import Window
from tradewatch.metrics.points.writing import add_points
from tradewatch.performance.checks.choices import Level
from tradewatch.performance.hosts.points import Point, labels
from tradewatch.performance.measured import DAY, wanted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 15, 12, 30, tzinfo=UTC)
NULLS = ("throughput", "failure_rate", "apdex", "p50", "p75", "p95", "p99")


def get(client: Client, **parameters: str) -> dict[str, Any]:
    answer = client.get("/performance/metrics", parameters, headers=bearer("performance:read"))
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def test_without_data_everything_is_null_and_nothing_is_zero(client: Client) -> None:
    body = get(client)
    assert body["system"] == {**dict.fromkeys(("cpu", "memory", "disk", "network")), "hosts": []}
    assert [body["requests"][name] for name in NULLS] == [None] * len(NULLS)
    assert body["requests"]["coverage"] is None
    assert (body["requests"]["count"], body["requests"]["series"]) == (0, [])
    assert (body["transactions"], body["custom"]) == ([], [])
    assert body["health"]["status"] in ("ok", "failing")
    assert set(body["health"]["checks"]) >= {"database", "inbox"}
    assert body["health"]["external"] == []


def test_each_number_is_that_of_what_was_sent(client: Client) -> None:
    send("GET /orders", [0.1] * 30)
    send("POST /orders", [0.8] * 10, failed=4, weight=2.0)
    body = get(client, window="1h")
    requests = body["requests"]
    assert (requests["count"], requests["weighted_count"], requests["failed"]) == (40, 50.0, 4)
    assert requests["throughput"] == pytest.approx(50 * 60 / body["window_seconds"])
    assert requests["failure_rate"] == pytest.approx(8 / 50)
    assert requests["apdex"] == pytest.approx((30 + 12 / 2) / 50)
    assert requests["p50"] == pytest.approx(0.1, rel=0.01)
    assert requests["p99"] == pytest.approx(0.8, rel=0.01)
    assert requests["coverage"] == pytest.approx(40 / 50)
    assert [point["count"] for point in requests["series"]] == [40]
    first, second = body["transactions"]
    assert (first["name"], first["count"], first["failed"]) == ("POST /orders", 10, 4)
    assert first["share_of_time"] == pytest.approx(16 / 19)
    assert first["url"].endswith("/performance/transaction?project=default&name=POST+%2Forders")
    assert second["p95"] == pytest.approx(0.1, rel=0.01)


def test_project_environment_and_window_narrow_it(client: Client) -> None:
    send("GET /orders", [0.1] * 3, environment="staging")
    send("GET /orders", [0.1] * 5, ago=timedelta(hours=3))
    send("GET /orders", [0.1] * 7, project=make_project("other"))
    assert get(client)["requests"]["count"] == 15
    assert get(client, project="other")["requests"]["count"] == 7
    assert get(client, environment="staging")["requests"]["count"] == 3
    assert get(client, window="1h", project="default")["requests"]["count"] == 3


def test_a_token_bound_to_a_project_sees_that_one_alone(client: Client) -> None:
    send("GET /orders", [0.1] * 3)
    send("GET /hidden", [0.1] * 7, project=make_project("other"))
    headers = bearer("performance:read", projects=[make_project()])
    body = client.get("/performance/metrics", headers=headers).json()
    assert body["requests"]["count"] == 3
    assert "hidden" not in str(body)


def test_the_resolution_cuts_the_series(client: Client) -> None:
    now = timezone.now()
    for minutes in (5, 65, 66, 125):
        send("GET /orders", [0.1], ago=timedelta(minutes=minutes), now=now)
    hours = get(client, window="24h", resolution="1h")["requests"]["series"]
    assert sum(point["count"] for point in hours) == 4
    assert all(point["start"].endswith(":00:00Z") for point in hours)
    assert len(get(client, window="24h", resolution="60")["requests"]["series"]) == 4
    assert len(get(client, window="24h", resolution="1d")["requests"]["series"]) <= 2


@pytest.mark.parametrize(
    ("seconds", "resolution", "step"),
    [
        (900, None, 60),
        (3600, None, 60),
        (86_400, None, 900),
        (30 * DAY, None, 21_600),
        (400 * DAY, None, 7 * DAY),
        (3600, "5m", 300),
        (3600, "120", 120),
    ],
)
def test_without_a_resolution_there_are_at_most_120_steps(seconds: int, resolution: str | None, step: int) -> None:
    asked = wanted([1], None, Window(NOW - timedelta(seconds=seconds), NOW), resolution)
    assert asked.resolution == step
    assert (asked.start % step, asked.end % step) == (0, 0)
    assert asked.start <= NOW.timestamp() - seconds
    assert NOW.timestamp() <= asked.end < NOW.timestamp() + step


@pytest.mark.parametrize("resolution", ["0", "61", "-60", "x", "1y", "999999999", "٣٠"])
def test_a_bad_resolution_is_refused_by_its_name(client: Client, resolution: str) -> None:
    answer = client.get("/performance/metrics", {"resolution": resolution}, headers=bearer("performance:read"))
    assert answer.status_code == 400
    assert "resolution" in answer.json()["errors"]


def test_too_many_points_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        wanted([1], None, Window(NOW - timedelta(days=30), NOW), "1m")
    assert "resolution" in refused.value.errors


def test_who_may_not_read_performance_is_refused(client: Client) -> None:
    assert client.get("/performance/metrics").status_code == 401
    assert client.get("/performance/metrics", headers=bearer("sla:read")).status_code == 403


def test_named_metrics_stand_with_their_unit_value_and_points(client: Client) -> None:
    project, now = make_project(), timezone.now()
    moments = [(now - timedelta(minutes=minutes)).timestamp() for minutes in (2, 2, 9)]
    add_points([a_point(5.0, at=at, name="orders", project_id=project.pk, unit="order") for at in moments])
    add_points([a_point(7.0, at=moments[0], name="depth", type="gauge", project_id=project.pk)])
    add_points([a_point(1.0, at=now.timestamp() - 7200, name="old", project_id=project.pk)])
    depth, orders = get(client, window="1h")["custom"]
    assert (depth["name"], depth["type"], depth["aggregation"], depth["value"]) == ("depth", "gauge", "avg", 7.0)
    assert [point["value"] for point in depth["series"]] == [7.0]
    assert (orders["unit"], orders["aggregation"]) == ("order", "rate")
    assert orders["value"] == pytest.approx(15.0 / 3600, rel=0.02)
    assert [each["name"] for each in get(client, window="24h")["custom"]] == ["depth", "old", "orders"]
    assert get(client, window="1h", environment="staging")["custom"] == []


def test_the_system_is_what_hosts_reported_and_no_custom_metric(client: Client) -> None:
    now = timezone.now()
    for age, cpu in ((60, 0.2), (120, 0.4)):
        points = [
            Point("cpu", cpu),
            Point("memory", 0.5),
            Point("disk", 0.3, labels(mount="/")),
            Point("disk", 0.9, labels(mount="/data")),
            Point("network.received", 100.0, labels(interface="eth0")),
            Point("network.received", 10.0, labels(interface="eth1")),
            Point("network.sent", 5.0, labels(interface="eth0")),
        ]
        report_host("api-01", now=now, points=points, age_seconds=age)
    report_host("db-01", now=now, points=[Point("cpu", 0.7), Point("network.sent", 1000.0, labels(interface="eth0"))])
    system = get(client, window="1h")["system"]
    assert system["cpu"] == pytest.approx((0.3 + 0.7) / 2)
    assert (system["memory"], system["disk"]) == (pytest.approx(0.5), pytest.approx(0.9))
    assert system["network"] == pytest.approx(115 + 1000)
    api, db = system["hosts"]
    assert (api["name"], api["network"], db["memory"]) == ("api-01", pytest.approx(115), None)
    assert get(client, window="1h")["custom"] == []
    assert get(client, window="1h", environment="staging")["system"]["cpu"] is None


def test_the_health_of_checked_services_is_theirs_with_the_worst_first(client: Client) -> None:
    now = timezone.now()
    custody, venue = make_check(name="Custody API", next_due_at=now), make_check(name="Venue", next_due_at=now)
    make_check(name="Not asked yet", next_due_at=now)
    for seconds in (90, 60, 30):
        answered(custody, Level.OK, now - timedelta(seconds=seconds), seconds=0.25)
        answered(venue, Level.FAILED, now - timedelta(seconds=seconds), seconds=None)
    external = get(client, window="15m")["health"]["external"]
    assert [(each["name"], each["state"], each["uptime"]) for each in external] == [
        ("Venue", "down", 0.0),
        ("Not asked yet", "unknown", None),
        ("Custody API", "up", 1.0),
    ]
    assert [each["seconds"] for each in external] == [None, None, 0.25]
    assert get(client, window="15m", environment="staging")["health"]["external"] == []
