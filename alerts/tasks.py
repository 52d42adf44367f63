"""Celery's entries: each may run twice or late, the rows say what there is to do."""

from celery import shared_task
from django.utils import timezone

from alerts.delivery import deliver_due
from alerts.engine.digesting import forget_old_digests, send_due_digests
from alerts.engine.turning import turn
from alerts.engine.watchdog import watch as watch_over_groups
from alerts.heartbeats.services import forget_old_entries, look_at_due
from alerts.reports.weekly import send_weekly_reports as send_weekly
from alerts.retention import delete_old
from alerts.services import judge_error_rates, judge_occurrences
from alerts.services import judge_measures as judge_measured_rules
from alerts.services.calendars import warn_of_ending_calendars
from alerts.services.taking_in import end_silent


@shared_task
def judge() -> None:
    """Judge news, and move the groups at once: both are kicked by the same word."""
    judge_occurrences(timezone.now())
    turn(timezone.now())


@shared_task
def judge_rates() -> None:
    judge_error_rates(timezone.now())


@shared_task
def judge_measures() -> None:
    judge_measured_rules(timezone.now())


@shared_task
def watch() -> None:
    watch_over_groups(timezone.now())


@shared_task
def deliver() -> None:
    deliver_due(timezone.now())


@shared_task
def send_digests() -> None:
    send_due_digests(timezone.now())


@shared_task
def warn_of_calendars() -> None:
    warn_of_ending_calendars(timezone.now())


@shared_task
def end_silent_alerts() -> None:
    end_silent(timezone.now())


@shared_task
def look_at_heartbeats() -> None:
    look_at_due(timezone.now())


@shared_task
def send_weekly_reports() -> None:
    send_weekly(timezone.now())


@shared_task
def clean_up() -> None:
    delete_old(timezone.now())
    forget_old_digests(timezone.now())
    forget_old_entries(timezone.now())
