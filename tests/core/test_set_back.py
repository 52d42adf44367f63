"""What was planned by a clock that was ahead does not wait for as long as it was wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.choices import DeliveryState
from alerts.delivery.claiming import LEASE
from alerts.engine.turning import turn
from alerts.models import Alert, AlertGroup, Notification
from tests.alerts.builders import make_alert
from tradewatch.core import pulse, set_back
from tradewatch.ingest.models import RelayUpstream

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
