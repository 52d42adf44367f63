"""A test of alerting: an alert that everybody sees, told at once to the channels asked for, each answer on record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from alerts.channels.outcome import Outcome
from alerts.channels.sending import send_message
from alerts.channels.templates import Words
from alerts.choices import AlertCategory, AlertSeverity, AlertState, EntryKind
from alerts.describing import message_about
from alerts.models import Alert, NotificationChannel
from alerts.recipients import recipients_of
from alerts.services.channels import channels_of, require_tester, words_of
from alerts.timeline import note
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Unknown
from tradewatch.projects.models import Project

TITLE = "Test of alerting"
RECEIVERS_AT_MOST = 20


@dataclass(frozen=True, slots=True)
class Receiver:
    """`name` is what the answer and the timeline call it."""

    name: str
    kind: str
    settings: dict[str, Any]
    words: Words | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    receiver: Receiver
    outcome: Outcome


def send_test_alert(
    actor: Actor, project: Project, *, channel: str | None, now: datetime
) -> tuple[Alert, list[Delivery]]:
    """Tell `channel` (a name or id), or else everyone who would be told: enabled channels and the usual addresses.

    The alert is born ended: it pages nobody, and stands in the list with what each receiver answered.

    Raises:
        NotAllowed: the actor is no responder of the project.
        Unknown: the project has no channel of that name or id.
    """
    require_tester(actor, project.pk)
    receivers = _receivers(project, channel)[:RECEIVERS_AT_MOST]
    alert = _record(actor, project, now=now)
    message = message_about(alert, event="test", why=f"{actor.label} sends a test", key=f"test-{alert.pk}", now=now)
    message = replace(message, next_step="Nothing: this is a test")
    deliveries = [
        Delivery(each, send_message(each.kind, each.settings, message, now=now, words=each.words)) for each in receivers
    ]
    for delivery in deliveries:
        _note(alert, delivery, now=now)
    return alert, deliveries


def _receivers(project: Project, channel: str | None) -> Sequence[Receiver]:
    rows = channels_of(project.pk)
    if channel is not None:
        by_id = rows.filter(pk=int(channel)) if channel.isascii() and channel.isdigit() else rows.none()
        found = by_id.first() or rows.filter(name=channel).first()
        if found is None:
            raise Unknown("no such channel", errors={"channel": ["is unknown in this project: give its name or id"]})
        return [_receiver(found)]
    people = [Receiver(person.address, "email", {"to": [person.address]}) for person in recipients_of(project)]
    return [*(_receiver(row) for row in rows.filter(is_enabled=True)), *people]


def _receiver(channel: NotificationChannel) -> Receiver:
    return Receiver(channel.name, channel.kind, channel.settings, words_of(channel))


@transaction.atomic
def _record(actor: Actor, project: Project, *, now: datetime) -> Alert:
    alert = Alert.objects.create(
        project=project,
        dedup_key=f"test:{now.timestamp()}",
        state=AlertState.RESOLVED,
        severity=AlertSeverity.INFO,
        category=AlertCategory.SYSTEM,
        source="test",
        title=TITLE,
        message="If you read this where you expected it, the way there works.",
        starts_at=now,
        last_at=now,
        resolved_at=now,
        resolved_by=actor.label[:200],
        ending="Ended: a test ends as it begins",
    )
    note(alert, EntryKind.FIRED, f"Test asked for by {actor.label}.", now=now, actor_label=actor.label)
    audit.record(actor, "alert.test", alert, project_id=project.pk)
    return alert


def _note(alert: Alert, delivery: Delivery, *, now: datetime) -> None:
    outcome, name = delivery.outcome, delivery.receiver.name
    if outcome.is_sent:
        note(alert, EntryKind.TOLD, f"Told {name}: {outcome.answer}.", now=now)
    else:
        note(alert, EntryKind.FAILED, f"The test to {name} failed: {outcome.answer}.", now=now)
