"""/error-tracking/*: who may ask, what is refused, and that each answer follows the stored data."""

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.projects.builders import bearer, make_project, make_user
from tradewatch.core.models import AuditEntry
from tradewatch.errors.models import Issue
from tradewatch.inbox import queue_postgres, queue_sqlite
from tradewatch.inbox.envelope import parse_envelope
from tradewatch.inbox.limits import current_limits
from tradewatch.inbox.models import DeadLetter
from tradewatch.inbox.queue import Queued
from tradewatch.inbox.services import enqueue
from tradewatch.metrics.services import CountRow, UserRow, add_counts, add_users
from tradewatch.projects.choices import Role
from tradewatch.projects.models import Project, ProjectKey, Release

pytestmark = pytest.mark.django_db
STATUS, METRICS, TEST = "/error-tracking/status", "/error-tracking/metrics", "/error-tracking/test"


@pytest.fixture(autouse=True)
def _inbox(settings, tmp_path: Path) -> Iterator[None]:
    settings.INBOX_PATH = tmp_path / "inbox.sqlite3"
    yield
    queue_sqlite.close()


def get(client: Client, path: str, *scopes: str, projects: tuple[Project, ...] = (), **query: str) -> dict[str, Any]:
    answer = client.get(path, query, headers=bearer(*(scopes or ("errors:read",)), projects=projects))
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    return body


def send(client: Client, body: object, **headers: str):
    return client.post(TEST, body, content_type="application/json", headers=headers)


def queued(settings) -> list[Queued]:
    if settings.IS_POSTGRES:
        with transaction.atomic():
            return queue_postgres.claim(limit=10, max_bytes=1 << 20)
    return queue_sqlite.read_after(0, limit=10, max_bytes=1 << 20)


# --- who may ask -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [STATUS, METRICS, STATUS + "/", METRICS + "/"])
def test_reading_takes_the_scope(client: Client, path: str) -> None:
    assert client.get(path).status_code == 401
    assert client.get(path, headers=bearer("alerts:write")).status_code == 403
    assert client.get(path, headers=bearer("errors:read")).status_code == 200
    client.force_login(make_user("vic", role=Role.VIEWER))
    assert client.get(path).status_code == 200


def test_sending_takes_the_write_scope_or_the_role(client: Client, settings) -> None:
    make_project()
    assert send(client, {}).status_code == 401
    assert send(client, {}, **bearer("errors:read")).status_code == 403
    client.force_login(make_user("vic", role=Role.VIEWER))
    assert send(client, {}).status_code == 403
    assert queued(settings) == []
    client.force_login(make_user("rosa", role=Role.RESPONDER))
    assert send(client, {}).status_code == 202


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        (METRICS, {"window": "2h"}, "window"),
        (METRICS, {"start": "x"}, "start"),
        (METRICS, {"start": "2026-10-02T00:00:00Z", "end": "2026-10-01T00:00:00Z"}, "start"),
    ],
)
def test_a_bad_query_names_its_field(client: Client, path: str, query: dict[str, str], field: str) -> None:
    answer = client.get(path, query, headers=bearer("errors:read"))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


# --- status ------------------------------------------------------------------------------------------------
def test_the_status_of_an_empty_install(client: Client, settings) -> None:
    answer = get(client, STATUS)
    assert (answer["initialized"], answer["environment"], answer["release"]) == (False, "production", None)
    upstream = answer["upstream"]
    assert (upstream["configured"], upstream["state"], upstream["spooled"]) == (False, "off", 0)
    assert answer["ingest"] == {
        "pending": 0,
        "oldest_seconds": None,
        "dead": 0,
        "digested": 0,
        "last_digested_at": None,
        "discarded_24h": {},
    }
    assert len(answer["features"]) == 12


