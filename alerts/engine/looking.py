"""One look at a group that is due: what holds its alerts, what to tell, which step is next. One transaction a group."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from alerts.choices import AlertSeverity, AlertState, EntryKind, GroupState
from alerts.engine.acknowledging import acknowledge_what_is_left
from alerts.engine.plans import Plan, read_plan
from alerts.engine.reminding import remind
from alerts.engine.stepping import escalate
from alerts.engine.surroundings import Surroundings, held_words, read_surroundings
from alerts.engine.telling import close, tell
from alerts.grouping import Close, Group, Member, Tell, Wait, decide
from alerts.models import AlertGroup, GroupMember
from alerts.timeline import entry
from tradewatch.core import bulk
from tradewatch.core.live import push

ROUND_SIZE = 200
MEMBER_FIELDS = ("group", "joined_at", "told_sequence", "told_severity", "end_sequence", "held_by", "released_by")
ALERT_FIELDS = ("state", "severity", "starts_at", "snoozed_until", "snoozed_by")
STILL_MATTERS = ~Q(alert__state=AlertState.RESOLVED) | Q(told_sequence__isnull=False, end_sequence=None)


@dataclass(frozen=True, slots=True)
class Seen:
    """A membership and what was made of it at this look."""

    row: GroupMember
    member: Member


def look_at_due_groups(now: datetime) -> int:
    """Look at the groups that are due, each alone under its lock. Returns how many were."""
    due = AlertGroup.objects.exclude(state=GroupState.ENDED).filter(next_due_at__lte=now)
    ids = list(due.order_by("next_due_at", "id").values_list("pk", flat=True)[:ROUND_SIZE])
    if not ids:
        return 0
    around, looked = read_surroundings(now), 0
    for group_id in ids:
        with transaction.atomic():
            rows = due.filter(pk=group_id).select_related("project")
            group = rows.select_for_update(skip_locked=True, no_key=True, of=("self",)).first()
            if group is not None:
                look(group, around, now=now)
                looked += 1
    return looked


def look(group: AlertGroup, around: Surroundings, *, now: datetime) -> None:
    """Decide about a locked group and write what was decided, all or nothing."""
    plan = read_plan(group.plan)
    seen = see(group, plan, around)
    _note_what_holds(seen, now=now)
    members = [one.member for one in seen]
    if group.look_at is None or group.look_at <= now:
        decision = decide(
            Group(members=members, looked_at=group.looked_at, told_at=group.told_at), plan.timing, now=now
        )
        match decision:
            case Tell():
                tell(group, plan, decision, [one.row for one in seen], now=now)
            case Close():
                close(group, decision.reason, now=now)
            case Wait():
                _wait(group, plan, decision)
    if group.is_open:
        _note_state(group, _state(members), now=now)
        escalate(group, plan, members, now=now)
        remind(group, plan, now=now)
    group.next_due_at = _next_due(group, members, now=now)
    group.save()
    transaction.on_commit(lambda: push("alerts", group.project_id))


def see(group: AlertGroup, plan: Plan, around: Surroundings) -> list[Seen]:
    """Return the group's alerts that still matter: open, or ended and somebody is owed that word."""
    rows = group.members.filter(STILL_MATTERS).select_related("alert")
    if around.needs_labels:
        rows = rows.prefetch_related("alert__project", "alert__team", "alert__rule")
    else:  # a group may hold ten thousand: without labels their texts and tags need not be read
        rows = rows.only(*MEMBER_FIELDS, *(f"alert__{name}" for name in ALERT_FIELDS))
    return [Seen(row, _member(row, plan, around)) for row in rows.order_by("id")]


def _member(row: GroupMember, plan: Plan, around: Surroundings) -> Member:
    alert = row.alert
    held_by, held_until = held_words(around.suppressions_of(alert, plan.quiet_ids)) if alert.is_open else ("", None)
    return Member(
        id=alert.pk,
        severity=AlertSeverity(alert.severity),
        since=min(row.joined_at, alert.starts_at),
        is_open=alert.is_open,
        is_acknowledged=alert.state == AlertState.ACKNOWLEDGED,
        held_by=held_by,
        held_until=held_until,
        was_held_by=row.released_by or ("" if held_by else row.held_by),
        is_told=row.told_sequence is not None,
        told_as=AlertSeverity(row.told_severity) if row.told_severity else None,
        is_end_told=row.end_sequence is not None,
    )


def _note_what_holds(seen: Sequence[Seen], *, now: datetime) -> None:
    """Write down what began or ceased to hold an alert since the last look."""
    changed = [one for one in seen if one.member.is_open and one.row.held_by != one.member.held_by[:400]]
    entries = []
    for one in changed:
        if one.member.held_by:
            entries.append(entry(one.row.alert, EntryKind.HELD, f"No message. {one.member.held_by}", now=now))
        else:
            text = f"No longer held, it still fires. It was: {one.row.held_by}"
            entries.append(entry(one.row.alert, EntryKind.RELEASED, text, now=now))
            one.row.released_by = one.row.held_by
        one.row.held_by = one.member.held_by[:400]
    bulk.insert_objects(entries)
    bulk.update_objects([one.row for one in changed], ["held_by", "released_by"])


def _wait(group: AlertGroup, plan: Plan, decision: Wait) -> None:
    if group.looked_at is not None and decision.until > group.looked_at + plan.timing.interval:
        group.looked_at = decision.until - plan.timing.interval
    group.look_at = decision.until


def _note_state(group: AlertGroup, state: GroupState, *, now: datetime) -> None:
    has_become = state == GroupState.ACKNOWLEDGED and group.state != state
    if has_become and group.timer_at is None:
        acknowledge_what_is_left(group, now=now)
    group.state = state


def _state(members: Sequence[Member]) -> GroupState:
    still_open = [member for member in members if member.is_open]
    if still_open and all(member.is_acknowledged for member in still_open):
        return GroupState.ACKNOWLEDGED
    return GroupState.FIRING


def _next_due(group: AlertGroup, members: Sequence[Member], *, now: datetime) -> datetime | None:
    if not group.is_open:
        return None
    releases = [member.held_until for member in members if member.held_until is not None and member.held_until > now]
    can_step = any(member.fires for member in members)  # a step waits for as long as everything is held
    moments = [group.look_at, group.timer_at, group.step_at if can_step else None, min(releases, default=None)]
    return min((moment for moment in moments if moment is not None), default=now)
