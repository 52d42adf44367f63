"""The second process of `serve`: the digest loop, a Celery worker in threads, and beat."""

import contextlib
import logging
import signal
import threading

from celery.beat import EmbeddedService
from celery.worker import WorkController
from django.conf import settings

from tradewatch.celery import app
from tradewatch.core.kick import route_kicks
from tradewatch.core.live import route_pushes
from tradewatch.processes.collector import spare_the_collector
from tradewatch.processes.digesting import digest_forever
from tradewatch.processes.kicks import celery_kicker
from tradewatch.processes.link import Link
from tradewatch.processes.live import Push, pusher
from tradewatch.processes.readiness import WORKER
from tradewatch.processes.relaying import keep_relaying
from tradewatch.processes.signs import EMBEDDED, show_life

TASK_THREADS = 4
GRACE_SECONDS = 10.0
logger = logging.getLogger(__name__)


class Worker:
    """Runs until told to stop, or until the web process at the other end of `link` is gone."""

    def __init__(self, link: Link | None) -> None:
        self._link = link
        self._stop = threading.Event()
        self._kicked = threading.Event()
        self._queue_task = celery_kicker(app)

    def run(self) -> None:
        route_kicks(self.kick)
        route_pushes(self._push())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        celery = WorkController(
            app=app, pool="threads", concurrency=TASK_THREADS, loglevel="WARNING", hostname=EMBEDDED
        )
        beat = EmbeddedService(app, thread=True, scheduler_cls=app.conf.beat_scheduler)
        threads = [
            threading.Thread(target=celery.start, name="celery", daemon=True),
            threading.Thread(target=digest_forever, kwargs={"kicked": self._kicked, "stop": self._stop}, name="digest"),
        ]
        spare_the_collector()
        for thread in [*threads, beat]:
            thread.start()
        threading.Thread(target=show_life, args=(WORKER, self._stop), name="pulse", daemon=True).start()
        if not settings.REDIS_URL:  # grown, a Celery task sends
            threading.Thread(target=keep_relaying, args=(self._stop,), name="relay", daemon=True).start()
        if self._link is not None:
            threading.Thread(target=self._listen, args=(self._link,), name="link", daemon=True).start()
        self._stop.wait()
        beat.stop()
        with contextlib.suppress(Exception):  # a task that hangs must not keep the process: rows are the queue
            celery.stop(in_sighandler=True)
        threads[1].join(GRACE_SECONDS)

    def kick(self, work: str) -> None:
        if work == "digest":
            self._kicked.set()
        else:
            self._queue_task(work)

    def _listen(self, link: Link) -> None:
        for word in link.words():
            self.kick(word)
        logger.info("the web process is gone: stopping")
        self._stop.set()

    def _push(self) -> Push:
        if settings.REDIS_URL:
            return pusher()
        return self._send_push

    def _send_push(self, topic: str, project_id: int) -> None:
        if self._link is not None:
            self._link.send(f"{topic} {project_id}")
