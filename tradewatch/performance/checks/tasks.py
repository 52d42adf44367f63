"""Celery's entries: each may run twice or late, the rows say what there is to do."""

from celery import shared_task
from django.utils import timezone

from tradewatch.performance.checks.retention import delete_old
from tradewatch.performance.checks.runner import start_due


@shared_task
def run_checks() -> None:
    start_due(timezone.now())


@shared_task
def clean_checks() -> None:
    delete_old(timezone.now())
