"""A thread that keeps what the event loop reads without waiting: keys and quotas of all projects, shared quota sums."""

import itertools
import logging
import threading
import time

import redis
from django.conf import settings
from django.db import connections

from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.queries import digest_position
from tradewatch.ingest.gate import DiskGate
from tradewatch.ingest.quotas import Quotas
from tradewatch.performance.disk.room import is_known, room
from tradewatch.projects.config import forget_configs, project_configs

logger = logging.getLogger(__name__)

ROOM_ROUNDS = 5  # a database's size is summed over its files
PERIOD_SECONDS = 1.0  # a snapshot is at most 2 s old: one period, and the time that reading it takes


class Refresher:
    """`is_ready` is set once the first snapshot is there and the queue may be written."""

    def __init__(self, quotas: Quotas, gate: DiskGate) -> None:
        self.is_ready = threading.Event()
        self._quotas = quotas
        self._gate = gate
        self._rounds = itertools.count()
        self._redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1) if settings.REDIS_URL else None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="edge-refresher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while True:
            try:
                self._refresh()
            except Exception as error:  # the database or Redis is away: the old snapshot serves, the thread lives on
                logger.warning("edge snapshot is stale error=%s", type(error).__name__)
            finally:
                connections.close_all()
            if self._stopping.wait(PERIOD_SECONDS):
                queue_sqlite.close()
                return

    def _refresh(self) -> None:
        forget_configs()
        project_configs()
        if not self.is_ready.is_set():
            if not settings.IS_POSTGRES:
                queue_sqlite.never_reuse_ids_up_to(digest_position())
            self.is_ready.set()
        if settings.IS_POSTGRES and is_known() and next(self._rounds) % ROOM_ROUNDS == 0:
            self._gate.heed(room())
        if self._redis is not None:
            self._quotas.share(self._redis, now=time.time())
