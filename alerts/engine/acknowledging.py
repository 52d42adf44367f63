"""What an acknowledgement means for groups. The alerts are locked already; groups are locked here, by id."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState, DeliveryEvent, EntryKind, GroupState
from alerts.engine.outbox import drop_unsent, queue, told_receivers
from alerts.engine.plans import read_plan
from alerts.engine.reminding import start_timer
from alerts.engine.stepping import stop
from alerts.models import CONFIGURED, Alert, AlertGroup
from alerts.timeline import note
from alerts.words import clock_words, duration_words
from tradewatch.core.actors import Actor


def open_groups_of(alerts: Iterable[Alert]) -> list[AlertGroup]:
    """Return the open groups of the alerts, locked in the order of ids."""
    ids = AlertGroup.objects.filter(members__alert__in=list(alerts)).exclude(state=GroupState.ENDED)
    rows = AlertGroup.objects.filter(pk__in=list(ids.values_list("pk", flat=True))).exclude(state=GroupState.ENDED)
    return list(rows.order_by("id").select_for_update(no_key=True).select_related("project"))


def acknowledge_if_all_are(
    group: AlertGroup, actor: Actor, *, now: datetime, since: datetime | None = None, covers_later: bool = False
) -> bool:
    """Acknowledge a locked group whose open alerts all are: its escalation stops. Returns whether it is now.

    `since`: when somebody took care, where that is not `now`; the reminder counts from it.
    """
    states = list(
        group.members.exclude(alert__state=AlertState.RESOLVED).values_list("alert__state", "alert__severity")
    )
    if group.state == GroupState.ACKNOWLEDGED or any(state == AlertState.FIRING for state, _ in states):
        return False
    had_step = group.step_at is not None
    group.state, group.acknowledgement = GroupState.ACKNOWLEDGED, group.acknowledgement + 1
    group.acknowledged_at, group.acknowledged_by = since or now, actor.label[:200]
    group.covers_later = covers_later
    group.acknowledger_id = actor.id if actor.kind == "user" else None
    group.acknowledged_severity = max(
        (AlertSeverity(severity) for _, severity in states), key=lambda one: SEVERITY_RANK[one], default=""
    )
    stop(group)
    start_timer(group, read_plan(group.plan), now=since or now)
    drop_unsent(group, [DeliveryEvent.FIRING], from_step=0)
    _tell_channels(group, now=now)
    group.next_due_at = _earliest(group)
    group.save()
    text = f"Acknowledged by {actor.label}: {'the escalation stops' if had_step else 'nothing was left to escalate'}."
    note(group, EntryKind.STOPPED, text, now=now, actor_label=actor.label)
    return True


def acknowledge_what_is_left(group: AlertGroup, *, now: datetime) -> None:
    """Acknowledge a locked group in the name of whoever was the last to take an alert of it.

    What else fired in it has ended, or it was opened for what somebody had taken already: nobody acknowledged the group
    as such, and without this nobody would be reminded of what is left.
    """
    taken = group.members.filter(alert__state=AlertState.ACKNOWLEDGED, alert__acknowledged_at__isnull=False)
    last = taken.order_by("-alert__acknowledged_at").values_list("alert__acknowledged_by", "alert__acknowledged_at")
    for label, since in last[:1]:
        acknowledge_if_all_are(group, Actor("user", None, label), now=now, since=since)


def push_back(group: AlertGroup, by: timedelta, *, now: datetime) -> None:
    """Move the pending step of a locked group by a snooze's length, where nothing else in it fires."""
    others = group.members.filter(alert__state=AlertState.FIRING).exclude(alert__snoozed_until__gt=now)
    if group.step_at is not None and group.step is not None and not others.exists():
        group.step_at += by
        text = f"Snoozed by {duration_words(by)}: step {group.step + 1} moves to {clock_words(group.step_at, now=now)}."
        note(group, EntryKind.SNOOZED, text, now=now)
    group.look_at = group.next_due_at = now
    group.save()


def _tell_channels(group: AlertGroup, *, now: datetime) -> None:
    """Tell the services that were told, not the people: theirs show who takes care, and stop by themselves."""
    services = [one for one in told_receivers(group) if one.channel == CONFIGURED]
    if services:
        group.sequence += 1
        queue(group, DeliveryEvent.ACKNOWLEDGED, services, now=now)


def _earliest(group: AlertGroup) -> datetime | None:
    moments = [moment for moment in (group.look_at, group.timer_at) if moment is not None]
    return min(moments, default=None)
