"""A group's message: marks what it says of which alert, names its receivers, writes why."""

from collections.abc import Sequence
from datetime import datetime

from alerts.choices import AlertSeverity, DeliveryEvent, EntryKind, GroupState, Simulated
from alerts.engine.outbox import drop_unsent, queue, told_receivers, who_hear_of_ends
from alerts.engine.plans import Plan
from alerts.engine.receivers import Receiver, route_receivers
from alerts.grouping import Tell
from alerts.models import AlertGroup, GroupMember
from alerts.policies.steps import first_step
from alerts.timeline import note, note_once
from alerts.words import counted

UNHEARD = (DeliveryEvent.FIRING, DeliveryEvent.REMINDER, DeliveryEvent.ACKNOWLEDGED)


def tell(group: AlertGroup, plan: Plan, decision: Tell, rows: Sequence[GroupMember], *, now: datetime) -> None:
    group.sequence += 1
    group.looked_at, group.look_at = now, now + plan.timing.interval
    _mark(group, decision, rows)
    if decision.ended:
        _tell_the_end(group, decision, now=now)
    else:
        _tell_it_fires(group, plan, decision, now=now)


def close(group: AlertGroup, reason: str, *, now: datetime) -> None:
    """End a group of which nobody is owed a word."""
    drop_unsent(group, UNHEARD)
    group.state, group.ended_at = GroupState.ENDED, now
    group.look_at = group.step_at = group.step = group.timer_at = None
    note(group, EntryKind.DECIDED, reason, now=now)


def _mark(group: AlertGroup, decision: Tell, rows: Sequence[GroupMember]) -> None:
    fresh, ends = set(decision.fresh), set(decision.ends)
    changed = [row for row in rows if row.alert_id in fresh or row.alert_id in ends]
    for row in changed:
        if row.alert_id in fresh:
            row.told_sequence = row.told_sequence or group.sequence
            row.told_severity, row.released_by = row.alert.severity, ""
        else:
            row.end_sequence = group.sequence
    # One statement a kind of change, however many alerts: ten thousand rows by bulk_update take seconds.
    for severity in AlertSeverity:
        told = [row.pk for row in changed if row.alert_id in fresh and row.told_severity == severity]
        _update(told, told_severity=severity, released_by="")
    _update([row.pk for row in changed if row.told_sequence == group.sequence], told_sequence=group.sequence)
    _update([row.pk for row in changed if row.end_sequence == group.sequence], end_sequence=group.sequence)
    known = [row for row in rows if row.told_sequence is not None and row.end_sequence is None]
    group.told_critical = any(row.told_severity == AlertSeverity.CRITICAL for row in known)


def _update(ids: Sequence[int], **fields: object) -> None:
    for at in range(0, len(ids), 900):
        GroupMember.objects.filter(pk__in=ids[at : at + 900]).update(**fields)


def _tell_it_fires(group: AlertGroup, plan: Plan, decision: Tell, *, now: datetime) -> None:
    receivers, nobody = route_receivers(group, plan)
    if decision.fresh and group.step is None:
        start_escalation(group, plan, now=now)
    if decision.ends and not decision.fresh:
        receivers = who_hear_of_ends(receivers)
    if nobody:
        note_once(group, EntryKind.NOBODY, nobody, now=now)
    group.told_at = now
    queue(group, DeliveryEvent.FIRING, receivers, now=now)
    note(group, EntryKind.DECIDED, f"{decision.reason} {_to(group, receivers)}", now=now)


def start_escalation(group: AlertGroup, plan: Plan, *, now: datetime) -> None:
    first = first_step(plan.policy, now) if plan.policy is not None else None
    group.step, group.round, group.step_at = (first.step, first.round, first.at) if first else (None, 0, None)


def _tell_the_end(group: AlertGroup, decision: Tell, *, now: datetime) -> None:
    # First drop, then look who was told: what a worker claims in between is no longer pending and counts as told.
    dropped = drop_unsent(group, UNHEARD)
    receivers = who_hear_of_ends(told_receivers(group))
    queue(group, DeliveryEvent.RESOLVED, receivers, now=now)
    group.ended_sequence, group.told_at = group.sequence, None
    group.step = group.step_at = group.timer_at = None
    unsent = f" {counted(dropped, 'unsent message')} dropped: it ended first." if dropped else ""
    note(group, EntryKind.DECIDED, f"{decision.reason} {_to(group, receivers)}{unsent}", now=now)


def _to(group: AlertGroup, receivers: Sequence[Receiver]) -> str:
    if not receivers:
        return "No message by the route itself."
    names = ", ".join(receiver.words for receiver in receivers[:5])
    more = f" and {len(receivers) - 5} more" if len(receivers) > 5 else ""
    return f"{'Not sent, simulated: to' if group.simulated == Simulated.HELD else 'To'} {names}{more}."
