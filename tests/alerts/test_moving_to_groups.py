"""The migrations that brought groups (0011 to 0013), over alerts and mails as they were before."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from alerts.delivery import deliver_due
from alerts.engine.turning import turn
from alerts.models import Alert, AlertClassificationRule, AlertGroup, Notification, Route
from alerts.queries import timeline_of
from alerts.services import resolve_alert
from tradewatch.core.actors import SYSTEM

BEFORE = [("alerts", "0010_contacts_and_feeds")]
pytestmark = pytest.mark.django_db(transaction=True)
THEN = datetime(2026, 11, 23, 15, 12, 30, tzinfo=UTC)


@pytest.fixture
def old() -> Iterator[SimpleNamespace]:
    """The models of the time before, and `go`, which migrates to today."""
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    apps = executor.loader.project_state(BEFORE).apps
    names = {name: apps.get_model("alerts", name) for name in ("Alert", "Notification", "TimelineEntry")}
    try:
        yield SimpleNamespace(**names, Project=apps.get_model("projects", "Project"), go=_migrate_to_today)
    finally:
        _migrate_to_today()


def _migrate_to_today() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def make_old(old: SimpleNamespace, key: str, *mails: tuple[str, int, str], **fields: Any) -> int:
    """Write an alert with its mails to Ann, each (event, sequence, state), and two timeline entries."""
    project, _ = old.Project.objects.get_or_create(slug="orders", defaults={"name": "Orders"})
    values = {"severity": "critical", "category": "system", "source": "cron", "title": f"Disk {key} full"}
    moments = {"starts_at": THEN, "last_at": THEN}
    alert = old.Alert.objects.create(project=project, dedup_key=key, **{**values, **moments, **fields})
    for event, sequence, state in mails:
        old.Notification.objects.create(
            alert=alert,
            target="ann@example.com",
            event=event,
            sequence=sequence,
            state=state,
            next_due_at=THEN if state == "pending" else None,
            sent_at=THEN if state == "sent" else None,
        )
    old.TimelineEntry.objects.create(alert=alert, at=THEN, kind="fired", text="Disk 97% full, above 90%.")
    old.TimelineEntry.objects.create(alert=alert, at=THEN, kind="told", text="Told ann@example.com.")
    return alert.pk


def group_of(alert_id: int) -> AlertGroup:
    return AlertGroup.objects.get(members__alert=alert_id)


def rows_of(alert_id: int) -> list[tuple[str, int, str]]:
    rows = Notification.objects.filter(group=group_of(alert_id)).order_by("id")
    return list(rows.values_list("event", "sequence", "state"))


def live(moment: datetime) -> list[str]:
    """Let happen what is due; return the subjects of the mails."""
    mail.outbox.clear()
    turn(moment)
    deliver_due(moment)
    return [sent.subject.partition(" ·")[0].partition(" full,")[0] for sent in mail.outbox]


@pytest.mark.slow
def test_old_alerts_find_themselves_in_groups_and_nothing_is_told_twice_or_forgotten(
    old: SimpleNamespace, settings: Any
) -> None:
    settings.ALERT_MAIL_TO = ["ann@example.com"]
    told = make_old(old, "told", ("firing", 1, "sent"), ("firing", 2, "sent"))
    waiting = make_old(old, "waiting", ("firing", 1, "pending"))
    taken = make_old(
        old, "taken", ("firing", 1, "sent"), state="acknowledged", acknowledged_by="ben", acknowledged_at=THEN
    )
    unheard = make_old(old, "unheard", severity="warning")
    ended = {"state": "resolved", "resolved_at": THEN + timedelta(minutes=5), "ending": "Ended: Disk is well"}
    over = make_old(old, "over", ("firing", 1, "sent"), ("resolved", 1, "sent"), **ended)
    ending = make_old(old, "ending", ("firing", 1, "sent"), ("resolved", 1, "pending"), **ended)
    silent = make_old(old, "silent", **ended)

    old.go()

    root = Route.objects.get(parent=None)
    assert (root.name, root.mails_members) == ("All alerts", True)
    assert AlertClassificationRule.objects.count() == 3
    assert not Alert.objects.filter(is_unrouted=True).exists()
    assert not AlertGroup.objects.filter(members__alert=silent).exists()  # over, and nobody was ever told
    states = {alert: group_of(alert).state for alert in (told, waiting, taken, unheard, over, ending)}
    assert list(states.values()) == ["firing", "firing", "acknowledged", "firing", "ended", "ended"]
    assert all(group.members.count() == 1 and group.route == root for group in AlertGroup.objects.all())
    assert rows_of(told) == [("firing", 1, "sent"), ("firing", 2, "sent")]
    assert rows_of(over) == [("firing", 1, "sent"), ("resolved", 2, "sent")]
    assert rows_of(ending) == [("firing", 1, "sent"), ("resolved", 2, "pending")]
    assert group_of(told).sequence == 2
    assert group_of(over).ended_at == THEN + timedelta(minutes=5)
    assert group_of(taken).acknowledged_by == "ben"
    story = timeline_of(Alert.objects.get(pk=over)).order_by("id").values_list("text", flat=True)
    assert list(story) == ["Disk 97% full, above 90%.", "Told ann@example.com."]

    now = timezone.now()
    assert live(now) == ["[critical] Disk waiting full", "Ended: Disk is well", "[warning] Disk unheard full"]
    for alert in (told, taken):
        resolve_alert(SYSTEM, Alert.objects.get(pk=alert))
    assert live(now + timedelta(minutes=6)) == [
        "Ended: Disk told",
        "Ended: Disk taken",
    ]
    assert live(now + timedelta(minutes=12)) == []
    assert not AlertGroup.objects.exclude(state="ended").filter(next_due_at=None).exists()
