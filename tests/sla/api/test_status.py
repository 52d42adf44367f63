from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sla.choices import TargetState
from sla.minutes.values import UNIT, Sums
from sla.models import Target
from sla.services.targets import update_target
from sla.standings import overall
from tests.projects.builders import bearer, make_project
from tests.sla.figures.stored import measure_of, store
from tests.sla.promises import a_promise, make_correction, make_target
from tradewatch.core.actors import SYSTEM

pytestmark = pytest.mark.django_db


def read(client: Client, path: str = "/sla/status", **query: Any) -> Any:
    answer = client.get(path, query, headers=bearer("sla:read"))
    assert answer.status_code == 200, answer.content
    return answer.json()


def standing(client: Client, name: str = "orders", **query: Any) -> Any:
    return next(each for each in read(client, **query)["targets"] if each["metric_name"] == name)


def count(target: Target, *, bad: int, valid: int, ago: timedelta) -> None:
    """Let so many requests have come in one minute."""
    minute = int((timezone.now() - ago).timestamp()) // 60 * 60
    store(measure_of(target), {minute: Sums(valid * UNIT, bad * UNIT, valid, bad, 1)})


def test_without_traffic_everything_is_no_data_and_null(client: Client) -> None:
    make_project()
    status = read(client)
    assert status["overall"] == "no_data"
    names = [each["metric_name"] for each in status["targets"]]
    assert names == ["availability", "error_rate", "response_time", "uptime"]
    for each in status["targets"]:
        assert (each["state"], each["value"]) == ("no_data", None)
        assert each["budget"]["remaining"] is None and each["budget"]["burn"] is None


def test_a_target_shows_what_was_counted(client: Client) -> None:
    count(make_target(), bad=5, valid=1_000, ago=timedelta(days=2))
    found = standing(client)
    assert (found["state"], found["value"], found["target_value"]) == ("met", 0.995, 0.99)
    assert found["budget"]["remaining"] == 0.5  # 10 were allowed
    assert (found["budget"]["bad"], found["budget"]["valid"], found["budget"]["allowed"]) == (5, 1_000, 10)
    assert found["budget"]["firing"] == [] and found["budget"]["burn"] is None  # nothing came within the last hour
    assert 0 < found["coverage"] < 0.001 and found["period"]["label"]
    default = standing(client, "availability")  # counts the same, and promises more
    assert (default["state"], read(client)["overall"]) == ("warning", "warning")


def test_the_answer_follows_each_door_that_data_comes_through(client: Client) -> None:
    target = make_target()
    count(target, bad=15, valid=1_000, ago=timedelta(days=2))
    assert standing(client)["state"] == "missed"
    update_target(SYSTEM, target, {"warning_threshold": Decimal("0.985")}, now=timezone.now())
    assert standing(client)["state"] == "warning"  # reached at equality
    now = timezone.now()
    make_correction(starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=1))
    found = standing(client)
    assert (found["state"], found["value"]) == ("no_data", None)
    assert (found["raw"]["state"], found["raw"]["value"]) == ("warning", 0.985)


def test_a_budget_that_burns_says_how_fast_and_what_it_sends(client: Client) -> None:
    target = make_target()
    minutes = {
        int(timezone.now().timestamp()) // 60 * 60 - 60 * back: Sums(100 * UNIT, 30 * UNIT, 100, 30, 1)
        for back in range(1, 70)
    }
    store(measure_of(target), minutes)
    found = standing(client)
    assert (found["state"], found["budget"]["burn"], found["budget"]["firing"]) == ("critical", 30.0, ["page"])
    assert read(client)["overall"] == "critical"
    windows = read(client, "/sla/targets/orders/burn")["windows"]
    assert [(each["severity"], each["long_seconds"], each["factor"]) for each in windows] == [
        ("page", 3600, 14.4),
        ("page", 21600, 6.0),
        ("ticket", 86400, 3.0),
        ("ticket", 259200, 1.0),
    ]
    assert [(each["is_firing"], each["is_held"]) for each in windows] == [(True, False)] + 3 * [(True, True)]


def test_projects_and_environments_narrow_it(client: Client) -> None:
    other = make_project("other")
    make_target("a", a_promise(environment="staging"))
    make_target("b", project=other)
    names = lambda **query: {each["metric_name"] for each in read(client, **query)["targets"]}  # noqa: E731
    assert {"a", "b"} <= names()
    assert "a" not in names(project="other") and "b" in names(project="other")
    assert "a" not in names(environment="production") and "a" in names(environment="staging")
    bound = client.get("/sla/status", headers=bearer("sla:read", projects=[other])).json()
    assert {each["project"] for each in bound["targets"]} == {"other"}


def test_few_queries_serve_many_targets(client: Client, django_assert_max_num_queries) -> None:
    for number in range(30):
        make_target(f"t{number}")
    read(client)
    headers = bearer("sla:read")
    with django_assert_max_num_queries(20):
        assert len(client.get("/sla/status", headers=headers).json()["targets"]) == 34


@pytest.mark.parametrize(
    ("states", "worst"),
    [
        ([], "no_data"),
        (["no_data", "met"], "met"),
        (["met", "missed"], "missed"),
        (["missed", "warning", "met"], "warning"),
        (["warning", "critical", "no_data"], "critical"),
    ],
)
def test_the_whole_is_as_its_worst_part(states: list[str], worst: str) -> None:
    assert overall([TargetState(state) for state in states]) == worst
