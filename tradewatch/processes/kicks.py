"""Carries kicks to whoever works: Celery tasks by name, so that the web process imports none of them."""

from collections.abc import Callable
from uuid import uuid4

from celery import Celery
from django.core.cache import cache

from tradewatch.processes.coalesce import Coalescer

KICK_INTERVAL_SECONDS = 0.05
KICK_SECONDS = 5
TASKS = {
    "digest": "tradewatch.processes.tasks.digest",
    "alerts": "alerts.tasks.judge",
    "deliver": "alerts.tasks.deliver",
    "batches": "debugging.tasks.run_batches",
    "relay": "tradewatch.ingest.tasks.relay",
}


def celery_kicker(app: Celery) -> Callable[[str], None]:
    """Return a `kick(work)` that queues the task for it, at most every 50 ms, and only one at a time of all processes.

    Workers take tasks in their order: were each process to queue its own, then on a busy machine the ticks of the
    clock would wait behind hundreds of kicks until they expire. A kick not taken in 5 s expires, and its mark does
    too: the sweep has been by.
    """

    def deliver(work: str) -> None:
        kick_id = uuid4().hex
        if cache.add(_mark(TASKS[work]), kick_id, KICK_SECONDS):
            app.send_task(TASKS[work], task_id=kick_id, expires=KICK_SECONDS, ignore_result=True, retry=False)

    return Coalescer(deliver, interval_seconds=KICK_INTERVAL_SECONDS).put


def note_begun(task: str, task_id: str) -> None:
    """Let the next kick for `task` be queued, when the one that waited begins: it may not see what comes from here on.

    A tick of the same task leaves the mark: the kick still waits.
    """
    if task in TASKS.values() and cache.get(_mark(task)) == task_id:
        cache.delete(_mark(task))


def _mark(task: str) -> str:
    return f"kick:{task}"
