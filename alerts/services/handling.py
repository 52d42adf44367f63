"""What people and API tokens do with alerts: raise, acknowledge (and take it back), resolve. Rights are checked, and
each is audited."""

from django.db import transaction
from django.utils import timezone

from alerts.choices import AlertState, EntryKind
from alerts.models import Alert
from alerts.services.ending import end_alert
from alerts.services.opening import open_or_update
from alerts.services.timeline import note as write_entry
from alerts.trigger import Trigger
from alerts.words import duration_words, moment_words
from tradewatch.core import audit
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.core.live import push
from tradewatch.projects.access import require
from tradewatch.projects.choices import Role, Scope


@transaction.atomic
def acknowledge_alert(actor: Actor, alert: Alert, note: str = "") -> Alert:
    """Say that `actor` takes care of the alert: it goes on counting, no further mail is sent until it ends.

    Acknowledged already: unchanged. Raises `NotAllowed`, and `Conflict` when it has ended.
    """
    _require_responder(actor, alert.project_id)
    row = _lock(alert)
    if row.state == AlertState.ACKNOWLEDGED:
        return row
    if not row.is_open:
        raise Conflict(f"it ended at {moment_words(row.resolved_at)}" if row.resolved_at else "it has ended")
    now = timezone.now()
    row.state, row.acknowledged_at, row.acknowledged_by = AlertState.ACKNOWLEDGED, now, actor.label[:200]
    row.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
    write_entry(row, EntryKind.ACKNOWLEDGED, _by("Acknowledged", actor, note), now=now, actor_label=actor.label)
    _audit(actor, "alert.acknowledge", row, before=AlertState.FIRING)
    transaction.on_commit(lambda: push("alerts", row.project_id))
    return row


@transaction.atomic
def unacknowledge_alert(actor: Actor, alert: Alert, note: str = "") -> Alert:
    """Take an acknowledgement back: the alert waits for somebody again. Not acknowledged: unchanged.

    Raises `NotAllowed`, and `Conflict` when it has ended.
    """
    _require_responder(actor, alert.project_id)
    row = _lock(alert)
    if row.state == AlertState.FIRING:
        return row
    if not row.is_open:
        raise Conflict(f"it ended at {moment_words(row.resolved_at)}" if row.resolved_at else "it has ended")
    row.state, row.acknowledged_at, row.acknowledged_by = AlertState.FIRING, None, ""
    row.save(update_fields=["state", "acknowledged_at", "acknowledged_by"])
    text = _by("Acknowledgement taken back", actor, note)
    write_entry(row, EntryKind.ACKNOWLEDGED, text, now=timezone.now(), actor_label=actor.label)
    _audit(actor, "alert.unacknowledge", row, before=AlertState.ACKNOWLEDGED)
    transaction.on_commit(lambda: push("alerts", row.project_id))
    return row


@transaction.atomic
def resolve_alert(actor: Actor, alert: Alert, note: str = "") -> Alert:
    """End the alert: frees its key, tells whoever was told that it fires. Again: unchanged. Raises `NotAllowed`."""
    _require_responder(actor, alert.project_id)
    row = _lock(alert)
    if not row.is_open:
        return row
    now, before = timezone.now(), AlertState(row.state)
    ending = f"Ended: {row.title}, {duration_words(now - row.starts_at)}, resolved by {actor.label}"
    end_alert(row, ending=ending, why=_by("Resolved", actor, note), by=actor.label, now=now)
    _audit(actor, "alert.resolve", row, before=before)
    return row


@transaction.atomic
def raise_alert(actor: Actor, trigger: Trigger) -> tuple[Alert, bool]:
    """Open the alert that a caller asks for, or count it on the open one. Returns (alert, whether it is new)."""
    _require_responder(actor, trigger.project_id)
    alert, is_new = open_or_update(trigger, now=trigger.at)
    if is_new:
        audit.record(actor, "alert.open", alert, project_id=alert.project_id)
    return alert, is_new


def _require_responder(actor: Actor, project_id: int) -> None:
    require(actor, project_id, Role.RESPONDER, scope=Scope.ALERTS_WRITE)


def _lock(alert: Alert) -> Alert:
    return Alert.objects.select_for_update(no_key=True).get(pk=alert.pk)


def _by(done: str, actor: Actor, note: str) -> str:
    return f"{done} by {actor.label}: {note}" if note else f"{done} by {actor.label}."


def _audit(actor: Actor, action: str, alert: Alert, *, before: AlertState) -> None:
    changes = {"state": [before.value, AlertState(alert.state).value]}
    audit.record(actor, action, alert, project_id=alert.project_id, changes=changes)
