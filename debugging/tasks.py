"""Celery's entries: each may run twice or late."""

from celery import shared_task
from django.utils import timezone

from debugging.batches.ending import end_unapproved
from debugging.batches.running import runner
from debugging.patterns.running import delete_old_runs, run_due
from debugging.replays.tending import tend
from debugging.retention import delete_old
from debugging.simulations.settling import settle_pending


@shared_task
def settle_simulations() -> None:
    settle_pending(timezone.now())


@shared_task
def clean_up() -> None:
    delete_old(timezone.now())
    delete_old_runs(timezone.now())


@shared_task
def find_patterns() -> None:
    run_due(timezone.now())


@shared_task
def tend_replays() -> None:
    tend(timezone.now())
    end_unapproved(timezone.now())


@shared_task
def run_batches() -> None:
    runner().start_due(timezone.now())