def test_the_status_follows_keys_releases_queue_dead_letters_and_discards(client: Client) -> None:
    project, now = make_project(), timezone.now()
    ProjectKey.objects.create(project=project, public_key="k" * 32)
    for age, version in enumerate(["2.0", "1.0"]):
        seen_at = now - timedelta(days=age)
        Release.objects.create(project=project, version=version, first_seen_at=seen_at, last_seen_at=seen_at)
    enqueue(project.pk, b"{}\n", received_at=time.time() - 30)
    letter = {"project_id": project.pk, "received_at": now, "failed_at": now, "encoding": "", "body_bytes": 0}
    DeadLetter.objects.create(**letter, reason="broken")
    DeadLetter.objects.create(**letter, reason="done", state=DeadLetter.State.RETRIED)
    add_counts([CountRow(project.pk, "", "discarded.profile", now.timestamp(), count=3)])
    answer = get(client, STATUS)
    assert (answer["initialized"], answer["release"]) == (True, "2.0")
    ingest = answer["ingest"]
    assert (ingest["pending"], ingest["dead"], ingest["discarded_24h"]) == (1, 1, {"profile": 3})
    assert 30 <= ingest["oldest_seconds"] < 60
    ProjectKey.objects.update(revoked_at=now)
    assert get(client, STATUS)["initialized"] is False


def test_the_status_shows_an_upstream_without_its_key(client: Client, settings) -> None:
    settings.SENTRY_DSN = "https://secretkey@sentry.example/1"
    answer = client.get(STATUS, headers=bearer("errors:read"))
    assert "secretkey" not in answer.content.decode()
    upstream = answer.json()["upstream"]
    assert (upstream["configured"], upstream["state"], upstream["spooled"]) == (True, "idle", 0)
    assert answer.json()["features"]["SENTRY_DSN"] == {"value": True, "takes_effect": True}


def test_the_status_follows_the_switches(client: Client, settings) -> None:
    for value in (True, False):
        settings.SENTRY_ENABLE_SESSION_REPLAY = value
        assert get(client, STATUS)["features"]["SENTRY_ENABLE_SESSION_REPLAY"]["value"] is value


def test_another_projects_dead_letters_and_releases_are_not_told(client: Client) -> None:
    mine, theirs, now = make_project("mine"), make_project("theirs"), timezone.now()
    Release.objects.create(project=theirs, version="9", first_seen_at=now, last_seen_at=now)
    DeadLetter.objects.create(
        project_id=theirs.pk, received_at=now, failed_at=now, reason="x", encoding="", body_bytes=0
    )
    ProjectKey.objects.create(project=theirs, public_key="t" * 32)
    answer = get(client, STATUS, "*", projects=(mine,))
    assert (answer["release"], answer["ingest"]["dead"], answer["initialized"]) == (None, 0, False)


# --- metrics -----------------------------------------------------------------------------------------------
def test_the_metrics_of_silence(client: Client) -> None:
    make_project()
    answer = get(client, METRICS, window="1h")
    assert (answer["window_seconds"], answer["events"], answer["users"], answer["error_rate"]) == (3600, 0, 0, None)
    assert answer["trend"] == {"previous": 0, "change_ratio": None}
    assert (answer["by_severity"], answer["by_category"], answer["by_release"], answer["top_issues"]) == (
        {},
        {},
        {},
        [],
    )
    assert len(answer["series"]) == 60 and {point["events"] for point in answer["series"]} == {0}


def count(project: Project, environment: str = "production", *, at: float, **series: int) -> None:
    add_counts([CountRow(project.pk, environment, name, at, n, float(n)) for name, n in series.items()])


