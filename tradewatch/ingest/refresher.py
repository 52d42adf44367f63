"""A thread that keeps what the event loop reads without waiting: keys and quotas of all projects, shared quota sums."""

import itertools
import threading
import time

import redis
from django.conf import settings

from tradewatch.core.rounds import Rounds
from tradewatch.inbox import queue_sqlite
from tradewatch.inbox.queries import digest_position
from tradewatch.ingest.gate import DiskGate
from tradewatch.ingest.quotas import Quotas
from tradewatch.performance.disk.room import is_known, room
from tradewatch.projects.config import forget_configs, project_configs

ROOM_ROUNDS = 5  # a database's size is summed over its files
PERIOD_SECONDS = 1.0  # a snapshot is at most 2 s old: one period, and the time that reading it takes


class Refresher(Rounds):
    """`is_ready` is set once the first snapshot is there and the queue may be written."""

    def __init__(self, quotas: Quotas, gate: DiskGate) -> None:
        self.is_ready = threading.Event()
        self._quotas = quotas
        self._gate = gate
        self._rounds = itertools.count()
        self._redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1) if settings.REDIS_URL else None
        # The database or Redis may be away: the old snapshot serves.
        super().__init__(
            self._refresh,
            name="edge-refresher",
            seconds=PERIOD_SECONDS,
            trouble="edge snapshot is stale",
            at_once=True,
            last=queue_sqlite.close,
        )

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
