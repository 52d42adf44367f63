from celery import shared_task
from django.utils import timezone

from tradewatch.performance.hosts.own import collect_own
from tradewatch.performance.hosts.services import forget_old_hosts, note_look, tell_of_silent_hosts


@shared_task
def collect_own_host() -> None:
    """Every SENTRY_METRICS_FLUSH_INTERVAL seconds. What hangs in it is bounded: see `hosts.parts`."""
    collect_own(timezone.now())


@shared_task
def look_at_hosts() -> None:
    now = timezone.now()
    tell_of_silent_hosts(now, watched_since=note_look(now))


@shared_task
def clean_hosts() -> None:
    forget_old_hosts(timezone.now())
