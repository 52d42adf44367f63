"""Each of our own measures against a count of the test's own; and that Prometheus and the status say the same."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from alerts.choices import DeliveryState
from alerts.models import AlertGroup, Notification, NotificationChannel
from tests.projects.builders import bearer, make_project
from tradewatch.core import pulse
from tradewatch.core.backup_state import DONE
from tradewatch.core.models import Pulse
from tradewatch.inbox.digest import DigestStats
from tradewatch.inbox.models import DeadLetter
from tradewatch.inbox.own_measures import stalled_seconds
from tradewatch.inbox.tallying import DigestTally
from tradewatch.ingest.models import RelayEntry, RelayUpstream
from tradewatch.ingest.own_measures import answers
from tradewatch.metrics.own.registry import all_measures, read_own
from tradewatch.metrics.services import INSTALLATION, CountRow, add_counts
from tradewatch.performance import own_measures
from tradewatch.performance.disk.marks import marks_of
from tradewatch.performance.disk.room import Room
from tradewatch.processes.beat import RARE
from tradewatch.processes.overdue import PREFIX
from tradewatch.processes.own_measures import late_tasks
from tradewatch.projects.choices import Scope

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, 0, 30, tzinfo=UTC)


def values(name: str, now: datetime = NOW) -> dict[str, float]:
    found = read_own(now)
    assert found.failed == ()
    return dict(found.values.get(name, {}))


def test_digest_rate_and_lag_are_those_of_the_last_whole_minutes(inbox: Path) -> None:
    tally = DigestTally()
    at = NOW.timestamp()
    lags = [0.5] * 60 + [2.0] * 30 + [40.0] * 10
    tally.add(DigestStats(rows=100, received=tuple(at - 90 - lag for lag in lags)), 1.0, stored_at=at - 90)
    tally.add(DigestStats(rows=7, received=(at - 500,) * 7), 1.0, stored_at=at - 400)  # before
    tally.add(DigestStats(rows=7, received=(at - 500,) * 7), 1.0, stored_at=at)  # the running minute
    tally.write_minutes()
    assert values("digest_per_minute") == {"": 20.0}
    assert values("digest_lag_seconds") == {"0.5": pytest.approx(0.5, rel=0.01), "0.95": pytest.approx(40, rel=0.01)}


@pytest.mark.parametrize(
    ("oldest", "idle", "stalled"), [(None, 900, 0), (70, None, 70), (70, 2, 2), (70, 300, 70), (0, 5, 0)]
)
def test_a_digest_stands_still_only_while_something_waits(
    oldest: float | None, idle: float | None, stalled: float
) -> None:
    assert stalled_seconds(oldest, idle) == stalled


def test_messages_are_counted_by_kind_of_channel(inbox: Path) -> None:
    project = make_project("desk")
    secret = NotificationChannel.objects.create(project=project, name="Secret room", kind="slack")
    group = AlertGroup.objects.create(project=project, route_path="Everything", key="k", opened_at=NOW)

    def message(target: str, state: str, minutes: int, channel: str = "email", due: int | None = None) -> None:
        Notification.objects.create(
            group=group,
            channel=channel,
            target=target,
            state=state,
            event="firing",
            created_at=NOW - timedelta(minutes=minutes),
            next_due_at=None if due is None else NOW - timedelta(minutes=due),
        )

    message("a@desk.example", DeliveryState.PENDING, 7, due=6)
    message("b@desk.example", DeliveryState.PENDING, 9, due=-5)  # tried, and again later
    message("c@desk.example", DeliveryState.FAILED, 30)
    message("d@desk.example", DeliveryState.FAILED, 61)
    message("e@desk.example", DeliveryState.SENT, 3)
    message(str(secret.pk), DeliveryState.SENDING, 4, channel="configured")
    assert values("deliveries_waiting") == {"email": 2, "slack": 1}
    assert values("deliveries_oldest_age_seconds") == {"email": 540, "slack": 240}
    assert values("deliveries_failed") == {"email": 1, "slack": 0}
    assert values("queue_waiting") == {"occurrences": 0, "deliveries": 1}
    assert values("queue_oldest_age_seconds") == {"occurrences": 0, "deliveries": 360}


def test_answers_are_sorted_into_few(inbox: Path) -> None:
    assert answers(5, {429: 2, 401: 1, 403: 1, 503: 4}) == {"accepted": 5, "429": 2, "4xx": 2, "5xx": 4}
    at = NOW.timestamp() - 60
    add_counts([CountRow(INSTALLATION, "", f"edge.{outcome}", at, 10) for outcome in ("accepted", "429", "503")])
    assert values("ingest_per_minute") == {"accepted": 2, "429": 2, "4xx": 0, "5xx": 2}
    assert values("ingest_failed_per_minute") == {"": 2}


def test_the_spools_of_all_upstreams_are_one(settings: Any, inbox: Path) -> None:
    settings.RELAY_SPOOL_BYTES = 1000
    for upstream, size in ((0, 300), (1, 400)):
        RelayUpstream.objects.create(pk=upstream, entries=1, size=size)
        at = NOW.timestamp() - 100 + upstream
        RelayEntry.objects.create(
            upstream=upstream, project_id=1, category="error", received_at=at, size=size, body=b"x"
        )
    assert (values("spool_envelopes"), values("spool_bytes")) == ({"": 2}, {"": 700})
    assert (values("spool_ratio"), values("spool_oldest_age_seconds")) == ({"": 0.7}, {"": 100})


def test_workers_are_those_that_showed_life_in_the_last_minute(inbox: Path) -> None:
    for name, seconds in (("worker", 10), ("worker:a:1", 59), ("worker:b:1", 61)):
        pulse.beat(NOW - timedelta(seconds=seconds), name=name)
    pulse.beat(NOW - timedelta(seconds=20))
    assert values("workers") == {"": 2}
    assert values("clock_age_seconds") == {"clock": 20}


def test_live_sockets_are_summed_over_the_web_processes_that_live(inbox: Path) -> None:
    for name, seconds in (("web:a:1:3", 10), ("web:a:1:5", 20), ("web:b:1:2", 59), ("web:c:1:40", 61)):
        pulse.beat(NOW - timedelta(seconds=seconds), name=name)
    assert (values("web_processes"), values("live_sockets")) == ({"": 2}, {"": 5})
    Pulse.objects.all().delete()
    assert (values("web_processes"), values("live_sockets")) == ({"": 0}, {"": 0})


def test_tasks_are_late_after_twice_their_period_and_twenty_minutes(inbox: Path) -> None:
    hourly = [task for task, seconds in RARE.items() if seconds == 3600]
    at = {
        PREFIX + hourly[0]: NOW - timedelta(minutes=139),
        PREFIX + hourly[1]: NOW - timedelta(minutes=141),
        "tick:gone": NOW - timedelta(days=9),
    }
    assert late_tasks(at, NOW) == 1


def test_a_backup_is_overdue_once_its_time_has_passed(settings: Any, tmp_path: Path, inbox: Path) -> None:
    settings.BACKUP_FOLDER = None
    pulse.beat(NOW - timedelta(hours=30), name=DONE)
    assert values("backup_overdue_seconds") == values("backup_age_seconds") == {}
    settings.BACKUP_FOLDER, settings.BACKUP_EVERY = tmp_path, timedelta(hours=24)
    assert (values("backup_age_seconds"), values("backup_overdue_seconds")) == ({"": 108_000}, {"": 21_600})


def test_prometheus_and_the_status_say_what_is_stored(client: Client, inbox: Path) -> None:
    now = timezone.now()
    project = make_project("desk")
    for number in range(3):
        DeadLetter.objects.create(project_id=project.pk, received_at=now, failed_at=now, reason="x", body_bytes=number)
    RelayUpstream.objects.create(pk=0, entries=4, size=1234)
    pulse.beat(now, name="worker")
    text = client.get("/performance/prometheus", headers=bearer(Scope.PERFORMANCE_READ)).content.decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    status = client.get("/error-tracking/status", headers=bearer(Scope.ERRORS_READ)).json()["health"]
    for measure in all_measures().values():
        family = families[measure.family]
        assert (family.type, family.documentation) == ("gauge", measure.help)
        assert all(list(sample.labels) == [measure.label] * bool(measure.label) for sample in family.samples)
    exposed = {name: family.samples[0].value for name, family in families.items() if len(family.samples) == 1}
    stored = {
        "dead_letters": DeadLetter.objects.count(),
        "spool_envelopes": 4,
        "spool_bytes": 1234,
        "workers": Pulse.objects.filter(name="worker").count(),
        "inbox_pending": 0,
    }
    assert {name: exposed[f"tradewatch_{name}"] for name in stored} == stored
    assert {name: status["measures"][name] for name in stored} == stored
    assert set(status["measures"]) == set(all_measures()) and status["unreadable"] == []
    assert status["troubles"]["dead_letters"] == "warning"
    free = shutil.disk_usage(settings.HOME).free
    assert exposed["tradewatch_disk_free_bytes"] == pytest.approx(free, rel=0.2)


@pytest.mark.parametrize(("free_gb", "level"), [(200, 0), (3, 1), (0.1, 2)])
def test_the_disk_stands_where_its_marks_say(
    free_gb: float, level: int, monkeypatch: pytest.MonkeyPatch, inbox: Path
) -> None:
    free = int(free_gb * 1e9)
    marks = marks_of(10**12, low_percent=80, high_percent=90, critical_percent=95, headroom_bytes=5 * 10**9)
    monkeypatch.setattr(own_measures, "is_known", lambda: True)
    monkeypatch.setattr(own_measures, "room", lambda: Room(marks, free))
    assert values("disk_level") == {"": level}
    monkeypatch.setattr(own_measures, "is_known", lambda: False)
    assert values("disk_level") == {}
