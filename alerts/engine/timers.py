"""Acknowledgements that ran out: the alerts fire again and their escalation restarts."""

from datetime import datetime

from django.db import transaction

from alerts.choices import AlertState, EntryKind, GroupState
from alerts.engine.plans import read_plan
from alerts.engine.reminding import UNACKNOWLEDGE, is_timer_valid, stop_timer
from alerts.engine.telling import start_escalation
from alerts.models import Alert, AlertGroup
from alerts.timeline import entry, note
from alerts.words import duration_words
from tradewatch.core import bulk
from tradewatch.core.live import push


def unacknowledge_due(now: datetime) -> int:
    """Let fire again what was acknowledged too long ago. Returns how many groups."""
    due = AlertGroup.objects.filter(timer_kind=UNACKNOWLEDGE, timer_at__lte=now).exclude(state=GroupState.ENDED)
    done = 0
    for group_id in list(due.order_by("id").values_list("pk", flat=True)[:100]):
        with transaction.atomic():
            done += _unacknowledge(group_id, now=now)
    return done


def fire_again(group: AlertGroup, alerts: list[Alert], why: str, *, now: datetime, actor_label: str = "") -> None:
    """Take back the acknowledgement of locked `alerts` in their locked `group`: escalation starts anew, at once."""
    for alert in alerts:
        alert.state, alert.acknowledged_at, alert.acknowledged_by = AlertState.FIRING, None, ""
    ids = [alert.pk for alert in alerts]
    Alert.objects.filter(pk__in=ids).update(state=AlertState.FIRING, acknowledged_at=None, acknowledged_by="")
    bulk.insert_objects(
        [entry(alert, EntryKind.UNACKNOWLEDGED, why, now=now, actor_label=actor_label) for alert in alerts]
    )
    # Told anew: whoever heard of it before believes that somebody takes care of it.
    group.members.filter(alert__in=ids, end_sequence=None).update(told_severity="")
    start_escalation(group, read_plan(group.plan), now=now)
    group.state, group.covers_later = GroupState.FIRING, False
    stop_timer(group)
    group.look_at = group.next_due_at = now
    group.save()
    transaction.on_commit(lambda: push("alerts", group.project_id))


def _unacknowledge(group_id: int, *, now: datetime) -> int:
    open_alerts = Alert.objects.filter(memberships__group=group_id, state=AlertState.ACKNOWLEDGED)
    ids = list(open_alerts.order_by("id").values_list("pk", flat=True))
    alerts = list(
        Alert.objects.filter(pk__in=ids, state=AlertState.ACKNOWLEDGED).order_by("id").select_for_update(no_key=True)
    )
    rows = AlertGroup.objects.filter(pk=group_id, timer_kind=UNACKNOWLEDGE, timer_at__lte=now)
    group = rows.select_for_update(skip_locked=True, no_key=True).first()
    if group is None:
        return 0
    if not is_timer_valid(group) or not alerts:
        stop_timer(group)
        group.save(update_fields=["timer_kind", "timer_at"])
        return 0
    since = duration_words(now - (group.acknowledged_at or now))
    why = f"Fires again: acknowledged by {group.acknowledged_by} {since} ago and not ended. Escalation starts anew."
    fire_again(group, alerts, why, now=now)
    note(group, EntryKind.UNACKNOWLEDGED, why, now=now)
    return 1
