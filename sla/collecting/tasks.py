from celery import shared_task
from django.utils import timezone

from sla.collecting import keeping, ticks


@shared_task
def collect() -> None:
    """Each minute; one that comes late reads what those before it missed."""
    ticks.collect(timezone.now())


@shared_task
def delete_old_minutes() -> None:
    keeping.delete_old(timezone.now())
