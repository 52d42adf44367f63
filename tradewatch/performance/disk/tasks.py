from celery import shared_task
from django.utils import timezone

from tradewatch.performance.disk import sampling


@shared_task
def sample_disk() -> None:
    """Hourly. Twice in an hour does no harm."""
    now = timezone.now()
    sampling.sample(now)
    sampling.delete_old(now)
