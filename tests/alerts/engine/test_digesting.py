"""Overnight: held, told in one digest half an hour before the open, and at the open told and paged."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail

from alerts.delivery import deliver_due
from alerts.engine.digesting import send_due_digests
from alerts.engine.turning import turn
from alerts.models import (
    Alert,
    AlertGroup,
    Digest,
    EscalationPolicy,
    EscalationStep,
    EscalationTarget,
    Notification,
    QuietHours,
    Route,
)
from alerts.services import acknowledge_alert
from alerts.services.opening import open_or_update
from tests.alerts.builders import make_trigger, texts
from tests.alerts.oncall.builders import make_person, make_schedule
from tests.calendars.builders import thanksgiving_week
from tests.calendars.oracle import utc
from tests.projects.builders import make_project, make_user
from tradewatch.core.actors import SYSTEM
from tradewatch.projects.choices import Role

pytestmark = pytest.mark.django_db
CLOSED = utc("2026-11-23T22:00")
DIGEST, OPEN = utc("2026-11-24T14:00"), utc("2026-11-24T14:30")
SECOND = timedelta(seconds=1)


@pytest.fixture
def quiet(settings: Any) -> QuietHours:
    """Quiet outside New York's sessions; the route mails its member ann and pages who is on call by a policy."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.ALERT_MAIL_TO = []
    thanksgiving_week()
    make_user("ann", role=Role.RESPONDER, email="ann@example.com")
    quiet = QuietHours.objects.create(name="Overnight", calendar="XNYS")
    policy = EscalationPolicy.objects.create(name="Desk", repeats=0)
    step = EscalationStep.objects.create(policy=policy)
    schedule = make_schedule(make_person("jonas"), make_person("priya"))
    EscalationTarget.objects.create(step=step, kind="schedule", schedule=schedule)
    root = Route.objects.get(parent=None)
    root.quiet_hours.add(quiet)
    Route.objects.filter(pk=root.pk).update(policy=policy, mails_members=True, group_wait_seconds=0)
    return quiet


def fire(at: datetime, **fields: Any) -> Alert:
    return open_or_update(make_trigger(at=at, project_id=make_project().pk, **fields), now=at)[0]


def live(moment: datetime) -> None:
    """Let everything happen that is due at the moment."""
    turn(moment)
    send_due_digests(moment)
    deliver_due(moment)


def sent() -> list[tuple[str, str]]:
    return [(one.to[0], one.subject) for one in mail.outbox]


def test_held_then_one_digest_then_told_and_paged_at_the_open(quiet: QuietHours) -> None:
    disk, lag = fire(CLOSED), fire(CLOSED, dedup_key="lag", title="Feed lags", severity="warning")
    for minutes in range(0, 60, 10):
        live(CLOSED + timedelta(minutes=minutes))
    assert sent() == []
    assert any("Held by quiet hours Overnight (XNYS is closed) until" in text for text in texts(disk))

    live(DIGEST - SECOND)
    assert sent() == []
    for seconds in (0, 30, 600):  # once, however often it is looked
        live(DIGEST + timedelta(seconds=seconds))
    assert sorted(to for to, _ in sent()) == ["ann@example.com", "priya@example.com"]
    assert all("2 alerts held by quiet hours Overnight, until 14:30" in subject for _, subject in sent())
    assert "Feed lags" in mail.outbox[0].body and "Disk 97% full" in mail.outbox[0].body
    assert any(text.startswith("In the digest of quiet hours Overnight") for text in texts(lag))

    mail.outbox.clear()
    live(OPEN)
    live(OPEN + SECOND)
    told = dict(sent())
    assert "Disk 97% full and 1 other" in told["ann@example.com"]
    assert "priya@example.com" in told  # on call from 14:00 UTC, paged at the open
    assert AlertGroup.objects.get().told_at is not None


def test_what_ended_or_was_acknowledged_before_is_not_in_it(quiet: QuietHours) -> None:
    alert = fire(CLOSED)
    live(CLOSED)
    acknowledge_alert(SYSTEM, alert)
    live(DIGEST)
    assert sent() == []


def test_critical_passes_and_is_in_no_digest(quiet: QuietHours) -> None:
    fire(CLOSED, severity="critical")
    live(CLOSED)
    live(CLOSED + SECOND)
    assert sorted(to for to, _ in sent()) == ["ann@example.com", "jonas@example.com"]
    mail.outbox.clear()
    live(DIGEST)
    assert not Notification.objects.filter(event="digest").exists()


def test_without_minutes_there_is_no_digest_and_old_ones_are_forgotten(quiet: QuietHours) -> None:
    QuietHours.objects.update(digest_minutes=0)
    fire(CLOSED)
    live(CLOSED)
    live(DIGEST)
    assert not Digest.objects.exists()
