from celery import shared_task
from django.utils import timezone

from tradewatch.accounts.sessions import forget_old_sessions


@shared_task
def clean_sessions() -> None:
    forget_old_sessions(now=timezone.now())
