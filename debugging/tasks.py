"""Celery's entry: it may run twice or late."""

from celery import shared_task
from django.utils import timezone

from debugging.retention import delete_old


@shared_task
def clean_up() -> None:
    delete_old(timezone.now())
