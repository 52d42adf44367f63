"""What follows an acknowledgement that nothing ended: a reminder, then the alert fires again (`timers`)."""

from datetime import datetime, timedelta

from alerts.choices import DeliveryEvent, EntryKind, GroupState
from alerts.engine.outbox import queue, told_receivers
from alerts.engine.plans import Plan
from alerts.models import AlertGroup
from alerts.timeline import note
from alerts.words import clock_words, duration_words

REMINDER, UNACKNOWLEDGE = "reminder", "fires_again"  # at most 12 characters, as its column


def start_timer(group: AlertGroup, plan: Plan, *, now: datetime) -> None:
    """Set the timer of a fresh acknowledgement; it carries its number, so that a stale one does nothing."""
    group.timer_of = group.acknowledgement
    if plan.reminder_after:
        group.timer_kind, group.timer_at = REMINDER, now + plan.reminder_after
    elif plan.unacknowledge_after:
        group.timer_kind, group.timer_at = UNACKNOWLEDGE, now + plan.unacknowledge_after
    else:
        stop_timer(group)


def stop_timer(group: AlertGroup) -> None:
    group.timer_kind, group.timer_at = "", None


def timer_moment(group: AlertGroup, plan: Plan, *, now: datetime) -> datetime:
    """Return when the group's timer is due, counted from its acknowledgement; at once where that is not known."""
    if group.acknowledged_at is None:
        return now
    more = plan.unacknowledge_after if group.timer_kind == UNACKNOWLEDGE else timedelta()
    return group.acknowledged_at + plan.reminder_after + more


def is_timer_valid(group: AlertGroup) -> bool:
    return group.state == GroupState.ACKNOWLEDGED and group.timer_of == group.acknowledgement


def remind(group: AlertGroup, plan: Plan, *, now: datetime) -> None:
    """Remind whoever was told, when it is time, and start the time after which it fires again."""
    if group.timer_at is None or group.timer_at > now:
        return
    if not is_timer_valid(group):
        stop_timer(group)
        return
    if group.timer_kind != REMINDER:
        return  # `timers` does it: it needs the alerts' locks first
    group.sequence += 1
    receivers = told_receivers(group)
    mine = [one for one in receivers if one.user_id is not None and one.user_id == group.acknowledger_id]
    queue(group, DeliveryEvent.REMINDER, mine or receivers, now=now)
    since = duration_words(now - (group.acknowledged_at or now))
    then = "."
    if plan.unacknowledge_after:
        group.timer_kind, group.timer_at = UNACKNOWLEDGE, now + plan.unacknowledge_after
        then = f", and fires again at {clock_words(group.timer_at, now=now)} unless it ends or is acknowledged anew."
    else:
        stop_timer(group)
    text = f"Reminder: acknowledged by {group.acknowledged_by} {since} ago, it has not ended{then}"
    note(group, EntryKind.DECIDED, text, now=now)
