from celery import shared_task
from django.utils import timezone

from tradewatch.performance.traces.retention import delete_old


@shared_task
def delete_old_traces() -> None:
    """Hourly. Interrupted or run twice it does no harm."""
    delete_old(timezone.now())
