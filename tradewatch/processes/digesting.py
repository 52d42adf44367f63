"""The loop that digests whatever was accepted."""

import logging
import subprocess
import sys
import threading
import time
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from tradewatch.errors.internal import note_internal_error
from tradewatch.inbox.ahead import Ahead
from tradewatch.inbox.digest import digest_batch
from tradewatch.inbox.tallying import DigestTally
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.performance.disk.room import may_digest
from tradewatch.processes.collector import collect_if_due

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
_tally = DigestTally()


def digest_all(*, stop: threading.Event, deadline: float | None = None, ahead: Ahead | None = None) -> bool:
    """Digest batch after batch until nothing is left, `stop` is set, or the monotonic clock passes `deadline`.

    Return whether it ended before it found nothing.
    """
    while not stop.is_set() and (deadline is None or time.monotonic() < deadline):
        collect_if_due()
        if not may_digest():
            logger.error("disk nearly full: what was accepted waits in the inbox")
            stop.wait(SWEEP_SECONDS)
            return False
        started = time.monotonic()
        stats = digest_batch(HANDLERS, ahead=ahead)
        if stats.rows:
            _tally.add(stats, time.monotonic() - started, stored_at=time.time())
        _tally.flush_if_due()
        if stats.rows == 0:
            return False
    return True


def digest_forever(*, kicked: threading.Event, stop: threading.Event) -> None:
    """Digest when kicked, and look once a second in case a kick was lost. Ends when `stop` is set."""
    ahead = Ahead(spawn_preparer)
    while not stop.is_set():
        kicked.clear()
        try:
            digest_all(stop=stop, ahead=ahead)
            ahead.rest()
        except Exception as error:
            # The rows are still there; what is wrong (a full disk, a database that is away) may pass.
            close_old_connections()
            note_internal_error("digest", error, now=timezone.now())
            stop.wait(SWEEP_SECONDS)
        kicked.wait(SWEEP_SECONDS)
    ahead.stop()


def spawn_preparer() -> tuple["subprocess.Popen[bytes]", Connection]:
    """Start `manage.py prepare` and return it with our end of the line to it."""
    ours, theirs = Pipe()
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "prepare", "--line", str(theirs.fileno())]
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()])  # noqa: S603
    theirs.close()
    return process, ours
