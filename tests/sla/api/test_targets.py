from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sla.models import Target, TargetVersion
from sla.queries import version_in_force
from sla.services.targets import update_target
from tests.projects.builders import bearer, make_project, make_user
from tests.sla.promises import SECONDS, a_promise, make_target
from tradewatch.core.actors import SYSTEM
from tradewatch.core.models import AuditEntry
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db

READ, WRITE = "sla:read", "sla:write"
SEEDS = {"target_value": 0.3, "warning_threshold": 0.5, "critical_threshold": 1.0}
NEW = {
    "metric_name": "order_latency",
    "indicator": "latency",
    "definition": {"threshold_seconds": 0.25},
    "target_value": 0.99,
    "warning_threshold": 0.985,
    "critical_threshold": 0.95,
}


def read(client: Client, path: str, **query: Any) -> Any:
    answer = client.get(path, query, headers=bearer(READ))
    assert answer.status_code == 200, answer.content
    return answer.json()


def post(client: Client, path: str, body: Any = None, *, scope: str = WRITE, **headers: Any) -> Any:
    return client.post(path, body or {}, content_type="application/json", headers={**bearer(scope), **headers})


def test_a_project_lists_its_four_though_nobody_made_them(client: Client) -> None:
    make_project()
    rows = read(client, "/sla/targets")["results"]
    assert [row["metric_name"] for row in rows] == ["availability", "error_rate", "response_time", "uptime"]
    response_time = rows[2]
    assert (response_time["indicator"], response_time["direction"]) == ("percentile", "lower")
    assert response_time["definition"] == {"quantile": 0.95, "threshold_seconds": 0.5}
    assert (response_time["window"], response_time["window_days"], response_time["version"]) == ("rolling", 30, 1)
    assert all(row["is_default"] and row["project"] == "default" for row in rows)


def test_the_seeds_update_is_a_new_version_that_the_list_shows(client: Client) -> None:
    make_project()
    read(client, "/sla/targets")
    answer = post(client, "/sla/targets/response_time/update", {**SEEDS, "reason": "300ms"})
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert {name: said[name] for name in SEEDS} == SEEDS
    assert (said["version"], said["actor"], said["reason"], said["changed"]) == (2, "ci", "300ms", True)
    listed = {row["metric_name"]: row for row in read(client, "/sla/targets")["results"]}
    assert listed["response_time"]["target_value"] == 0.3
    versions = read(client, "/sla/targets/response_time")["versions"]
    assert [(each["version"], each["target_value"]) for each in versions] == [(2, 0.3), (1, 0.5)]


def test_the_answer_changes_when_the_data_changes_through_another_door(client: Client) -> None:
    target = make_target()
    assert read(client, "/sla/targets/orders")["target_value"] == 0.99
    update_target(SYSTEM, target, {"window": "calendar"}, reason="by hand", now=timezone.now())
    now = read(client, "/sla/targets/orders")
    assert (now["window"], now["reason"], now["version"]) == ("calendar", "by hand", 2)


def test_an_update_that_says_what_stands_already_makes_no_version(client: Client) -> None:
    make_target("rt", a_promise("percentile", *SECONDS))
    said = post(client, "/sla/targets/rt/update", SEEDS).json()
    assert (said["changed"], said["version"]) == (False, 1)
    assert TargetVersion.objects.filter(target__metric_name="rt").count() == 1


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"target_value": 0.6}, {"warning_threshold"}),
        ({"target_value": 0.3, "warning_threshold": 1.0, "critical_threshold": 0.5}, {"critical_threshold"}),
        ({"target_value": "fast"}, {"target_value"}),
        ({"target_value": True}, {"target_value"}),
        ({"target_value": None}, {"target_value"}),
        ({"target_value": -1}, {"target_value"}),
        ({"target_value": 1e300}, {"target_value"}),
        ({"window": "weekly"}, {"window"}),
        ({"window": "market"}, {"market"}),
        ({"window_days": 0}, {"window_days"}),
        ({"zone": "Mars/Base"}, {"zone"}),
        ({"target": 0.2, "colour": "red"}, {"target", "colour"}),
        ([1], {"body"}),
    ],
)
def test_a_bad_update_names_its_fields_and_changes_nothing(client: Client, body: Any, fields: set[str]) -> None:
    make_target("rt", a_promise("percentile", *SECONDS))
    answer = post(client, "/sla/targets/rt/update", body)
    assert answer.status_code == 400, answer.content
    assert set(answer.json()["errors"]) == fields
    assert TargetVersion.objects.filter(target__metric_name="rt").count() == 1


