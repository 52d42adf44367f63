from celery import shared_task
from django.utils import timezone

from tradewatch.core.idempotency import forget_old_answers


@shared_task
def clean_idempotent_answers() -> None:
    forget_old_answers(now=timezone.now())
