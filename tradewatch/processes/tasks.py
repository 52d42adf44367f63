import threading
import time

from celery import shared_task

from tradewatch.processes.digesting import digest_all

DIGEST_TASK_SECONDS = 10


@shared_task
def digest() -> None:
    """Digest what is there, for at most ten seconds, so that other tasks of the worker get their turn."""
    digest_all(stop=threading.Event(), deadline=time.monotonic() + DIGEST_TASK_SECONDS)
