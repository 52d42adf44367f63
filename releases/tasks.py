"""Celery's entries: each may run twice or late, the rows say what there is to do."""

from celery import shared_task
from django.utils import timezone

from releases.artifacts.chunks import forget_old_chunks
from releases.commits.disk import read_due_repositories
from releases.deployments.tending import tend_deployments
from releases.gate.retention import forget_old_answers
from releases.rollbacks.telling import tell_due
from releases.rollbacks.verifying import close_unlooked
from releases.verdicts.services import take_due_looks
from releases.verdicts.telling import tell_ends


@shared_task
def tend() -> None:
    now = timezone.now()
    tend_deployments(now)
    take_due_looks(now)
    close_unlooked(now)
    tell_ends(now)


@shared_task
def tell_rollbacks() -> None:
    tell_due(timezone.now())


@shared_task
def read_commits() -> None:
    read_due_repositories(timezone.now())


@shared_task
def clean_gate_answers() -> None:
    forget_old_answers(timezone.now())


@shared_task
def clean_uploads() -> None:
    forget_old_chunks(now=timezone.now())
