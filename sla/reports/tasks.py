from celery import shared_task
from django.utils import timezone

from sla.reports.closing import close_ended
from sla.reports.schedules.sending import send_due


@shared_task
def close_periods() -> None:
    close_ended(timezone.now())


@shared_task
def send_reports() -> None:
    send_due(timezone.now())
