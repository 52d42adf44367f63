from celery import shared_task
from django.utils import timezone

from tradewatch.metrics.own.keeping import keep_own as keep_own_measures
from tradewatch.metrics.retention import delete_old


@shared_task
def delete_old_metrics() -> None:
    """Hourly. Interrupted or run twice it does no harm."""
    delete_old(timezone.now())


@shared_task
def keep_own() -> None:
    """Each minute. Twice in one does no harm: the mean counts."""
    keep_own_measures(timezone.now())