def test_an_edit_of_a_version_that_is_the_newest_no_more_is_a_conflict(client: Client) -> None:
    make_target()
    assert post(client, "/sla/targets/orders/update", {"target_value": 0.995, "version": 1}).status_code == 200
    answer = post(client, "/sla/targets/orders/update", {"target_value": 0.991, "version": 1})
    assert answer.status_code == 409 and set(answer.json()["errors"]) == {"version"}
    assert read(client, "/sla/targets/orders")["target_value"] == 0.995


def test_a_repeated_update_is_done_once(client: Client) -> None:
    make_target()
    headers = {**bearer(WRITE), "Idempotency-Key": "k1"}
    update = "/sla/targets/orders/update"
    first = client.post(update, {"target_value": 0.995}, content_type="application/json", headers=headers)
    update_target(SYSTEM, Target.objects.get(metric_name="orders"), {"least_events": 5}, now=timezone.now())
    again = client.post(update, {"target_value": 0.995}, content_type="application/json", headers=headers)
    other = client.post(update, {"target_value": 0.999}, content_type="application/json", headers=headers)
    assert first.json() == again.json() and again["Idempotency-Replayed"] == "true"
    assert other.status_code == 409
    assert TargetVersion.objects.filter(target__metric_name="orders").count() == 3


def test_a_created_target_is_audited_and_there(client: Client) -> None:
    make_project()
    answer = post(client, "/sla/targets", {**NEW, "title": "Orders in 250 ms", "reason": "desk asked"})
    assert answer.status_code == 201, answer.content
    said = answer.json()
    assert (said["objective"], said["direction"], said["version"]) == (0.99, "higher", 1)
    assert said["definition"]["threshold_seconds"] == 0.25 and said["warnings"] == []
    assert read(client, "/sla/targets/order_latency")["title"] == "Orders in 250 ms"
    assert AuditEntry.objects.filter(action="target.create", actor_label="ci").count() == 1
    assert post(client, "/sla/targets", NEW).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"metric_name": "a b"}, "metric_name"),
        ({"indicator": "luck"}, "indicator"),
        ({"target_value": 99}, "target_value"),
        ({"warning_threshold": None}, "warning_threshold"),
        ({"slice_seconds": 7}, "slice_seconds"),
        ({"version": 1}, "version"),
    ],
)
def test_a_bad_target_is_not_created(client: Client, wrong: dict[str, Any], field: str) -> None:
    make_project()
    answer = post(client, "/sla/targets", {**NEW, **wrong})
    assert answer.status_code == 400 and field in answer.json()["errors"], answer.content
    assert not Target.objects.filter(is_default=False).exists()


def test_what_can_never_page_is_said_with_the_saved_target(client: Client) -> None:
    make_project()
    body = {**NEW, "target_value": 0.9, "warning_threshold": 0.85, "critical_threshold": 0.8}
    said = post(client, "/sla/targets", body).json()
    assert len(said["warnings"]) == 1 and "can never come" in said["warnings"][0]


