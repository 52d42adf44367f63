from celery import shared_task
from django.utils import timezone

from tradewatch.performance.logs import packing, retention


@shared_task
def delete_old_logs() -> None:
    """Hourly. Interrupted or run twice it does no harm."""
    retention.delete_old(timezone.now())


@shared_task
def pack_logs() -> None:
    """Every few minutes. Interrupted or run twice it does no harm."""
    packing.pack(timezone.now())
