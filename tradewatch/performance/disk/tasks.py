from celery import shared_task
from django.utils import timezone

from tradewatch.performance.disk import sampling


@shared_task
def sample_disk() -> None:
    """Every minute; takes a sample an hour, the first at once: beat remembers nothing between starts."""
    now = timezone.now()
    if sampling.is_due(now):
        sampling.sample(now)
        sampling.delete_old(now)