def test_an_archived_target_leaves_the_list_takes_no_update_and_comes_back(client: Client) -> None:
    make_target()
    answer = post(client, "/sla/targets/orders/archive", {"reason": "desk closed"})
    assert answer.status_code == 200 and answer.json()["archived_at"]
    assert "orders" not in [row["metric_name"] for row in read(client, "/sla/targets")["results"]]
    assert [row["metric_name"] for row in read(client, "/sla/targets", archived="true")["results"]] == ["orders"]
    assert post(client, "/sla/targets/orders/update", {"target_value": 0.995}).status_code == 409
    assert post(client, "/sla/targets/orders/restore").json()["archived_at"] is None
    assert post(client, "/sla/targets/orders/update", {"target_value": 0.995}).status_code == 200


PATHS = ["update", "archive", "restore"]


@pytest.mark.parametrize("path", PATHS)
def test_writes_need_the_scope_and_the_managers_role(client: Client, path: str) -> None:
    make_target()
    url, body = f"/sla/targets/orders/{path}", {"target_value": 0.995} if path == "update" else {}
    assert client.post(url).status_code == 401
    assert post(client, url, body, scope=READ).status_code == 403
    assert post(client, url, body, scope="alerts:write").status_code == 403
    for role in (Role.VIEWER, Role.RESPONDER):
        client.force_login(make_user(f"a-{role}", role=role))
        assert client.post(url, body, content_type="application/json").status_code == 403
    assert TargetVersion.objects.filter(target__metric_name="orders").count() == 1
    client.force_login(make_user("elena", role=Role.MANAGER))
    assert client.post(url, body, content_type="application/json").status_code == 200


@pytest.mark.parametrize("path", ["/sla/targets", "/sla/targets/orders", "/sla/targets/orders/burn", "/sla/status"])
def test_reads_need_the_scope_to_read(client: Client, path: str) -> None:
    make_target()
    assert client.get(path).status_code == 401
    assert client.get(path, headers=bearer("alerts:read")).status_code == 403
    assert client.get(path, headers=bearer(READ)).status_code == 200
    client.force_login(make_user("vera", role=Role.VIEWER))
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["", "/burn", "/update", "/archive", "/restore"])
def test_what_is_unknown_or_of_another_project_is_not_found(client: Client, path: str) -> None:
    make_target("theirs", project=make_project("other"))
    headers = bearer("*", projects=[make_project()])
    ask = client.get if path in ("", "/burn") else partial(client.post, content_type="application/json")
    for url in (
        f"/sla/targets/nothing{path}",
        f"/sla/targets/theirs{path}",
        f"/sla/targets/theirs{path}?project=other",
    ):
        assert ask(url, headers=headers).status_code == 404, url


def test_the_project_is_the_tokens_only_one_or_the_one_that_is_named(client: Client) -> None:
    make_project()
    other = make_project("other")
    make_target("orders", project=other)
    update = {"target_value": 0.995}
    bound = bearer(WRITE, projects=[other])
    only = client.post("/sla/targets/orders/update", update, content_type="application/json", headers=bound)
    assert only.json()["project"] == "other" and only.json()["version"] == 2
    named = post(client, "/sla/targets/orders/update", {"target_value": 0.996, "project": "other"})
    assert named.json()["version"] == 3
    assert post(client, "/sla/targets/orders/update", update).status_code == 404  # default has none of this name


def test_the_list_is_paged_and_narrowed_by_environment(client: Client) -> None:
    make_target("a", a_promise(environment="staging"))
    names = lambda **query: [row["metric_name"] for row in read(client, "/sla/targets", **query)["results"]]  # noqa: E731
    assert "a" in names() and "a" in names(environment="staging") and "a" not in names(environment="production")
    first = read(client, "/sla/targets", limit=3)
    rest = read(client, "/sla/targets", limit=3, cursor=first["next"])
    assert len(first["results"]) == 3 and len(rest["results"]) == 2 and rest["next"] is None


def test_two_versions_within_one_moment_are_put_in_order(client: Client) -> None:
    target, now = make_target(), timezone.now()
    for value in ("0.995", "0.996"):
        assert post(client, "/sla/targets/orders/update", {"target_value": value}).status_code == 200
    assert version_in_force(target, now + timedelta(days=1)).number == 3
