from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q, QuerySet

from alerts.choices import AlertSeverity, AlertState, DeliveryState, EntryKind
from alerts.models import Alert, Notification, TimelineEntry


@dataclass(frozen=True, slots=True)
class OpenAlertCounts:
    """`critical_firing`: critical and acknowledged by nobody, what the sidebar shows in red."""

    total: int
    firing: int
    critical_firing: int


def open_alerts(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Alert]:
    """Return firing and acknowledged alerts, newest first. An alert without an environment belongs to each."""
    alerts = Alert.objects.filter(project_id__in=project_ids).exclude(state=AlertState.RESOLVED)
    if environment:
        alerts = alerts.filter(Q(environment=environment) | Q(environment=""))
    return alerts.select_related("project").order_by("-starts_at", "-id")


def open_alert_counts(project_ids: Sequence[int], environment: str | None = None) -> OpenAlertCounts:
    firing = Q(state=AlertState.FIRING)
    counts = (
        open_alerts(project_ids, environment)
        .order_by()
        .aggregate(
            total=Count("id"),
            firing=Count("id", filter=firing),
            critical_firing=Count("id", filter=firing & Q(severity=AlertSeverity.CRITICAL)),
        )
    )
    return OpenAlertCounts(**counts)


def maybe_told(notifications: QuerySet[Notification]) -> QuerySet[Notification]:
    """Return those whose receiver has, or may have, read them."""
    left = [DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNKNOWN]
    return notifications.filter(Q(state__in=left) | Q(may_be_repeat=True))


def held_since_last_mail(target: str, project_id: int, *, now: datetime) -> int:
    """Return how many alerts of the project got no mail (too many within the hour) since the last one to `target`.

    Looks back a day at most.
    """
    day_ago = now - timedelta(days=1)
    sent = Notification.objects.filter(created_at__gt=day_ago, target=target, alert__project_id=project_id)
    last = sent.aggregate(last=Max("sent_at"))["last"]
    held = TimelineEntry.objects.filter(kind=EntryKind.HELD, at__gt=last or day_ago, alert__project_id=project_id)
    return held.values("alert").distinct().count()
