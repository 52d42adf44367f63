from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.performance.checks.builders import MINUTE, NOW, answered, http_server, make_check
from tests.projects.builders import bearer, make_project
from tradewatch.performance.checks.choices import Level

pytestmark = pytest.mark.django_db
PATH = "/performance/checks"


def read(client: Client, path: str = PATH, *, scopes: str = "performance:read", **query: Any) -> Any:
    answer = client.get(path, query, headers=bearer(scopes))
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_list_is_paged_and_filtered(client: Client) -> None:
    for number in range(5):
        make_check(name=f"Service {number}", environment="production" if number else "staging")
    make_check(name="Feed", kind="tcp", address="feed.example:5555")
    first = read(client, limit=4)
    assert len(first["results"]) == 4
    rest = read(client, limit=4, cursor=first["next"])
    assert [row["name"] for row in rest["results"]] == ["Service 4", "Feed"] and rest["next"] is None
    assert [row["name"] for row in read(client, kind="tcp")["results"]] == ["Feed"]
    assert [row["name"] for row in read(client, environment="staging")["results"]] == ["Service 0"]
    assert client.get(f"{PATH}?kind=smtp", headers=bearer("*")).json()["errors"].keys() == {"kind"}


def test_one_tells_its_exact_uptime_and_outages(client: Client) -> None:
    check = make_check()
    for minute, level in enumerate([Level.OK] * 3 + [Level.FAILED] * 2 + [Level.SLOW, Level.OK]):
        answered(check, level, NOW + minute * MINUTE)
    window = {"start": (NOW - MINUTE).isoformat(), "end": (NOW + 6 * MINUTE).isoformat()}
    found = read(client, f"{PATH}/{check.pk}", **window)
    seconds = {name: Decimal(value) for name, value in found["uptime"].items() if name.endswith("_seconds")}
    assert seconds == {"up_seconds": 180, "slow_seconds": 60, "down_seconds": 120, "unknown_seconds": 60}
    assert found["uptime"]["share"] == pytest.approx(240 / 360)
    (outage,) = found["outages"]
    assert (outage["seconds"], outage["detail"]) == (120, "connection refused")
    assert outage["ended_at"] == "2026-11-23T15:17:00Z"
    assert (found["level"], found["state"], found["asks"]) == ("ok", "unknown", "GET http://custody.example/health")


def test_the_runs_are_paged_newest_first(client: Client) -> None:
    check = make_check()
    for minute in range(5):
        answered(check, Level.FAILED if minute == 2 else Level.OK, NOW + minute * MINUTE)
    page = read(client, f"{PATH}/{check.pk}/results", limit=2)
    assert [row["at"] for row in page["results"]] == ["2026-11-23T15:16:00Z", "2026-11-23T15:15:00Z"]
    assert page["next"]
    assert len(read(client, f"{PATH}/{check.pk}/results", level="failed")["results"]) == 1


def test_run_pause_and_resume_need_the_scope_to_write(client: Client, settings) -> None:
    settings.OUTBOUND_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with http_server() as server:
        check = make_check(address=server.url)
        path = f"{PATH}/{check.pk}"
        assert client.post(f"{path}/run", headers=bearer("performance:read")).status_code == 403
        assert client.post(f"{path}/run").status_code == 401
        said = client.post(f"{path}/run", headers=bearer("performance:write")).json()
    assert (said["level"], said["detail"]) == ("ok", "200 OK") and said["seconds"] > 0
    writes = bearer("performance:write")
    paused = client.post(f"{path}/pause", {"reason": "holiday"}, content_type="application/json", headers=writes)
    assert (paused.json()["state"], paused.json()["paused_reason"]) == ("paused", "ci: holiday")
    assert client.post(f"{path}/resume", headers=writes).json()["state"] == "unknown"


def test_another_projects_checks_are_unknown(client: Client) -> None:
    check = make_check(project=make_project("theirs"))
    headers = bearer("*", projects=[make_project()])
    assert client.get(PATH, headers=headers).json()["results"] == []
    for path in ("", "/results"):
        assert client.get(f"{PATH}/{check.pk}{path}", headers=headers).status_code == 404
    for path in ("/run", "/pause", "/resume"):
        answer = client.post(f"{PATH}/{check.pk}{path}", {}, content_type="application/json", headers=headers)
        assert answer.status_code == 404


def test_no_secret_is_told(client: Client) -> None:
    dsn = "postgresql://watch:hunter2@db.example/x"
    check = make_check(kind="postgres", connection=dsn, request_headers="Authorization: hunter2")
    for path in (PATH, f"{PATH}/{check.pk}"):
        assert "hunter2" not in str(read(client, path))


def test_a_state_is_told_as_it_is_now_not_as_it_was(client: Client) -> None:
    check = make_check()
    answered(check, Level.OK, timezone.now())
    assert read(client, f"{PATH}/{check.pk}")["state"] == "up"
    check.refresh_from_db()
    check.known_at = timezone.now() - timedelta(hours=1)
    check.save(update_fields=["known_at"])
    assert read(client, f"{PATH}/{check.pk}")["state"] == "unknown"
