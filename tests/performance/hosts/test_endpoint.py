"""/performance/hosts as an agent, or anything else that can POST, meets it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.performance.hosts.builders import make_points, report_host
from tests.projects.builders import bearer, make_project, make_user
from tradewatch.performance.hosts.points import Point, labels
from tradewatch.performance.models import Host
from tradewatch.projects.choices import Role, Scope

pytestmark = pytest.mark.django_db
PATH = "/performance/hosts"
PLAIN: dict[str, Any] = {"host": "db-01", "samples": [{"points": [{"name": "cpu", "value": 0.25}]}]}


def post(client: Client, body: Any, scope: Scope | str = Scope.PERFORMANCE_WRITE, **headers: str) -> Any:
    return client.post(PATH, body, content_type="application/json", headers={**bearer(scope), **headers})


def test_a_plain_post_is_enough(client: Client) -> None:
    make_project()
    answer = post(client, PLAIN)
    assert answer.status_code == 202, answer.content
    host = Host.objects.get()
    assert answer.json() == {"host": "db-01", "id": host.pk, "accepted": 1, "rejected": []}
    assert (host.project.slug, host.cpu_ratio, host.interval_seconds) == ("default", 0.25, 60)


def test_what_cannot_be_stored_is_named_and_the_rest_is_stored(client: Client) -> None:
    make_project()
    points = [
        {"name": "cpu", "value": 0.25},
        {"name": "memory", "value": 58},
        {"name": "orders.placed", "value": 1},
        {"name": "disk", "value": 0.5, "attributes": {"mount": "/var"}},
    ]
    answer = post(client, {"host": "db-01", "samples": [{"points": points}]}).json()
    assert answer["accepted"] == 2
    assert [each["name"] for each in answer["rejected"]] == ["memory", "orders.placed"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"host": ""}, "host"),
        ({"host": "a|b"}, "host"),
        ({"host": "x" * 101}, "host"),
        ({"samples": []}, "samples"),
        ({"samples": [{"points": [{"name": "cpu", "value": "much"}]}]}, "samples.0.points.0.value"),
        ({"samples": [{"age_seconds": -5, "points": []}]}, "samples.0.age_seconds"),
        ({"samples": [{"age_seconds": 1e9, "points": []}]}, "samples.0.age_seconds"),
        ({"interval_seconds": 0}, "interval_seconds"),
    ],
)
def test_a_body_at_fault_is_refused_by_field(client: Client, change: dict[str, Any], field: str) -> None:
    make_project()
    answer = post(client, {**PLAIN, **change})
    assert (answer.status_code, Host.objects.count()) == (400, 0)
    assert any(each.startswith(field) for each in answer.json()["errors"]), answer.json()


def test_a_second_try_counts_once(client: Client) -> None:
    make_project()
    headers = bearer(Scope.PERFORMANCE_WRITE)
    for _ in range(2):
        answer = client.post(PATH, PLAIN, content_type="application/json", headers={**headers, "Idempotency-Key": "k1"})
        assert answer.status_code == 202
    assert answer["Idempotency-Replayed"] == "true"


def test_hosts_are_listed_with_their_state(client: Client) -> None:
    now = timezone.now()
    report_host("api-01", now=now)
    report_host("api-02", now=now - timedelta(minutes=10))
    answer = client.get(PATH, headers=bearer(Scope.PERFORMANCE_READ)).json()
    assert [(each["name"], each["state"], each["cpu_ratio"]) for each in answer["results"]] == [
        ("api-01", "reports", 0.38),
        ("api-02", "silent", 0.38),
    ]
    assert client.get(f"{PATH}?environment=lab", headers=bearer("performance:read")).json()["results"] == []


def test_one_host_tells_its_figures_of_a_minute(client: Client) -> None:
    now = timezone.now()
    host = report_host("api-01", now=now)
    headers = bearer(Scope.PERFORMANCE_READ)
    figures = client.get(f"{PATH}/{host.pk}", headers=headers).json()["figures"]
    assert {"name": "disk", "unit": "ratio", "attributes": {"mount": "/"}, "value": 0.41} in figures
    assert client.get(f"{PATH}/{host.pk}", {"at": as_text(now)}, headers=headers).json()["figures"] == figures
    long_ago = as_text(now - timedelta(hours=2))
    assert client.get(f"{PATH}/{host.pk}", {"at": long_ago}, headers=headers).json()["figures"] == []
    assert client.get(f"{PATH}/{host.pk}?at=noon", headers=headers).status_code == 400
    assert client.get(f"{PATH}/999", headers=headers).status_code == 404


def as_text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def test_rights(client: Client) -> None:
    project, other = make_project(), make_project("other")
    assert client.post(PATH, PLAIN, content_type="application/json").status_code == 401
    assert post(client, PLAIN, Scope.PERFORMANCE_READ).status_code == 403
    assert post(client, PLAIN, Scope.ERRORS_WRITE).status_code == 403
    bound = bearer(Scope.PERFORMANCE_WRITE, projects=[other])
    assert client.post(PATH, PLAIN, content_type="application/json", headers=bound).status_code == 202
    assert Host.objects.get().project == other
    named = {**PLAIN, "project": project.slug}
    assert client.post(PATH, named, content_type="application/json", headers=bound).status_code == 404
    assert (
        client.get(
            f"{PATH}/{Host.objects.get().pk}", headers=bearer("performance:read", projects=[project])
        ).status_code
        == 404
    )
    client.force_login(make_user("vic", role=Role.VIEWER, project=project))
    assert client.post(PATH, PLAIN, content_type="application/json").status_code == 403
    assert client.get(PATH).json()["results"] == []


def test_performance_metrics_tells_what_the_hosts_did(client: Client) -> None:
    now = timezone.now()
    for age in (60, 120, 180):
        report_host("api-01", now=now, age_seconds=age, points=make_points(cpu=0.2, memory=0.5, disk=0.4))
        received = Point("network.received", 100.0, labels(interface="eth0"))
        sent = [Point("network.sent", 30.0, labels(interface=name)) for name in ("eth0", "eth1")]
        more = [*make_points(cpu=0.6, memory=0.7, disk=0.9), received, *sent]
        report_host("api-02", now=now, age_seconds=age, points=more)
    report_host("zebra", now=now, project=make_project("other"), points=make_points(cpu=1.0))

    def system(**query: str) -> dict[str, Any]:
        headers = bearer(Scope.PERFORMANCE_READ)
        answer = client.get("/performance/metrics", {"project": "default", "window": "1h", **query}, headers=headers)
        return {name: value for name, value in answer.json()["system"].items() if name != "hosts"}

    assert system() == pytest.approx({"cpu": 0.4, "memory": 0.6, "disk": 0.9, "network": 160.0})
    assert set(system(environment="lab").values()) == {None}
    report_host("api-01", now=now, points=make_points(cpu=1.0))
    assert system()["cpu"] == pytest.approx(((0.2 * 3 + 1.0) / 4 + 0.6) / 2)