def test_the_metrics_follow_what_is_counted(client: Client, settings) -> None:
    project, now = make_project(), time.time()
    issue = Issue.objects.create(
        project=project,
        number=1,
        title="OrderRejected: LMAX",
        severity="critical",
        category="order_execution",
        user_count=2,
        first_seen_at=timezone.now(),
        last_seen_at=timezone.now(),
    )
    counted = {"events": 6, "events.severity.critical": 4, "events.severity.error": 2, "events.release.2.0": 6}
    count(project, at=now, **counted, **{"events.category.order_execution": 6, f"issue:{issue.pk}": 4, "issue:999": 9})
    count(project, at=now - 3700, events=4)
    count(project, at=now, transactions=40, **{"transactions.failed": 10})
    add_users([UserRow(project.pk, "production", now, f"user {number}") for number in range(3)])
    answer = get(client, METRICS, window="1h")
    assert (answer["events"], answer["users"], answer["error_rate"]) == (6, 3, 0.25)
    assert answer["trend"] == {"previous": 4, "change_ratio": 0.5}
    assert answer["by_severity"] == {"critical": 4, "error": 2}
    assert answer["by_category"] == {"order_execution": 6}
    assert answer["by_release"] == {"2.0": 6}
    assert answer["top_issues"] == [
        {
            "id": issue.pk,
            "title": "OrderRejected: LMAX",
            "events": 4,
            "users": 2,
            "severity": "critical",
            "category": "order_execution",
            "url": f"{settings.PUBLIC_URL}/issues/{issue.pk}",
        }
    ]
    assert sum(point["events"] for point in answer["series"]) == 6
    assert sum(point["requests"] for point in answer["series"]) == 40
    assert answer["series"][0]["start"].endswith("Z")
    assert get(client, METRICS, window="24h")["events"] == 10


def test_the_metrics_are_narrowed_by_project_environment_and_time(client: Client) -> None:
    mine, theirs = make_project("mine"), make_project("theirs")
    noon = int(time.time()) // 86_400 * 86_400 - 43_200
    count(mine, "production", at=noon, events=1)
    count(mine, "staging", at=noon, events=2)
    count(theirs, "production", at=noon, events=4)
    asked = {"start": _iso(noon - 3600), "end": _iso(noon + 3600)}
    assert get(client, METRICS, **asked)["events"] == 7
    assert get(client, METRICS, **asked, project="mine")["events"] == 3
    assert get(client, METRICS, **asked, environment="staging")["events"] == 2
    assert get(client, METRICS, "*", projects=(theirs,), **asked)["events"] == 4
    assert get(client, METRICS, start=_iso(noon - 7200), end=_iso(noon - 3600))["events"] == 0


def _iso(epoch: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(epoch))


# --- test event --------------------------------------------------------------------------------------------
def test_a_test_event_is_queued_like_any_other_and_audited(client: Client, settings) -> None:
    project = make_project()
    answer = send(client, {"message": "hello"}, **bearer("errors:write", name="ci"))
    assert answer.status_code == 202
    event_id = answer.json()["event_id"]
    assert answer.json()["url"] == f"{settings.PUBLIC_URL}/events/{event_id}"
    (row,) = queued(settings)
    (item,) = parse_envelope(row.body, current_limits()).items
    document = orjson.loads(item.payload)
    assert (row.project_id, item.type, document["event_id"]) == (project.pk, "event", event_id)
    assert (document["logentry"], document["level"]) == ({"formatted": "hello"}, "error")
    entry = AuditEntry.objects.get()
    assert (entry.actor_label, entry.action, entry.project_id) == ("ci", "errors.send_test", project.pk)


@pytest.mark.parametrize(
    ("body", "field"),
    [({"message": ""}, "message"), ({"message": "x" * 1001}, "message"), ({"message": {}}, "message"), ([], "body")],
)
def test_a_bad_test_event_names_its_field_and_queues_nothing(
    client: Client, settings, body: object, field: str
) -> None:
    make_project()
    answer = send(client, body, **bearer("errors:write"))
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert queued(settings) == []


def test_a_test_event_goes_to_the_named_project(client: Client, settings) -> None:
    make_project()
    desk = make_project("desk")
    assert send(client, {"project": "desk"}, **bearer("errors:write")).status_code == 202
    assert [row.project_id for row in queued(settings)] == [desk.pk]
    assert send(client, {"project": "nope"}, **bearer("errors:write")).status_code == 404


def test_the_same_idempotency_key_sends_one_test_event(client: Client, settings) -> None:
    make_project()
    headers = {**bearer("errors:write"), "Idempotency-Key": "once"}
    assert send(client, {}, **headers).json() == send(client, {}, **headers).json()
    assert len(queued(settings)) == 1
