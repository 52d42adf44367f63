from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from alerts.choices import AlertSeverity, AlertState, DeliveryState
from alerts.models import Alert, Notification, TimelineEntry


@dataclass(frozen=True, slots=True)
class OpenAlertCounts:
    """`critical_firing`: critical and acknowledged by nobody, what the sidebar shows in red."""

    total: int
    firing: int
    critical_firing: int


def open_alerts(project_ids: Sequence[int], environment: str | None = None) -> QuerySet[Alert]:
    """Return firing and acknowledged alerts, newest first. An alert without an environment belongs to each.

    Simulated ones are left out, here and wherever alerts are counted: they have a page, and their session leads to it.
    """
    alerts = Alert.objects.filter(project_id__in=project_ids, simulated="").exclude(state=AlertState.RESOLVED)
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


def last_end(project_ids: Sequence[int]) -> datetime | None:
    """Return when the newest alert that ended did; None: none ever fired."""
    ended = Alert.objects.filter(project_id__in=project_ids, simulated="", state=AlertState.RESOLVED)
    return ended.order_by("-starts_at").values_list("resolved_at", flat=True).first()


def maybe_told(notifications: QuerySet[Notification]) -> QuerySet[Notification]:
    """Return those whose receiver has, or may have, read them."""
    left = [DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNKNOWN]
    return notifications.filter(Q(state__in=left) | Q(may_be_repeat=True))


def timeline_of(alert: Alert) -> QuerySet[TimelineEntry]:
    """Return what happened to the alert and, since it joined them, to its groups; newest first."""
    mine = Q(alert=alert)
    for group_id, joined_at in alert.memberships.values_list("group_id", "joined_at"):
        mine |= Q(group_id=group_id, at__gte=joined_at)
    return TimelineEntry.objects.filter(mine).order_by("-at", "-id")


def deliveries_of(alert: Alert) -> QuerySet[Notification]:
    """Return the notifications of the alert's groups, newest first."""
    groups = alert.memberships.values_list("group_id", flat=True)
    return Notification.objects.filter(group__in=list(groups)).order_by("-id")
