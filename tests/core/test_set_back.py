"""What was planned by a clock that was ahead does not wait for as long as it was wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from alerts.choices import DeliveryState
from alerts.delivery.claiming import LEASE
from alerts.engine.turning import turn
from alerts.heartbeats.choices import EntryKind
from alerts.heartbeats.services import Told, take_report
from alerts.heartbeats.states import Report
from alerts.models import Alert, AlertGroup, Heartbeat, Notification, WeeklyReport
from alerts.reports import weekly
from releases.choices import RollbackState
from releases.models import Rollback
from releases.rollbacks import telling
from sla.models import ReportMailing, ReportSchedule
from sla.reports.schedules import sending
from tests.alerts.builders import make_alert
from tests.projects.builders import make_project
from tests.releases.builders import make_deployment
from tradewatch.core import pulse, set_back
from tradewatch.core.actors import SYSTEM
from tradewatch.core.backup_state import DONE, FAILED, TRIED, backup_state
from tradewatch.core.pulse import CLOCK
from tradewatch.ingest.models import RelayUpstream
from tradewatch.ingest.relay import watching
from tradewatch.ingest.relay.choices import UpstreamState
from tradewatch.processes.backup.scheduled import claim as claim_backup
from tradewatch.processes.erasing import running
from tradewatch.processes.erasing.running import claim
from tradewatch.processes.erasing.services import ask_for_erasure

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(("ahead", "repaired"), [(0, False), (30, False), (3600, True), (-3600, False)])
def test_repairs_run_when_the_last_sign_of_life_lies_in_the_future(
    monkeypatch: pytest.MonkeyPatch, ahead: int, repaired: bool
) -> None:
    now, seen = timezone.now(), list[tuple[object, timedelta]]()
    monkeypatch.setattr(set_back, "_repairs", {})
    set_back.add_repair("test", lambda at, by: seen.append((at, by)))
    set_back.beat(now)
    pulse.beat(now + timedelta(seconds=ahead))
    set_back.beat(now)
    assert seen == ([(now, timedelta(seconds=ahead))] if repaired else [])
    assert pulse.last_beat() == now


@pytest.fixture(autouse=True)
def _somebody_to_tell(settings) -> None:
    settings.ALERT_MAIL_TO = ["desk@example.com"]


def test_a_group_that_was_told_in_the_future_tells_the_end_in_time() -> None:
    now = timezone.now()
    pulse.beat(now + HOUR)
    make_alert(now=now + HOUR)
    turn(now + HOUR + MINUTE)
    group = AlertGroup.objects.get()
    assert group.told_at is not None and group.told_at > now
    Notification.objects.update(state=DeliveryState.SENT)
    set_back.beat(now)
    Alert.objects.update(state="resolved", resolved_at=now)
    for minutes in (10, 20):
        turn(now + minutes * MINUTE)
    assert Notification.objects.filter(event="resolved").count() == 1


def test_a_message_that_failed_in_the_future_is_tried_now_and_its_lease_ends() -> None:
    now = timezone.now()
    make_alert(now=now)
    turn(now + MINUTE)
    waits = Notification.objects.get()
    waits.state, waits.next_due_at = DeliveryState.PENDING, now + HOUR
    waits.save()
    pulse.beat(now + HOUR)
    set_back.beat(now)
    waits.refresh_from_db()
    assert waits.next_due_at == now

    waits.state, waits.lease_until = DeliveryState.SENDING, now + HOUR + LEASE
    waits.save()
    pulse.beat(now + HOUR)
    set_back.beat(now)
    waits.refresh_from_db()
    assert waits.lease_until == now + LEASE


def test_an_upstream_that_failed_in_the_future_is_tried_now() -> None:
    now = timezone.now()
    RelayUpstream.objects.create(
        id=0, next_at=now + HOUR, limits={"error": now.timestamp() + 3600}, lease="gone", leased_until=now + HOUR
    )
    pulse.beat(now + HOUR)
    set_back.beat(now)
    row = RelayUpstream.objects.get()
    assert (row.next_at, row.limits) == (now, {})
    assert row.leased_until is not None and row.leased_until <= now + MINUTE


def test_what_an_upstream_did_in_the_future_is_over_soon_and_its_absence_is_told_in_time() -> None:
    now = timezone.now()
    later = now + 720 * HOUR
    row = RelayUpstream.objects.create(
        id=0, state=UpstreamState.DOWN, since=later, last_sent_at=later, refused_at=later, dropped_at=later
    )
    pulse.beat(later)
    set_back.beat(now)
    row.refresh_from_db()
    assert row.last_sent_at == now
    told = watching.trouble(row, now + watching.PATIENCE)
    assert told is not None and told[1] == "Upstream Sentry is away"
    row.state = UpstreamState.UP
    assert watching.trouble(row, now + watching.RECENT) is None


def test_a_backup_that_failed_in_the_future_is_over_with_the_next_good_one(settings, tmp_path) -> None:
    settings.BACKUP_FOLDER = tmp_path
    now = timezone.now()
    later = now + 720 * HOUR
    pulse.beat(now - 3 * HOUR, name=DONE)
    pulse.beat(later - 2 * MINUTE, name=TRIED)
    pulse.beat(later + MINUTE, name=FAILED)  # just after the clock's last sign of life
    pulse.beat(later)
    set_back.beat(now)
    assert (pulse.last_beat(TRIED), pulse.last_beat(FAILED)) == (now - 2 * MINUTE, now)
    assert backup_state(now).state == "failed"
    assert not claim_backup(now + MINUTE)
    assert claim_backup(now + HOUR)
    pulse.beat(now + HOUR, name=DONE)
    assert backup_state(now + HOUR).state == "ok"
    assert not claim_backup(now + 3 * HOUR)


def test_a_backup_that_was_made_in_the_future_is_missed_in_time(settings, tmp_path) -> None:
    settings.BACKUP_FOLDER = tmp_path
    now = timezone.now()
    for name in (TRIED, DONE, CLOCK):
        pulse.beat(now + 720 * HOUR, name=name)
    set_back.beat(now)
    assert backup_state(now + 24 * HOUR).state == "ok"
    assert backup_state(now + 26 * HOUR).state == "overdue"


def test_a_heartbeat_that_came_in_the_future_is_missed_in_time() -> None:
    now = timezone.now()
    row = Heartbeat.objects.create(project=make_project(), name="Settlement", slug="settlement")
    take_report(row.pk, Told(Report(EntryKind.SUCCESS, now + HOUR)), now=now + HOUR)
    pulse.beat(now + HOUR)
    set_back.beat(now)
    row.refresh_from_db()
    assert (row.arrived_at, row.succeeded_at) == (now, now)
    assert row.expected_at == row.next_due_at == now + HOUR


def test_a_heartbeat_of_a_cron_schedule_is_still_expected_at_its_moment() -> None:
    now = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
    row = Heartbeat.objects.create(
        project=make_project(), name="Nightly", slug="nightly", schedule_kind="cron", cron="30 2 * * *"
    )
    take_report(row.pk, Told(Report(EntryKind.SUCCESS, now + HOUR)), now=now + HOUR)
    pulse.beat(now + HOUR)
    set_back.beat(now)
    row.refresh_from_db()
    assert row.expected_at == datetime(2026, 11, 27, 2, 30, tzinfo=UTC)


def test_ci_that_was_away_in_the_future_is_told_of_the_rollback_within_a_lease() -> None:
    now = timezone.now()
    row = Rollback.objects.create(
        deployment=make_deployment("2.0.0", started_at=now),
        to_version="1.9.9",
        opening="hand",
        state=RollbackState.REQUESTED,
        requested_at=now,
        next_try_at=now + HOUR,
    )
    pulse.beat(now + HOUR)
    set_back.beat(now)
    row.refresh_from_db()
    assert row.next_try_at == now + telling.LEASE


def test_reports_that_failed_in_the_future_are_tried_now_and_leases_end() -> None:
    now, project = timezone.now(), make_project()
    schedule = ReportSchedule.objects.create(project=project, name="Monthly")
    failed = ReportMailing.objects.create(schedule=schedule, period="2026-11", due_at=now, next_try_at=now + HOUR)
    lost = ReportMailing.objects.create(
        schedule=schedule, period="2026-10", due_at=now - HOUR, next_try_at=now, lease_until=now + HOUR
    )
    week = WeeklyReport.objects.create(project=project, ends_at=now, lease_until=now + HOUR)
    erasure = ask_for_erasure(SYSTEM, user_id="u-1", project=None, is_dry_run=True, now=now)
    assert claim(erasure, now=now + HOUR)
    pulse.beat(now + HOUR)
    set_back.beat(now)
    for row in (failed, lost, week, erasure):
        row.refresh_from_db()
    assert failed.next_try_at == now
    assert (lost.lease_until, week.lease_until) == (now + sending.LEASE, now + weekly.LEASE)
    assert erasure.leased_until == now + running.LEASE
