"""Celery's entries: each may run twice or late, the rows say what there is to do."""

from celery import shared_task
from django.utils import timezone

from tradewatch.core import bulk
from tradewatch.errors import retention, services, thinning


@shared_task
def delete_old_events() -> None:
    """Hourly: by age, then by size."""
    retention.delete_old(timezone.now())
    if thinning.thin_to_budgets(timezone.now()):
        bulk.give_back_space()


@shared_task
def wake_ignored_issues() -> None:
    """Every minute."""
    services.wake_ignored_issues(now=timezone.now())
