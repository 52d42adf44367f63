"""Carries kicks to whoever works: Celery tasks by name, so that the web process imports none of them."""

from collections.abc import Callable

from celery import Celery

from tradewatch.processes.coalesce import Coalescer

KICK_INTERVAL_SECONDS = 0.05
TASKS = {
    "digest": "tradewatch.processes.tasks.digest",
    "alerts": "alerts.tasks.judge",
    "deliver": "alerts.tasks.deliver",
    "batches": "debugging.tasks.run_batches",
}


def celery_kicker(app: Celery) -> Callable[[str], None]:
    """Return a `kick(work)` that queues the task for it, at most every 50 ms. A kick not taken in 5 s expires: the
    sweep has been by."""

    def deliver(work: str) -> None:
        app.send_task(TASKS[work], expires=5, ignore_result=True, retry=False)

    return Coalescer(deliver, interval_seconds=KICK_INTERVAL_SECONDS).put
