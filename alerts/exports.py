"""What alerting says to Prometheus. Gauges: rows end and are cleaned away, and a counter may not fall."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client.core import GaugeMetricFamily, Metric

from alerts.choices import AlertState, DeliveryState
from alerts.models import Alert, Heartbeat, Notification, OccurrenceRecord

DAY = timedelta(hours=24)


def alert_families(project_ids: Sequence[int]) -> Iterator[Metric]:
    """Alerts, heartbeats and deliveries of the projects; what waits to be judged or sent, of all."""
    now = timezone.now()
    yield _alerts(project_ids)
    yield _heartbeats(project_ids)
    yield _deliveries(project_ids, now)
    yield from _queues(now)


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


def _queues(now: datetime) -> Iterator[Metric]:
    waiting = {
        "occurrences": OccurrenceRecord.objects.filter(judged_at=None).aggregate(
            count=Count("pk"), oldest=Min("occurred_at")
        ),
        "deliveries": Notification.objects.filter(state=DeliveryState.PENDING, next_due_at__lte=now).aggregate(
            count=Count("pk"), oldest=Min("next_due_at")
        ),
    }
    counts = GaugeMetricFamily("tradewatch_queue_waiting", "What is due and not yet done.", labels=["queue"])
    ages = GaugeMetricFamily(
        "tradewatch_queue_oldest_age_seconds", "For how long the oldest of it is due; 0 without any.", labels=["queue"]
    )
    for name, found in waiting.items():
        counts.add_metric([name], found["count"])
        ages.add_metric([name], max(0.0, (now - found["oldest"]).total_seconds()) if found["oldest"] else 0.0)
    yield counts
    yield ages
