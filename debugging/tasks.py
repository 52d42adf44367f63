"""Celery's entry: it may run twice or late."""

from celery import shared_task
from django.utils import timezone

from debugging.patterns.running import delete_old_runs, run_due
from debugging.retention import delete_old


@shared_task
def clean_up() -> None:
    delete_old(timezone.now())
    delete_old_runs(timezone.now())


@shared_task
def find_patterns() -> None:
    run_due(timezone.now())
