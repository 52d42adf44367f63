from celery import shared_task
from django.utils import timezone

from tradewatch.calendars.refreshing import refresh_due


@shared_task
def refresh_calendars() -> None:
    refresh_due(timezone.now())
