"""What the clock does about the relay."""

from celery import shared_task
from django.utils import timezone

from tradewatch.ingest.relay.running import relay_for
from tradewatch.ingest.relay.watching import watch

SECONDS_A_RUN = 10.0


@shared_task
def relay() -> None:
    """Grown, every two seconds: send what waits for upstreams. Embedded, a process of its own does it."""
    relay_for(SECONDS_A_RUN)


@shared_task
def watch_upstreams() -> None:
    """Every 15 s: tell alerts of an upstream that is away, and that it is back."""
    watch(timezone.now())
