import time

import pytest
from django.test import Client

from tests.metrics.points.builders import a_point
from tests.projects.builders import bearer, make_project
from tradewatch.metrics.points.writing import add_points
from tradewatch.metrics.services import add_counts
from tradewatch.performance.custom_metrics.refusals import refusal_row

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make_project()


def send(project, value=1.0, *, ago=60.0, **more):
    add_points([a_point(value, at=time.time() - ago, project_id=project.pk, **more)])


def read(client: Client, name: str = "orders", *, status: int = 200, **parameters):
    answer = client.get(
        f"/performance/metrics/{name}/series", {"window": "1h", **parameters}, headers=bearer("performance:read")
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_metric_is_answered_in_its_own_unit(client, project):
    for value in (10.0, 20.0, 30.0):
        send(project, value, name="latency", type="distribution", unit="millisecond", attributes={"venue": "XNYS"})
    told = read(client, "latency", aggregation="max")
    assert (told["type"], told["unit"], told["aggregation"], told["resolution"]) == (
        "distribution", "millisecond", "max", 60,
    )  # fmt: skip
    assert told["value"] == 30.0
    assert [point["value"] for point in told["series"] if point["value"] is not None] == [30.0]
    assert told["attributes"] == {"venue": ["XNYS"]}
    assert (told["groups"], told["folded"]) == ([], [])
    assert read(client, "latency")["aggregation"] == "p95"


def test_it_is_grouped_and_filtered(client, project):
    for venue, side, value in (("XNYS", "B", 5.0), ("XLON", "B", 3.0), ("XETR", "S", 2.0), ("XPAR", "B", 1.0)):
        send(project, value, attributes={"venue": venue, "side": side})
    told = read(client, aggregation="sum", by="venue", top=2)
    assert [(each["label"], each["value"], each["is_other"]) for each in told["groups"]] == [
        ("XNYS", 5.0, False), ("XLON", 3.0, False), ("other", 3.0, True),
    ]  # fmt: skip
    assert (told["value"], told["group_count"]) == (11.0, 4)
    assert read(client, aggregation="sum", where=["side=B", "venue=XNYS", "venue=XPAR"])["value"] == 6.0


def test_what_was_folded_is_said(client, project, settings):
    settings.METRIC_SERIES_AN_HOUR = 10
    now = time.time()
    add_points(
        [a_point(at=now - 5, project_id=project.pk, attributes={"order": f"ord-{number}"}) for number in range(60)]
    )
    (said,) = read(client)["folded"]
    assert (said["attribute"], said["points"], said["hours"]) == ("order", 50, 1)
    assert said["values"] == pytest.approx(50, rel=0.05)


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"aggregation": "median"}, "aggregation"),
        ({"aggregation": "p95"}, "aggregation"),
        ({"where": "venue"}, "where"),
        ({"top": "0"}, "top"),
        ({"top": "many"}, "top"),
        ({"resolution": "7s"}, "resolution"),
        ({"window": "2y"}, "window"),
    ],
)
def test_what_cannot_be_answered_is_said_by_its_field(client, project, parameters, field):
    send(project)
    assert field in read(client, status=400, **parameters)["errors"]


def test_who_may_not_see_it_does_not_learn_of_it(client, project):
    send(project)
    other = make_project("other")
    send(other, name="hidden")
    assert read(client, "nothing", status=404)["detail"] == "no point of such a metric is held"
    headers = bearer("performance:read", projects=[project])
    assert client.get("/performance/metrics/hidden/series", headers=headers).status_code == 404
    assert client.get("/performance/metrics/orders/series").status_code == 401
    assert client.get("/performance/metrics/orders/series", headers=bearer("errors:read")).status_code == 403
    named = client.get("/performance/metrics/names", headers=headers).json()["metrics"]
    assert [each["name"] for each in named] == ["orders"]


def test_the_names_come_with_what_was_refused(client, project):
    send(project, ago=60)
    send(project, name="old", ago=40 * 86_400)
    add_counts([refusal_row(project.pk, "production", "value", "orders", time.time() - 60, 3)])
    told = client.get("/performance/metrics/names", headers=bearer("performance:read")).json()
    assert [(each["name"], each["type"], each["points"]) for each in told["metrics"]] == [("orders", "counter", 1)]
    assert [(each["reason"], each["name"], each["points"]) for each in told["refused"]] == [("value", "orders", 3)]
