"""The words and values of one notification, as its group is when the message leaves."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Max, Min, Q, QuerySet

from alerts.channels.message import Event, Message
from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState, DeliveryEvent, DeliveryState
from alerts.delivery.digests import digest_message
from alerts.delivery.lines import line_of
from alerts.describing import facts_of
from alerts.links import Action, signed_url
from alerts.models import Alert, AlertGroup, GroupMember, Notification
from alerts.queries import maybe_told
from alerts.words import clock_words, counted

MOST_ALERTS = 20
CHUNK = 900
_NEEDED_OF_ALL = ("state", "severity", "environment", "starts_at", "resolved_at")  # a group may hold ten thousand
_EVENTS: dict[str, Event] = {
    DeliveryEvent.FIRING: "firing",
    DeliveryEvent.ACKNOWLEDGED: "acknowledged",
    DeliveryEvent.REMINDER: "acknowledged",
    DeliveryEvent.RESOLVED: "resolved",
}


def build_message(row: Notification, *, now: datetime) -> Message | None:
    """Return the message; None when nothing is left to say: all that it would tell of has ended, or is held again."""
    if row.event == DeliveryEvent.DIGEST:
        return digest_message(row, now=now)
    group = row.group
    alerts = _alerts_of(row)
    line = line_of(row)
    has_ended = row.event == DeliveryEvent.RESOLVED
    ended = _ended_with(row) if not has_ended and line.sends_resolves else []
    if not alerts:
        return None
    shown = _whole(sorted(alerts, key=lambda alert: (-_rank(alert), alert.pk))[:MOST_ALERTS])
    worst = shown[0]
    return Message(
        event=_EVENTS[row.event],
        headline=_headline(row, worst, len(alerts), len(ended)),
        severity=worst.severity,
        project=group.project.name,
        environment=_common([alert.environment for alert in alerts]),
        alerts=tuple(facts_of(alert) for alert in [*shown, *_whole(ended[: MOST_ALERTS - len(shown)])]),
        more_alerts=len(alerts) + len(ended) - min(MOST_ALERTS, len(alerts) + len(ended)),
        likely_cause="" if has_ended else str(worst.metadata.get("likely_cause", "")),
        why=row.why,
        next_step="" if has_ended else _next_step(group, now=now),
        held="" if has_ended else _held(group),
        starts_at=min(alert.starts_at for alert in alerts),
        ended_at=max((alert.resolved_at for alert in alerts if alert.resolved_at), default=None) if has_ended else None,
        labels=group.labels,
        dedup_key=f"tradewatch-group-{group.pk}",
        idempotency_key=f"notification-{row.pk}",
        may_be_repeat=row.may_be_repeat,
        is_simulated=bool(group.simulated),
        url=settings.PUBLIC_URL + worst.get_absolute_url(),
        acknowledge_url=_answer_url(row, "acknowledge", now=now) if row.event == DeliveryEvent.FIRING else "",
        resolve_url="" if has_ended else _answer_url(row, "resolve", now=now),
    )


def _answer_url(row: Notification, action: Action, *, now: datetime) -> str:
    return signed_url("group", row.group_id, action, line_of(row).name, user_id=row.user_id, now=now)


def _alerts_of(row: Notification) -> list[Alert]:
    members = GroupMember.objects.filter(group=row.group_id)
    match row.event:
        case DeliveryEvent.RESOLVED:
            return _read(members.filter(_ends_told_by(row)))
        case DeliveryEvent.FIRING:  # what was acknowledged meanwhile needs nobody else, unless it is all there is
            told = [alert for alert in _read(members.filter(told_sequence__isnull=False)) if alert.is_open]
            return [alert for alert in told if alert.state == AlertState.FIRING] or told
    return [alert for alert in _read(members) if alert.is_open]


def _read(members: QuerySet[GroupMember]) -> list[Alert]:
    # Not joined: while PostgreSQL still believes both tables to be small, it compares each row with each other.
    ids = sorted(members.order_by().values_list("alert_id", flat=True))
    rows = Alert.objects.only(*_NEEDED_OF_ALL).order_by("id")
    return [alert for at in range(0, len(ids), CHUNK) for alert in rows.filter(pk__in=ids[at : at + CHUNK])]


def _whole(alerts: Sequence[Alert]) -> list[Alert]:
    """Read the rest of the few that are shown."""
    found = Alert.objects.in_bulk([alert.pk for alert in alerts])
    return [found[alert.pk] for alert in alerts if alert.pk in found]


def _ends_told_by(row: Notification) -> Q:
    """Return the condition of members whose end the row tells: all that its receiver may know to fire.

    Not only what ended last. An end that was told beside what still fired reached the receivers of the route, whom a
    step had asked did not get it, and nobody did where that message never left.
    """
    rows = row.group.notifications.filter(sequence__lt=row.sequence)
    before = rows.filter(event=DeliveryEvent.RESOLVED).aggregate(last=Max("sequence"))["last"] or 0
    mine = rows.filter(channel=row.channel, target=row.target, sequence__gt=before)
    heard = maybe_told(mine.exclude(event__in=[DeliveryEvent.RESOLVED, DeliveryEvent.DIGEST]))
    first = heard.aggregate(first=Min("sequence"))["first"]
    told = list(mine.filter(event=DeliveryEvent.FIRING, state=DeliveryState.SENT).values_list("sequence", flat=True))
    since = row.sequence if first is None else first
    earlier = Q(end_sequence__gt=since, end_sequence__lt=row.sequence) & ~Q(end_sequence__in=told)
    return earlier | Q(end_sequence=row.sequence)


def _ended_with(row: Notification) -> list[Alert]:
    """Alerts whose end this message tells beside what still fires."""
    return _read(GroupMember.objects.filter(group=row.group_id, end_sequence=row.sequence))


def _headline(row: Notification, worst: Alert, count: int, ended: int) -> str:
    others = f" and {counted(count - 1, 'other')}" if count > 1 else ""
    match row.event:
        case DeliveryEvent.RESOLVED:
            return f"{worst.ending}{others}" if count == 1 else f"Ended: {worst.title}{others}"
        case DeliveryEvent.REMINDER:
            return f"Still open, acknowledged by {row.group.acknowledged_by}: {worst.title}{others}"
    return f"{worst.title}{others}" + (f", {ended} ended" if ended else "")


def _next_step(group: AlertGroup, *, now: datetime) -> str:
    if group.acknowledged_by and group.acknowledged_at and group.step_at is None and group.state == "acknowledged":
        return f"Acknowledged by {group.acknowledged_by}. You are told when it ends."
    if group.step_at is None or group.step is None:
        return ""
    name = (group.plan.get("policy") or {}).get("name", "the policy")
    return f"Step {group.step + 1} of {name} at {clock_words(group.step_at, now=now)}, unless somebody acknowledges."


def _held(group: AlertGroup) -> str:
    held = group.members.exclude(held_by="").exclude(alert__state=AlertState.RESOLVED)
    count = held.count()
    first = held.values_list("held_by", flat=True).first()
    return f"{counted(count, 'alert')} of this group held back: {first}" if count else ""


def _common(values: Sequence[str]) -> str:
    return values[0] if len(set(values)) == 1 else ""


def _rank(alert: Alert) -> int:
    return SEVERITY_RANK[AlertSeverity(alert.severity)]
