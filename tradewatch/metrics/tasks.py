from celery import shared_task
from django.utils import timezone

from tradewatch.metrics.retention import delete_old


@shared_task
def delete_old_metrics() -> None:
    """Hourly. Interrupted or run twice it does no harm."""
    delete_old(timezone.now())
