"""Clean-ups on a clock. Interrupted or run twice they do no harm."""

from celery import shared_task
from django.utils import timezone

from tradewatch.inbox.cleaning import clean_queue, delete_old_kept_items, expire_dead_letters


@shared_task
def clean_inbox() -> None:
    """Every minute: the inbox file grows with traffic."""
    clean_queue(timezone.now())


@shared_task
def clean_kept() -> None:
    """Hourly."""
    expire_dead_letters(timezone.now())
    delete_old_kept_items(timezone.now())
