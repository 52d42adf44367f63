"""What people and API tokens do with alerts: raise, acknowledge (and take it back), resolve. Rights are checked, and
each is audited."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from alerts.choices import AlertState, EntryKind, GroupState
from alerts.engine.acknowledging import acknowledge_if_all_are, open_groups_of
from alerts.engine.timers import fire_again
from alerts.models import Alert, AlertGroup
from alerts.services.ending import End, end_many, ended_words
from alerts.services.opening import Key, open_many, open_or_update
from alerts.timeline import entry
from alerts.timeline import note as write_entry
from alerts.trigger import Trigger
from alerts.words import moment_words
from tradewatch.core import audit, bulk
from tradewatch.core.actors import Actor
from tradewatch.core.faults import Conflict
from tradewatch.core.kick import kick
from tradewatch.core.live import push
from tradewatch.core.models import AuditEntry
from tradewatch.projects.access import require
from tradewatch.projects.choices import Role, Scope


@transaction.atomic
def acknowledge_alert(actor: Actor, alert: Alert, note: str = "") -> Alert:
    """Say that `actor` takes care of the alert: it goes on counting, no further message is sent until it ends.

    Once all alerts of its group are acknowledged, the group's escalation stops. Acknowledged already: unchanged.
    Raises `NotAllowed`, and `Conflict` when it has ended.
    """
    require_responder(actor, alert.project_id)
    row = lock(alert)
    if row.state == AlertState.ACKNOWLEDGED:
        return row
    if not row.is_open:
        raise Conflict(_ended(row))
    now = timezone.now()
    _acknowledge([row], actor, note)
    for group in open_groups_of([row]):
        acknowledge_if_all_are(group, actor, now=now)
    return row


@transaction.atomic
def acknowledge_group(actor: Actor, group: AlertGroup, note: str = "") -> AlertGroup:
    """Acknowledge a page: every open alert of the group, and what joins within a repeat interval and is no worse.

    Acknowledged already: unchanged. Raises `NotAllowed`, and `Conflict` when it has ended.
    """
    require_responder(actor, group.project_id)
    ids = list(group.members.filter(alert__state=AlertState.FIRING).values_list("alert_id", flat=True))
    alerts = Alert.objects.filter(pk__in=ids, state=AlertState.FIRING).order_by("id").select_for_update(no_key=True)
    _acknowledge(list(alerts), actor, note)
    row = AlertGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    if not row.is_open:
        raise Conflict("all of it has ended")
    acknowledge_if_all_are(row, actor, now=timezone.now(), covers_later=True)
    if row.state == GroupState.ACKNOWLEDGED and not row.covers_later:
        row.covers_later = True
        row.save(update_fields=["covers_later"])
    return row


@transaction.atomic
def unacknowledge_alert(actor: Actor, alert: Alert, note: str = "") -> Alert:
    """Take back an acknowledgement: it fires again at once and its escalation starts anew. Firing: unchanged.

    Raises `NotAllowed`, and `Conflict` when it has ended.
    """
    require_responder(actor, alert.project_id)
    row = lock(alert)
    if row.state != AlertState.ACKNOWLEDGED:
        if row.is_open:
            return row
        raise Conflict(_ended(row))
    now, why = timezone.now(), _by("Acknowledgement taken back", actor, note)
    groups = open_groups_of([row])
    for group in groups:
        fire_again(group, [row], why, now=now, actor_label=actor.label)
    if not groups:
        row.state, row.acknowledged_at, row.acknowledged_by, row.is_unrouted = AlertState.FIRING, None, "", True
        row.save(update_fields=["state", "acknowledged_at", "acknowledged_by", "is_unrouted"])
        write_entry(row, EntryKind.UNACKNOWLEDGED, why, now=now, actor_label=actor.label)
    audit.record_all([_changed(actor, "alert.unacknowledge", row, before=AlertState.ACKNOWLEDGED)])
    transaction.on_commit(lambda: kick("alerts"))
    return row


@transaction.atomic
def resolve_alert(actor: Actor, alert: Alert, note: str = "") -> Alert:
    """End the alert: frees its key, tells whoever was told that it fires. Again: unchanged. Raises `NotAllowed`."""
    require_responder(actor, alert.project_id)
    row = lock(alert)
    if not row.is_open:
        return row
    _resolve([row], actor, note)
    return row


@transaction.atomic
def resolve_group(actor: Actor, group: AlertGroup, note: str = "") -> int:
    """End every open alert of the group. Returns how many were open. Raises `NotAllowed`."""
    require_responder(actor, group.project_id)
    ids = list(group.members.exclude(alert__state=AlertState.RESOLVED).values_list("alert_id", flat=True))
    rows = list(
        Alert.objects.filter(pk__in=ids)
        .exclude(state=AlertState.RESOLVED)
        .order_by("project_id", "dedup_key")
        .select_for_update(no_key=True)
    )
    _resolve(rows, actor, note)
    return len(rows)


@transaction.atomic
def raise_alert(actor: Actor, trigger: Trigger) -> tuple[Alert, bool]:
    """Open the alert that a caller asks for, or count it on the open one. Returns (alert, whether it is new)."""
    require_responder(actor, trigger.project_id)
    alert, is_new = open_or_update(trigger, now=trigger.at)
    if is_new:
        audit.record(actor, "alert.open", alert, project_id=alert.project_id)
    return alert, is_new


@transaction.atomic
def raise_many(
    actor: Actor, triggers: Sequence[Trigger], *, now: datetime, known: Mapping[Key, Alert] | None = None
) -> list[tuple[Alert, bool]]:
    """Do the same for many, each of another key, with few statements. Returns in the order of keys.

    `known`: the open alerts of these keys, where the caller has locked them already.
    """
    for project_id in {trigger.project_id for trigger in triggers}:
        require_responder(actor, project_id)
    done = open_many(triggers, now=now, known=known)
    audit.record_all(
        [audit.entry(actor, "alert.open", alert, project_id=alert.project_id) for alert, is_new in done if is_new]
    )
    return done


def require_responder(actor: Actor, project_id: int) -> None:
    require(actor, project_id, Role.RESPONDER, scope=Scope.ALERTS_WRITE)


def lock(alert: Alert) -> Alert:
    rows = Alert.objects.select_for_update(no_key=True, of=("self",)).select_related("project", "team", "rule")
    return rows.get(pk=alert.pk)


def _acknowledge(rows: Sequence[Alert], actor: Actor, note: str) -> None:
    now, why = timezone.now(), _by("Acknowledged", actor, note)
    for row in rows:
        row.state, row.acknowledged_at, row.acknowledged_by = AlertState.ACKNOWLEDGED, now, actor.label[:200]
    bulk.update_objects(rows, ["state", "acknowledged_at", "acknowledged_by"])
    bulk.insert_objects([entry(row, EntryKind.ACKNOWLEDGED, why, now=now, actor_label=actor.label) for row in rows])
    audit.record_all([_changed(actor, "alert.acknowledge", row, before=AlertState.FIRING) for row in rows])
    for project_id in {row.project_id for row in rows}:
        transaction.on_commit(lambda project_id=project_id: push("alerts", project_id))  # type: ignore[misc]


def _resolve(rows: Sequence[Alert], actor: Actor, note: str) -> None:
    now, why, before = timezone.now(), _by("Resolved", actor, note), {row.pk: AlertState(row.state) for row in rows}
    endings = [f"{ended_words(row, now=now)}, resolved by {actor.label}" for row in rows]
    end_many([End(row, ending, why, actor.label) for row, ending in zip(rows, endings, strict=True)], now=now)
    audit.record_all([_changed(actor, "alert.resolve", row, before=before[row.pk]) for row in rows])


def _ended(row: Alert) -> str:
    return f"it ended at {moment_words(row.resolved_at)}" if row.resolved_at else "it has ended"


def _by(done: str, actor: Actor, note: str) -> str:
    return f"{done} by {actor.label}: {note}" if note else f"{done} by {actor.label}."


def _changed(actor: Actor, action: str, alert: Alert, *, before: AlertState) -> AuditEntry:
    changes = {"state": [before.value, AlertState(alert.state).value]}
    return audit.entry(actor, action, alert, project_id=alert.project_id, changes=changes)
