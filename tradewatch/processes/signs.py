"""Signs of life of processes: a worker writes its own, every 15 s, by a thread that nothing else keeps busy."""

import logging
import os
import socket
import threading
from datetime import datetime, timedelta

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from tradewatch.core import pulse
from tradewatch.core.models import Pulse

WORKERS = "worker"  # what the names of all of them begin with
EMBEDDED = "embedded"  # the node name of the Celery worker within `serve`
SECONDS = 15.0
FORGOTTEN_AFTER = timedelta(days=1)
logger = logging.getLogger(__name__)


def name_of_this(kind: str = WORKERS) -> str:
    """Return the name of this process among those of all machines."""
    return f"{kind}:{socket.gethostname()[:60]}:{os.getpid()}"


def forget_old(kind: str, now: datetime) -> None:
    """Delete the signs of processes that ended long ago."""
    Pulse.objects.filter(name__startswith=f"{kind}:", at__lt=now - FORGOTTEN_AFTER).delete()


def show_life(name: str, stop: threading.Event) -> None:
    """Write that the process lives until `stop` is set; runs in a thread of its own."""
    while not stop.is_set():
        try:
            now = timezone.now()
            pulse.beat(now, name=name)
            forget_old(WORKERS, now)
        except DatabaseError:
            logger.warning("no sign of life written: the database is away")
        close_old_connections()
        stop.wait(SECONDS)


def keep_showing() -> None:
    """Begin to show that this worker process lives, for as long as it does."""
    threading.Thread(target=show_life, args=(name_of_this(), threading.Event()), name="pulse", daemon=True).start()
