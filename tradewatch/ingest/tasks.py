"""What the clock does about the relay."""

from celery import shared_task
from django.utils import timezone

from tradewatch.core.kick import kick
from tradewatch.ingest.relay.running import relay_for
from tradewatch.ingest.relay.watching import watch

SECONDS_A_RUN = 4.0  # each begins with a handshake; meanwhile a worker process does nothing else


@shared_task
def relay() -> None:
    """Grown, every two seconds: send what waits for upstreams. Embedded, a process of its own does it.

    What is left queues behind the other tasks, which get their turn.
    """
    if relay_for(SECONDS_A_RUN):
        kick("relay")


@shared_task
def watch_upstreams() -> None:
    """Every 15 s: tell alerts of an upstream that is away, and that it is back."""
    watch(timezone.now())
