"""The loop that digests whatever was accepted."""

import gc
import logging
import threading
import time

from django.db import close_old_connections

from tradewatch.inbox.digest import digest_batch
from tradewatch.ingest.dispatch import HANDLERS

SWEEP_SECONDS = 1.0
OBJECTS_A_COLLECTION = 100_000
logger = logging.getLogger(__name__)


def spare_the_collector() -> None:
    """Let Python look for reference cycles less often; the digest makes hardly any.

    A batch holds tens of thousands of objects at once, all of which live until it is stored: by default they are looked
    through dozens of times, and all that was ever imported with them.
    """
    gc.freeze()
    gc.set_threshold(OBJECTS_A_COLLECTION, 10, 10)


def digest_all(*, stop: threading.Event, deadline: float | None = None) -> None:
    """Digest batch after batch until nothing is left, `stop` is set, or the monotonic clock passes `deadline`."""
    while not stop.is_set() and (deadline is None or time.monotonic() < deadline):
        if digest_batch(HANDLERS).rows == 0:
            return


def digest_forever(*, kicked: threading.Event, stop: threading.Event) -> None:
    """Digest when kicked, and look once a second in case a kick was lost. Ends when `stop` is set."""
    while not stop.is_set():
        kicked.clear()
        try:
            digest_all(stop=stop)
        except Exception:
            # The rows are still there; what is wrong (a full disk, a database that is away) may pass.
            logger.exception("digesting failed, trying again")
            close_old_connections()
            stop.wait(SWEEP_SECONDS)
        kicked.wait(SWEEP_SECONDS)
