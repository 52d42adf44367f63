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
from tradewatch.inbox.digest import DigestStats, digest_batch
from tradewatch.inbox.tallying import DigestTally
from tradewatch.ingest.dispatch import HANDLERS
from tradewatch.performance.disk.room import may_digest
from tradewatch.processes.collector import collect_if_due

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 0.15
_tally = DigestTally()


def digest_all(*, stop: threading.Event, deadline: float | None = None, ahead: Ahead | None = None) -> bool:
    """Digest batch after batch until nothing is left, `stop` is set, or the monotonic clock passes `deadline`.

    Between two batches it pauses while it is not behind. Return whether it ended before it found nothing.
    """
    while not stop.is_set() and (deadline is None or time.monotonic() < deadline):
        collect_if_due()
        if not may_digest():
            logger.error("disk nearly full: what was accepted waits in the inbox")
            stop.wait(SWEEP_SECONDS)
            return False
        started, started_at = time.monotonic(), time.time()
        stats = digest_batch(HANDLERS, ahead=ahead)
        took = time.monotonic() - started
        if stats.rows:
            _tally.add(stats, took, stored_at=time.time())
        _tally.flush_if_due()
        if stats.rows == 0:
            return False
        stop.wait(pause_after(stats, took, started_at=started_at))
    return True


def pause_after(stats: DigestStats, took: float, *, started_at: float) -> float:
    """Return how many seconds a few more envelopes may come together in before the next batch.

    `took`: the seconds of the batch; `started_at`: when it began, in epoch seconds. A batch writes a row for each
    issue, tag and bucket of time in it, however many events they stand for: in steady traffic fewer and larger ones
    cost a third less. As long as the batch took, so that a quiet installation hardly waits; 0 when the newest that it
    found had waited longer than a pause: then more is behind it.
    """
    waited = started_at - max(stats.received, default=started_at)
    return 0.0 if waited > LONGEST_PAUSE_SECONDS else min(LONGEST_PAUSE_SECONDS, took)


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
