"""Alerts of other systems become ours: opened, counted once a firing, ended by their word or by their silence."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from alerts.choices import AlertCategory, AlertState
from alerts.intake.incoming import Incoming, Reading
from alerts.models import Alert, IntakeSource, TakenIn
from alerts.services.handling import raise_alert
from alerts.services.judging import observe_end
from alerts.trigger import Trigger
from alerts.words import moment_words
from tradewatch.core.actors import Actor

ENDED_AT_ONCE = 500


def reading_of(source: IntakeSource | None) -> Reading:
    """Return how the labels of a source are read; None: an API token, read by the defaults."""
    if source is None:
        return Reading()
    return Reading(
        severity_label=source.severity_label,
        severity_map=source.severity_map if isinstance(source.severity_map, dict) else {},
        environment_label=source.environment_label,
        category=AlertCategory(source.category),
        resolve_timeout=timedelta(seconds=source.resolve_timeout_seconds),
    )


def take_in(
    actor: Actor, project_id: int, alerts: Sequence[Incoming], *, source: IntakeSource | None, now: datetime
) -> list[Alert]:
    """Open, update or end the alerts, each in a transaction of its own. Returns those that are or were open.

    Again the same: nothing changes. An end of what is not open: accepted, no effect. Raises `NotAllowed`.
    """
    # In the order of keys: two pushes that meet then wait for each other instead of deadlocking.
    done = [_take(actor, project_id, each, source, now=now) for each in sorted(alerts, key=lambda each: each.key)]
    return [alert for alert in done if alert is not None]


@transaction.atomic
def _take(
    actor: Actor, project_id: int, incoming: Incoming, source: IntakeSource | None, *, now: datetime
) -> Alert | None:
    if incoming.has_ended(now):
        return observe_end(project_id, incoming.key, why=f"{actor.label} says that it ended.", by=actor.label, now=now)
    alert, _ = raise_alert(actor, _trigger(actor, project_id, incoming, now=now))
    _keep_up(alert, incoming)
    TakenIn.objects.update_or_create(
        alert=alert,
        defaults={
            "source": source,
            "fingerprint": incoming.fingerprint,
            "labels": dict(incoming.labels),
            "annotations": dict(incoming.annotations),
            "generator_url": incoming.link,
            "starts_at": incoming.starts_at,
            "ends_at": incoming.ends_at,
            "updated_at": now,
        },
    )
    return alert


def end_silent(now: datetime) -> int:
    """End what was to be repeated by now and was not. Returns how many alerts ended."""
    due = TakenIn.objects.filter(ends_at__lte=now)
    due.filter(alert__state=AlertState.RESOLVED).update(ends_at=None)  # ended otherwise: no need to look again
    rows = due.select_related("alert").order_by("alert__project_id", "alert__dedup_key")[:ENDED_AT_ONCE]
    return sum(_end_if_silent(row.pk, now=now) for row in rows)


@transaction.atomic
def _end_if_silent(pk: int, *, now: datetime) -> bool:
    """Look again under the alert's lock: a push may have come in between."""
    alert = Alert.objects.select_for_update(no_key=True).filter(taken_in=pk).exclude(state=AlertState.RESOLVED).first()
    row = TakenIn.objects.select_related("source").filter(pk=pk, ends_at__lte=now).first()
    if alert is None or row is None:
        return False
    by = row.source.name if row.source else alert.source
    why = f"Not sent again since {moment_words(row.updated_at)}: for {by} that means that it ended."
    observe_end(alert.project_id, alert.dedup_key, why=why, by=by, now=now)
    return True


def _keep_up(alert: Alert, incoming: Incoming) -> None:
    """Texts change while an alert fires ("97% full"): what is shown is what was said last."""
    if incoming.message and alert.message != incoming.message:
        alert.message = incoming.message
        alert.save(update_fields=["message"])


def _trigger(actor: Actor, project_id: int, incoming: Incoming, *, now: datetime) -> Trigger:
    return Trigger(
        project_id=project_id,
        dedup_key=incoming.key,
        severity=incoming.severity,
        category=incoming.category,
        source=actor.label,
        title=incoming.title,
        at=now,
        since=incoming.starts_at,
        reasons=(f"Sent by {actor.label}.",),
        message=incoming.message,
        link=incoming.link,
        environment=incoming.environment,
        tags=dict(incoming.labels),
        occasion=incoming.occasion,
        actor_label=actor.label,
    )
