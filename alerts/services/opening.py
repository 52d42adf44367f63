"""One open alert per (project, dedup key): the partial unique index promises it, this module lives with it."""

from datetime import datetime

from django.db import IntegrityError, transaction

from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState, EntryKind
from alerts.models import Alert
from alerts.services.telling import is_anyone_addressed, tell_it_fires
from alerts.services.timeline import note
from alerts.trigger import Trigger
from alerts.words import one_line
from tradewatch.core.live import push


@transaction.atomic
def open_or_update(trigger: Trigger, *, now: datetime) -> tuple[Alert, bool]:
    """Open the alert of the trigger's key, or count the trigger on the open one. Returns (alert, whether it is new)."""
    alert = lock_open_alert(trigger.project_id, trigger.dedup_key)
    is_new = alert is None
    if alert is None:
        alert, is_new = _insert(trigger)
    if is_new:
        _announce(alert, trigger, now=now)
    elif not _is_counted(alert, trigger):
        _count(alert, trigger, now=now)
    return alert, is_new


def lock_open_alert(project_id: int, dedup_key: str) -> Alert | None:
    """Return the open alert of the key, locked until the transaction ends."""
    # no_key: timeline and outbox rows that point at the alert may still be written by others.
    rows = Alert.objects.select_for_update(no_key=True).filter(project_id=project_id, dedup_key=dedup_key)
    return rows.exclude(state=AlertState.RESOLVED).first()


def _insert(trigger: Trigger) -> tuple[Alert, bool]:
    try:
        with transaction.atomic():
            return _create(trigger), True
    except IntegrityError:
        alert = lock_open_alert(trigger.project_id, trigger.dedup_key)
        if alert is None:  # opened and ended by others within this instant: let the caller's transaction run again
            raise
        return alert, False


def _create(trigger: Trigger) -> Alert:
    history = Alert.objects.filter(project_id=trigger.project_id, dedup_key=trigger.dedup_key)
    return Alert.objects.create(
        project_id=trigger.project_id,
        dedup_key=trigger.dedup_key,
        severity=trigger.severity,
        category=trigger.category,
        source=trigger.source[:80],
        title=one_line(trigger.title, limit=250),
        message=trigger.message,
        link=trigger.link,
        environment=trigger.environment,
        tags=dict(trigger.tags),
        metadata=_metadata({}, trigger),
        count=trigger.count,
        rule_id=trigger.rule_id,
        previous=history.order_by("-id").first(),
        starts_at=trigger.since or trigger.at,
        last_at=trigger.at,
    )


def _announce(alert: Alert, trigger: Trigger, *, now: datetime) -> None:
    for reason in trigger.reasons:
        note(alert, EntryKind.FIRED, reason, now=now, actor_label=trigger.actor_label)
    tell_it_fires(alert, now=now)
    transaction.on_commit(lambda: push("alerts", alert.project_id))


def _is_counted(alert: Alert, trigger: Trigger) -> bool:
    return bool(trigger.occasion) and alert.metadata.get("occasion") == trigger.occasion


def _count(alert: Alert, trigger: Trigger, *, now: datetime) -> None:
    is_raised = SEVERITY_RANK[trigger.severity] > SEVERITY_RANK[AlertSeverity(alert.severity)]
    if is_raised:
        text = f"Raised from {alert.severity} to {trigger.severity}. {' '.join(trigger.reasons)}"
        note(alert, EntryKind.RAISED, text, now=now, actor_label=trigger.actor_label)
        alert.severity = trigger.severity
    alert.count += trigger.count  # the row is locked
    alert.last_at = max(alert.last_at, trigger.at)
    alert.message = trigger.message or alert.message
    alert.metadata = _metadata(alert.metadata, trigger)
    alert.save(update_fields=["severity", "count", "last_at", "message", "metadata"])
    if alert.state == AlertState.FIRING:
        _tell_if_it_is_news(alert, became_critical=is_raised and alert.severity == AlertSeverity.CRITICAL, now=now)
    transaction.on_commit(lambda: push("alerts", alert.project_id))


def _tell_if_it_is_news(alert: Alert, *, became_critical: bool, now: datetime) -> None:
    """Mail again what was mailed as less than critical, and what nobody heard of yet. Nothing else is worth a mail."""
    if became_critical or not is_anyone_addressed(alert):
        tell_it_fires(alert, now=now)


def _metadata(known: dict[str, object], trigger: Trigger) -> dict[str, object]:
    occasion = {"occasion": trigger.occasion} if trigger.occasion else {}
    return {**known, **trigger.metadata, **occasion}
