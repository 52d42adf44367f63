from celery import shared_task
from django.utils import timezone

from tradewatch.core import set_back
from tradewatch.core.audit import forget_old_entries
from tradewatch.core.idempotency import forget_old_answers


@shared_task
def clean_idempotent_answers() -> None:
    forget_old_answers(now=timezone.now())


@shared_task
def clean_audit_entries() -> None:
    forget_old_entries(now=timezone.now())


@shared_task
def beat() -> None:
    set_back.beat(timezone.now())
