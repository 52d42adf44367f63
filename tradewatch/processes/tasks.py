import threading
import time

from celery import Task, shared_task
from django.utils import timezone

from tradewatch.core.kick import kick
from tradewatch.processes.backup.scheduled import start_due
from tradewatch.processes.backup.watching import tell_of_backups
from tradewatch.processes.beat import RARE
from tradewatch.processes.clearing.tending import tend
from tradewatch.processes.digesting import digest_all
from tradewatch.processes.erasing.services import start_open_ones
from tradewatch.processes.overdue import claim_overdue, give_back

# Under steady traffic there is always a batch: were it ten seconds, a second's ticks would wait behind as many digests
# as there are workers, and expire.
DIGEST_TASK_SECONDS = 1.0


@shared_task
def sweep() -> None:
    """Grown, every second: have what waits digested, should a kick have been lost. A kick that waits is enough."""
    kick("digest")


@shared_task
def digest() -> None:
    """Digest what is there, for about a second; what is left queues behind the other tasks, which get their turn."""
    if digest_all(stop=threading.Event(), deadline=time.monotonic() + DIGEST_TASK_SECONDS):
        kick("digest")


@shared_task(bind=True)
def run_overdue(self: Task) -> None:
    """Queue what has not run for as long as it may."""
    now = timezone.now()
    task = claim_overdue(RARE, now=now)
    if task is None:
        return
    try:
        self.app.send_task(task, ignore_result=True, expires=RARE[task])
    except Exception:
        give_back(task, claimed_at=now)  # the broker is away: the next tick tries again
        raise


@shared_task
def erase_persons() -> None:
    """Go on with the erasures that were asked for, each in a process of its own."""
    start_open_ones(timezone.now())


@shared_task
def back_up() -> None:
    """Begin a backup when one is due, and tell when one is missing."""
    now = timezone.now()
    start_due(now)
    tell_of_backups(now)


@shared_task
def watch_disk() -> None:
    """Every five seconds: make room while the disk is above its high mark."""
    tend(timezone.now())
