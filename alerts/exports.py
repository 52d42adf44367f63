"""What alerting says to Prometheus. Gauges: rows end and are cleaned away, and a counter may not fall."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.choices import AlertState, DeliveryState
from alerts.models import Alert, Heartbeat, Notification

DAY = timedelta(hours=24)


def alert_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    """Alerts, heartbeats and deliveries of the projects (what waits to be judged or sent, of all: `own_measures`)."""
    now = timezone.now()
    yield _alerts(project_ids)
    yield _heartbeats(project_ids)
    yield _deliveries(project_ids, now)


def _alerts(project_ids: Sequence[int]) -> Metric:
    family = GaugeMetricFamily("tradewatch_alerts", "Open alerts.", labels=["project", "state", "severity"])
    rows = Alert.objects.filter(
        project__in=project_ids, simulated="", state__in=[AlertState.FIRING, AlertState.ACKNOWLEDGED]
    )
    for *labels, count in rows.order_by().values_list("project__slug", "state", "severity").annotate(Count("pk")):
        family.add_metric(labels, count)
    return family


def _heartbeats(project_ids: Sequence[int]) -> Metric:
    family = GaugeMetricFamily("tradewatch_heartbeats", "Heartbeats by state.", labels=["project", "state"])
    rows = Heartbeat.objects.filter(project__in=project_ids)
    for *labels, count in rows.order_by().values_list("project__slug", "state").annotate(Count("pk")):
        family.add_metric(labels, count)
    return family


def _deliveries(project_ids: Sequence[int], now: datetime) -> Metric:
    family = GaugeMetricFamily(
        "tradewatch_deliveries",
        "Notifications decided in the last 24 hours, by what became of them.",
        labels=["outcome"],
    )
    rows = Notification.objects.filter(created_at__gte=now - DAY, group__project__in=project_ids)
    counts = dict(rows.order_by().values_list("state").annotate(Count("pk")))
    for outcome in DeliveryState.values:
        family.add_metric([outcome], counts.get(outcome, 0))
    return family
