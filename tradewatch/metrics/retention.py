"""How long buckets are kept, and their deletion in steps that hold the write lock only briefly."""

from datetime import datetime, timedelta

from django.db.models import Model, QuerySet

from tradewatch.metrics.ages import bucket_ages
from tradewatch.metrics.models import (
    Counter,
    Histogram,
    Metric,
    MetricBucket,
    MetricFold,
    MetricReceipt,
    MetricSeries,
    Resolution,
    SeriesSketch,
    UserSketch,
)

RECEIPTS_KEPT = timedelta(days=3)  # a client that sends a container again does so within minutes
ROWS_A_STEP = 2000
BUCKETS_A_STEP = 100  # packed ones are up to some hundred kilobytes each


def delete_old(now: datetime) -> int:
    """Delete buckets past their time (`bucket_ages`) and return how many. One goes when all of it is past."""
    minutes, hours, days = (_epoch(now - age) - resolution for resolution, age in sorted(bucket_ages().items()))
    return sum(
        _delete_in_steps(rows)
        for rows in (
            Counter.objects.filter(resolution=Resolution.MINUTE, start__lt=minutes),
            Counter.objects.filter(resolution=Resolution.HOUR, start__lt=hours),
            Counter.objects.filter(resolution=Resolution.DAY, start__lt=days),
            Histogram.objects.filter(resolution=Resolution.MINUTE, start__lt=minutes),
            Histogram.objects.filter(resolution=Resolution.HOUR, start__lt=hours),
            Histogram.objects.filter(resolution=Resolution.DAY, start__lt=days),
            SeriesSketch.objects.filter(resolution=Resolution.HOUR, start__lt=hours),
            SeriesSketch.objects.filter(resolution=Resolution.DAY, start__lt=days),
            UserSketch.objects.filter(resolution=Resolution.HOUR, start__lt=hours),
            UserSketch.objects.filter(resolution=Resolution.DAY, start__lt=days),
        )
    ) + _delete_old_points(now, minutes=minutes, hours=hours, days=days)


def _delete_old_points(now: datetime, *, minutes: int, hours: int, days: int) -> int:
    """Delete packed buckets with what belongs to them; a metric and a series go when their last bucket has gone."""
    limit = now - bucket_ages()[Resolution.DAY] - timedelta(days=2)  # a series' moment is the first of its last day
    buckets = sum(
        _delete_in_steps(MetricBucket.objects.filter(resolution=resolution, start__lt=start), BUCKETS_A_STEP)
        for resolution, start in ((Resolution.MINUTE, minutes), (Resolution.HOUR, hours), (Resolution.DAY, days))
    )
    return buckets + sum(
        _delete_in_steps(rows)
        for rows in (
            MetricFold.objects.filter(start__lt=hours),
            MetricReceipt.objects.filter(received_at__lt=now - RECEIPTS_KEPT),
            MetricSeries.objects.filter(last_seen_at__lt=limit),
            Metric.objects.filter(last_seen_at__lt=limit, metricbucket=None),
        )
    )


def _delete_in_steps(rows: QuerySet[Model], size: int = ROWS_A_STEP) -> int:
    deleted = 0
    while step := list(rows.values_list("pk", flat=True)[:size]):
        deleted += rows.model._default_manager.filter(pk__in=step).delete()[0]
    return deleted


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
