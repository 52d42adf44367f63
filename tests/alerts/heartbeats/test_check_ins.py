"""Check-ins of SDKs: what is read, what one bad field costs, and what they make of a heartbeat."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from django.utils import timezone

from alerts.choices import AlertCategory
from alerts.heartbeats.check_ins import read_check_in, read_plan
from alerts.heartbeats.digest import HEARTBEATS_A_PROJECT
from alerts.heartbeats.services import look_at_due
from alerts.models import Alert, AlertRule, Heartbeat, HeartbeatEntry
from alerts.services import judge_occurrences
from tests.alerts.builders import MINUTE
from tests.projects.builders import bearer, make_project
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.envelope import Item, build_envelope
from tradewatch.inbox.services import enqueue
from tradewatch.ingest.dispatch import HANDLERS

CONFIG = {"schedule": {"type": "crontab", "value": "30 2 * * *"}, "timezone": "Europe/London", "checkin_margin": 5,
          "max_runtime": 30, "failure_issue_threshold": 1}  # fmt: skip


def read(**fields: Any) -> Any:
    usual = {"monitor_slug": "nightly", "status": "ok"}
    return read_check_in({**usual, **fields}, default_environment="production")


@pytest.mark.parametrize(
    ("fields", "attribute", "value"),
    [
        ({"monitor_slug": "Nightly Job!"}, "slug", "nightly-job"),
        ({"environment": "staging"}, "environment", "staging"),
        ({"environment": 5}, "environment", "production"),
        ({"duration": 7}, "seconds", 7.0),
        ({"duration": "7"}, "seconds", None),
        ({"duration": -1}, "seconds", None),
        ({"duration": float("nan")}, "seconds", None),
        ({"check_in_id": "0" * 32}, "check_in_id", None),
        ({"check_in_id": "x"}, "check_in_id", None),
        ({"monitor_config": "x"}, "plan", None),
    ],
)
def test_one_bad_field_costs_that_field(fields: dict[str, Any], attribute: str, value: Any) -> None:
    assert getattr(read(**fields), attribute) == value


@pytest.mark.parametrize(
    "fields", [{"monitor_slug": ""}, {"monitor_slug": None}, {"status": "great"}, {"status": None}]
)
def test_without_slug_or_status_it_is_no_check_in(fields: dict[str, Any]) -> None:
    assert read(**fields) is None


@pytest.mark.parametrize(
    ("config", "says"),
    [
        ({}, "expected crontab"),
        ({"schedule": {"type": "crontab", "value": "x"}}, "expected five fields"),
        ({"schedule": {"type": "crontab", "value": "* * * * *"}, "timezone": "Mars"}, "no time zone"),
        ({"schedule": {"type": "interval", "value": 1, "unit": "fortnight"}}, "expected crontab"),
        ({"schedule": {"type": "interval", "value": 10**12, "unit": "year"}}, "366 days"),
    ],
)
def test_an_unusable_schedule_says_why(config: dict[str, Any], says: str) -> None:
    plan = read_plan(config)
    assert plan.schedule is None and says in plan.fault


def test_an_interval_is_read_in_its_unit() -> None:
    plan = read_plan({"schedule": {"type": "interval", "value": 2, "unit": "hour"}})
    assert plan.schedule is not None and plan.schedule.interval.total_seconds() == 7200


# --- the whole way -----------------------------------------------------------------------------------------------
@pytest.fixture
def rule(transactional_db: None) -> AlertRule:
    """The default one: a test that commits leaves none of what migrations wrote to those after it."""
    usual = {"name": "Heartbeat missed", "is_default": True}
    return AlertRule.objects.get_or_create(kind="heartbeat", project=None, defaults=usual)[0]


@pytest.fixture(autouse=True)
def _own_queue(inbox: Path) -> None:
    """What is queued is digested by nobody else."""


def send(project_id: int, status: str = "ok", *, now: Any = None, **fields: Any) -> None:
    document = {"check_in_id": uuid4().hex, "monitor_slug": "nightly", "status": status, **fields}

    enqueue(project_id, build_envelope({}, [Item("check_in", {}, orjson.dumps(document))]))
    digest_batch(HANDLERS, now=now)


@pytest.mark.usefixtures("rule")
@pytest.mark.django_db(transaction=True)
def test_from_the_first_check_in_to_a_missed_one_to_its_end() -> None:
    project = make_project()
    send(project.pk, monitor_config=CONFIG)
    row = Heartbeat.objects.get()
    assert (row.slug, row.state, row.cron, row.time_zone) == ("nightly", "up", "30 2 * * *", "Europe/London")
    assert (row.grace_seconds, row.max_runtime_seconds, row.failures_allowed) == (300, 1800, 0)
    assert row.expected_at is not None and row.next_due_at == row.expected_at
    assert look_at_due(row.expected_at + MINUTE) == 1
    row.refresh_from_db()
    assert row.state == "late"
    assert look_at_due(row.expected_at + 5 * MINUTE) == 1
    row.refresh_from_db()
    assert row.state == "missed"
    judge_occurrences(timezone.now())
    alert = Alert.objects.get()
    assert (alert.title, alert.category) == ("nightly: did not report", AlertCategory.HEARTBEAT)
    assert alert.link == f"/heartbeats/{row.pk}"
    Heartbeat.objects.update(arrived_at=timezone.now())
    send(project.pk)
    alert.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, alert.state) == ("up", "resolved")


@pytest.mark.django_db(transaction=True)
def test_a_failure_that_is_over_before_it_was_judged_opens_no_alert() -> None:
    project = make_project()
    send(project.pk, "error")
    send(project.pk, "ok")
    judge_occurrences(timezone.now())
    assert not Alert.objects.exists()
    assert Heartbeat.objects.get().state == "up"


@pytest.mark.django_db(transaction=True)
def test_the_same_check_in_twice_is_one_and_a_bad_schedule_keeps_the_one_before() -> None:
    project, own_id = make_project(), uuid4().hex
    for status in ("in_progress", "in_progress", "ok", "ok"):
        send(project.pk, status, check_in_id=own_id, monitor_config=CONFIG)
    row = Heartbeat.objects.get()
    assert list(row.entries.order_by("id").values_list("kind", flat=True)) == ["start", "success"]
    send(project.pk, monitor_config={"schedule": {"type": "crontab", "value": "never"}})
    row.refresh_from_db()
    assert row.cron == "30 2 * * *" and "expected five fields" in row.fault


@pytest.mark.django_db(transaction=True)
def test_environments_are_apart_and_their_number_is_bounded() -> None:
    project = make_project()
    send(project.pk, environment="staging")
    send(project.pk, environment="production")
    assert Heartbeat.objects.count() == 2
    Heartbeat.objects.bulk_create(
        Heartbeat(project=project, slug=f"s{n}", name="x") for n in range(HEARTBEATS_A_PROJECT - 2)
    )
    send(project.pk, monitor_slug="one-too-many")
    assert not Heartbeat.objects.filter(slug="one-too-many").exists()


@pytest.mark.usefixtures("rule")
@pytest.mark.django_db(transaction=True)
def test_thresholds_of_the_monitor_config_are_kept_to() -> None:
    project = make_project()
    config = {**CONFIG, "failure_issue_threshold": 2, "recovery_threshold": 2}
    for status, opened, state in [
        ("error", 0, "up"),
        ("error", 1, "failed"),
        ("ok", 1, "failed"),
        ("ok", 0, "up"),
    ]:
        send(project.pk, status, monitor_config=config)
        judge_occurrences(timezone.now())
        assert Alert.objects.exclude(state="resolved").count() == opened, status
        assert Heartbeat.objects.get().state == state


@pytest.mark.django_db(transaction=True)
def test_runs_that_overlap_have_their_own_times_and_the_one_that_hangs_is_found() -> None:
    project, hung, quick = make_project(), uuid4().hex, uuid4().hex
    send(project.pk, "in_progress", check_in_id=hung, monitor_config=CONFIG)
    HeartbeatEntry.objects.update(at=timezone.now() - 20 * MINUTE)
    Heartbeat.objects.update(running_since=timezone.now() - 20 * MINUTE)
    send(project.pk, "in_progress", check_in_id=quick)
    HeartbeatEntry.objects.filter(check_in_id=UUID(quick)).update(at=timezone.now() - MINUTE)
    send(project.pk, "ok", check_in_id=quick)
    row = Heartbeat.objects.get()
    assert 59 <= row.entries.get(kind="success").seconds < 75, "its own minute, not the other's twenty"
    assert row.running_since == row.entries.order_by("at").first().at
    look_at_due(row.running_since + 31 * MINUTE)
    row.refresh_from_db()
    assert row.state == "too_long"
    assert list(row.entries.order_by("id").values_list("kind", flat=True)) == ["start", "start", "success", "too_long"]


@pytest.mark.django_db(transaction=True)
def test_the_history_is_read_through_the_api(client) -> None:
    project = make_project()
    for status in ("ok", "error", "ok"):
        send(project.pk, status, duration=7.5)
    path = f"/alerts/heartbeats/{Heartbeat.objects.get().pk}/entries"
    page = client.get(f"{path}?limit=2", headers=bearer("alerts:read")).json()
    assert [row["kind"] for row in page["results"]] == ["success", "fail"] and page["results"][0]["seconds"] == 7.5
    rest = client.get(f"{path}?limit=2&cursor={page['next']}", headers=bearer("alerts:read")).json()
    assert [row["kind"] for row in rest["results"]] == ["success"] and rest["next"] is None
    assert client.get(path, headers=bearer("alerts:read", projects=[make_project("theirs")])).status_code == 404
