"""How long buckets are kept, and their deletion in steps that hold the write lock only briefly."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Model, QuerySet

from tradewatch.metrics.models import Counter, Histogram, Resolution, UserSketch

MINUTES_KEPT = timedelta(days=30)
ROWS_A_STEP = 2000


def delete_old(now: datetime) -> int:
    """Delete buckets past their time and return how many. Minutes live 30 days or METRIC_RETENTION, whichever is less.

    A bucket goes when it has ended before the limit.
    """
    minutes = _epoch(now - min(MINUTES_KEPT, settings.METRIC_RETENTION)) - Resolution.MINUTE
    hours = _epoch(now - settings.METRIC_RETENTION) - Resolution.HOUR
    days = _epoch(now - settings.METRIC_RETENTION) - Resolution.DAY
    return sum(
        _delete_in_steps(rows)
        for rows in (
            Counter.objects.filter(resolution=Resolution.MINUTE, start__lt=minutes),
            Counter.objects.filter(resolution=Resolution.HOUR, start__lt=hours),
            Counter.objects.filter(resolution=Resolution.DAY, start__lt=days),
            Histogram.objects.filter(resolution=Resolution.MINUTE, start__lt=minutes),
            Histogram.objects.filter(resolution=Resolution.HOUR, start__lt=hours),
            Histogram.objects.filter(resolution=Resolution.DAY, start__lt=days),
            UserSketch.objects.filter(resolution=Resolution.HOUR, start__lt=hours),
            UserSketch.objects.filter(resolution=Resolution.DAY, start__lt=days),
        )
    )


def _delete_in_steps(rows: QuerySet[Model]) -> int:
    deleted = 0
    while step := list(rows.values_list("pk", flat=True)[:ROWS_A_STEP]):
        deleted += rows.model._default_manager.filter(pk__in=step).delete()[0]
    return deleted


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
