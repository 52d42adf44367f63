"""Celery's entries: each may run twice or late, the rows say what there is to do."""

from celery import shared_task
from django.utils import timezone

from releases.deployments.tending import tend_deployments


@shared_task
def tend() -> None:
    tend_deployments(timezone.now())
