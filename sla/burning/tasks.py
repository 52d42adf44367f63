"""Celery's entries: each may run twice or late."""

from celery import shared_task
from django.utils import timezone

from sla.burning.telling import tell_burns as tell_what_burns
from sla.burning.telling import tell_states as tell_what_is_reached


@shared_task
def tell_burns() -> None:
    tell_what_burns(timezone.now())


@shared_task
def tell_states() -> None:
    tell_what_is_reached(timezone.now())
