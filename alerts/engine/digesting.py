"""The digest of what quiet hours held, told once before they end. Whatever still fires then is told by its group."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from alerts.choices import SEVERITY_RANK, AlertSeverity, AlertState, DeliveryEvent, EntryKind, GroupState
from alerts.engine.plans import Plan, read_plan
from alerts.engine.receivers import Receiver, route_receivers, step_receivers
from alerts.models import (
    CONFIGURED,
    Alert,
    AlertGroup,
    Digest,
    GroupMember,
    Notification,
    NotificationChannel,
    QuietHours,
    TimelineEntry,
)
from alerts.policies.steps import plan as plan_step
from alerts.quiet_hours import quiet_now
from alerts.suppression.quiet import digest_at
from alerts.timeline import entry
from alerts.words import clock_words
from tradewatch.core.kick import kick

DIGEST_STEP = -2  # beside the steps of a policy (from 0) and the route's own messages (-1)
PAGER = "pagerduty"  # a digest is read, it pages nobody: that happens when the quiet hours end
KEPT = timedelta(days=30)


def send_due_digests(now: datetime) -> int:
    """Queue the digests that are due. Returns how many; each end of quiet hours has at most one, whoever asks."""
    made = 0
    for quiet in QuietHours.objects.filter(digest_minutes__gt=0, route__isnull=False).distinct():
        state = quiet_now(quiet, now)
        due = digest_at(state, timedelta(minutes=quiet.digest_minutes))
        if state.until is not None and due is not None and due <= now < state.until:
            made += _make(quiet, state.until, now=now)
    return made


def forget_old_digests(now: datetime) -> int:
    return Digest.objects.filter(made_at__lt=now - KEPT).delete()[0]


def _make(quiet: QuietHours, ends_at: datetime, *, now: datetime) -> bool:
    if Digest.objects.filter(quiet_hours=quiet, ends_at=ends_at).exists():
        return False
    try:
        with transaction.atomic():
            digest = Digest.objects.create(quiet_hours=quiet, ends_at=ends_at, made_at=now)
            _queue(digest, quiet, now=now)
    except IntegrityError:  # another worker made it
        return False
    return True


def _queue(digest: Digest, quiet: QuietHours, *, now: datetime) -> None:
    items: dict[str, list[int]] = {}
    firsts: dict[str, tuple[AlertGroup, Receiver]] = {}
    entries = []
    for group, alerts in _held(quiet):
        for receiver in _receivers(group, read_plan(group.plan), alerts, now=now):
            key = f"{receiver.channel}:{receiver.target}"
            firsts.setdefault(key, (group, receiver))
            items.setdefault(key, []).extend(alert.pk for alert in alerts)
        text = f"In the digest of quiet hours {quiet.name}, which end at {clock_words(digest.ends_at, now=now)}."
        entries += [entry(alert, EntryKind.TOLD, text, now=now) for alert in alerts]
    digest.items = items
    digest.save(update_fields=["items"])
    TimelineEntry.objects.bulk_create(entries)
    Notification.objects.bulk_create(
        Notification(
            group=group,
            step=DIGEST_STEP,
            channel=receiver.channel,
            target=receiver.target,
            user_id=receiver.user_id,
            why=receiver.why[:300],
            event=DeliveryEvent.DIGEST,
            sequence=digest.pk,
            next_due_at=now,
            created_at=now,
        )
        for group, receiver in firsts.values()
    )
    transaction.on_commit(lambda: kick("deliver"))


def _held(quiet: QuietHours) -> Iterator[tuple[AlertGroup, list[Alert]]]:
    """Yield the open groups that keep these quiet hours with the alerts below the bypass that they hold."""
    groups = (
        AlertGroup.objects.exclude(state=GroupState.ENDED)
        .filter(members__held_by__gt="", simulated="")
        .select_related("project")
    )
    passes = SEVERITY_RANK[AlertSeverity(quiet.bypass_severity)]
    for group in groups.distinct().order_by("id"):
        if quiet.pk not in read_plan(group.plan).quiet_ids:
            continue
        members = GroupMember.objects.filter(group=group, held_by__gt="", alert__state=AlertState.FIRING)
        rows = [member.alert for member in members.select_related("alert").order_by("alert_id")]
        alerts = [alert for alert in rows if SEVERITY_RANK[AlertSeverity(alert.severity)] < passes]
        if alerts:
            yield group, alerts


def _receivers(group: AlertGroup, plan: Plan, alerts: list[Alert], *, now: datetime) -> list[Receiver]:
    """Return whom the route tells, and whom the first step of its policy would page at the end."""
    found, _ = route_receivers(group, plan)
    first = plan_step(plan.policy, 0, 0, now) if plan.policy is not None else None
    if first is not None and not first.is_round_robin:
        worst = max((AlertSeverity(alert.severity) for alert in alerts), key=lambda each: SEVERITY_RANK[each])
        found = [*found, *step_receivers(group, first, worst, now=now)[0]]
    pagers = {str(pk) for pk in NotificationChannel.objects.filter(kind=PAGER).values_list("pk", flat=True)}
    told = [one for one in found if one.channel != CONFIGURED or one.target not in pagers]
    return list({(one.channel, one.target): one for one in told}.values())
