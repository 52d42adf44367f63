"""Celery's entries: each may run twice or late, the rows say what there is to do."""

from celery import shared_task
from django.utils import timezone

from tradewatch.errors import retention, services


@shared_task
def delete_old_events() -> None:
    """Hourly."""
    retention.delete_old(timezone.now())


@shared_task
def wake_ignored_issues() -> None:
    """Every minute."""
    services.wake_ignored_issues(now=timezone.now())
