from celery import shared_task
from django.utils import timezone

from tradewatch.performance.traces.examining import examine_kept
from tradewatch.performance.traces.retention import delete_old


@shared_task
def delete_old_traces() -> None:
    """Hourly. Interrupted or run twice it does no harm."""
    delete_old(timezone.now())


@shared_task
def examine_traces() -> None:
    """Every few seconds. What another run has looked through is not counted again."""
    examine_kept(now=timezone.now())
