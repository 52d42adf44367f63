import html
import json
import re
import time
from urllib.parse import urlencode

import pytest
from django.test import Client

from tests.metrics.points.builders import a_point
from tests.projects.builders import make_project, make_user
from tradewatch.metrics.points.writing import add_points
from tradewatch.metrics.services import add_counts
from tradewatch.performance.custom_metrics.refusals import refusal_row
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db

PATH = "/performance/metrics-explorer"


@pytest.fixture
def project():
    return make_project()


@pytest.fixture
def ann(client: Client, project) -> Client:
    client.force_login(make_user("ann", role=Role.VIEWER, project=project))
    return client


def send(project, value=1.0, *, ago=60, **more):
    add_points([a_point(value, at=time.time() - ago, project_id=project.pk, **more)])


def read(client: Client, **parameters: str) -> str:
    answer = client.get(f"{PATH}?{urlencode(parameters)}")
    assert answer.status_code == 200
    return html.unescape(answer.content.decode())


def charts(page: str) -> list[dict]:
    found = re.findall(r'<script id="chart-metric-\d" type="application/json">(.*?)</script>', page, re.DOTALL)
    return [json.loads(text) for text in found]


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)))


def test_without_a_metric_it_says_how_to_send_one(ann):
    page = read(ann)
    assert "No metric yet" in page
    assert 'metrics.count("orders.filled", 1, attributes={"venue": "XNYS"})' in page
    assert charts(page) == []


def test_the_chosen_metric_is_drawn_with_its_numbers(ann, project):
    for venue, value in (("XNYS", 10.0), ("XNYS", 20.0), ("XLON", 400.0)):
        send(project, value, name="latency", type="distribution", unit="millisecond", attributes={"venue": venue})
    page = read(ann, **{"metric.0": "latency|distribution|millisecond", "aggregation.0": "max", "by.0": "venue"})
    (chart,) = charts(page)
    assert (chart["name"], chart["more"][0]["name"], chart["unit"]) == ("XLON", "XNYS", "ms")
    assert [value for value in chart["values"] if value is not None] == [400.0]
    assert [value for value in chart["more"][0]["values"] if value is not None] == [20.0]
    assert "latency, greatest by venue" in page
    assert "400 ms" in text_of(page) and "20 ms" in text_of(page)


def test_a_rate_is_said_a_minute(ann, project):
    send(project, 30.0, ago=0)
    page = read(ann, **{"metric.0": "orders|counter|", "aggregation.0": "rate"})
    (chart,) = charts(page)
    assert chart["unit"] == "/min"
    assert max(value for value in chart["values"] if value is not None) == 30.0
    assert "0.5/min" in text_of(page)  # thirty in an hour


def test_a_filter_narrows_and_can_be_taken_away(ann, project):
    for venue, value in (("XNYS", 1.0), ("XLON", 5.0)):
        send(project, value, attributes={"venue": venue})
    page = read(ann, **{"metric.0": "orders|counter|", "aggregation.0": "sum", "where.0.new": "venue=XLON"})
    assert sum(value for value in charts(page)[0]["values"] if value) == 5.0
    assert "venue is XLON" in page
    assert 'name="where.0.0" value="venue=XLON"' in page


def test_the_time_before_is_drawn_beside(ann, project):
    send(project, 2.0)
    send(project, 7.0, ago=3660)
    page = read(ann, **{"metric.0": "orders|counter|", "aggregation.0": "sum", "compare.0": "1"})
    (chart,) = charts(page)
    assert chart["more"][0]["name"] == "the hour before"
    assert sum(value for value in chart["more"][0]["values"] if value) == 7.0


def test_several_charts_stand_below_each_other_and_more_can_be_added(ann, project):
    for name in ("a", "b"):
        send(project, name=name)
    page = read(ann, **{"metric.0": "a|counter|", "metric.1": "b|counter|"})
    assert len(charts(page)) == 2
    assert "Add a chart" in page and "metric.2=a%7Ccounter%7C" in page
    four = {f"metric.{number}": "a|counter|" for number in range(4)}
    assert "Add a chart" not in read(ann, **four)


def test_without_a_choice_the_first_metrics_are_drawn_those_of_hosts_last(ann, project):
    for name in ("host.cpu", "orders", "fills", "zeta"):
        send(project, name=name)
    assert [chart["name"].split(",")[0] for chart in charts(read(ann))] == ["fills", "orders"]


def test_what_was_folded_is_said(ann, project, settings):
    settings.METRIC_SERIES_AN_HOUR = 10
    now = time.time()
    add_points(
        [
            a_point(at=now - 5, project_id=project.pk, attributes={"order": f"ord-{number:03}", "venue": "XNYS"})
            for number in range(60)
        ]
    )
    page = text_of(read(ann, **{"metric.0": "orders|counter|"}))
    assert "Folded: order" in page and "50 points of ≈ 50 values" in page and "ord-0" in page


def test_what_was_refused_is_said(ann, project):
    add_counts([refusal_row(project.pk, "production", "value", "orders", time.time() - 60, 12)])
    page = text_of(read(ann))
    assert "a counter's is negative" in page and "orders 12" in page


def test_switched_off_it_says_so(ann, settings):
    settings.SENTRY_ENABLE_CUSTOM_METRICS = False
    assert "Custom metrics are switched off" in read(ann)


def test_an_unknown_metric_is_no_error(ann, project):
    send(project)
    assert "No point of nothing here" in read(ann, **{"metric.0": "nothing|gauge|"})


def test_other_projects_and_environments_are_not_shown(ann, project):
    other = make_project("other")
    send(other, 99.0)
    send(project, 1.0, environment="staging")
    send(project, 2.0)
    asked = {"metric.0": "orders|counter|", "aggregation.0": "sum"}
    assert sum(value for value in charts(read(ann, **asked))[0]["values"] if value) == 3.0
    assert sum(value for value in charts(read(ann, environment="staging", **asked))[0]["values"] if value) == 1.0
    assert ann.get(f"{PATH}?project=other").status_code == 404


def test_hostile_names_and_values_are_escaped(ann, project):
    send(project, attributes={"venue": "<script>alert(1)</script>"})
    raw = ann.get(
        f"{PATH}?{urlencode({'metric.0': 'orders|counter|', 'by.0': 'venue', 'where.0.0': 'x=<img src=x>'})}"
    ).content.decode()
    assert "<script>alert(1)" not in raw and "<img src=x>" not in raw


def test_the_choice_survives_another_range(ann, project):
    send(project, attributes={"venue": "XNYS"})
    page = read(ann, **{"metric.0": "orders|counter|", "where.0.0": "venue=XNYS", "compare.0": "1"})
    links = re.findall(r'href="([^"]*window=24h[^"]*)"', page)
    assert links and all("metric.0=" in each and "where.0.0=" in each and "compare.0=" in each for each in links)
