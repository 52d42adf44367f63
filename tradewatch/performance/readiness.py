"""What TradeWatch itself needs to do its work, checked side by side, each within a time limit.

A check runs in a thread of its own: what hangs (a database behind a dead network) cannot be told to stop, only left.
Whoever asks meanwhile waits for the same run instead of starting another, so that what hangs costs one thread.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import TypedDict
from uuid import uuid4

from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone

from tradewatch.core import pulse
from tradewatch.inbox.queries import backlog
from tradewatch.performance.disk.marks import Level, level_of
from tradewatch.performance.disk.room import disk_room, is_known, room

LIMIT_SECONDS = 3.0
LATE_SECONDS = 300.0  # digesting takes a second; a restore or a long outage of the worker takes minutes
_STARTED = time.monotonic()
logger = logging.getLogger(__name__)
CheckFunction = Callable[[], str]


class Check(TypedDict):
    status: str
    seconds: float
    detail: str


class NotReady(Exception):
    """A check failed; the text may be shown to anyone."""


class _Attempt:
    """One run of a check in its thread."""

    def __init__(self, name: str, check: CheckFunction) -> None:
        self._started = time.monotonic()
        self._done = threading.Event()
        self._found: Check | None = None
        threading.Thread(target=self._run, args=(name, check), name=f"ready-{name}", daemon=True).start()

    @property
    def is_over(self) -> bool:
        return self._done.is_set()

    def found_by(self, deadline: float, limit_seconds: float) -> Check:
        self._done.wait(max(0.0, deadline - time.monotonic()))
        if self._found is not None:
            return self._found
        return Check(status="failing", seconds=self._elapsed(), detail=f"no answer within {limit_seconds:g} s")

    def _run(self, name: str, check: CheckFunction) -> None:
        try:
            self._found = run_check(name, check)
        finally:
            connections.close_all()
            self._done.set()

    def _elapsed(self) -> float:
        return round(time.monotonic() - self._started, 4)


_under_way: dict[tuple[str, CheckFunction], _Attempt] = {}
_lock = threading.Lock()


def readiness(checks: Mapping[str, CheckFunction], *, limit_seconds: float = LIMIT_SECONDS) -> dict[str, Check]:
    """Run the checks side by side and return how each went, and the seconds that it took. Takes no longer than the
    limit, whatever hangs."""
    deadline = time.monotonic() + limit_seconds
    attempts = {name: _attempt(name, check) for name, check in checks.items()}
    return {name: attempt.found_by(deadline, limit_seconds) for name, attempt in attempts.items()}


def run_check(name: str, check: CheckFunction) -> Check:
    """Run one check in the caller's thread, for as long as it takes."""
    started = time.monotonic()
    try:
        status, detail = "ok", check()
    except NotReady as reason:
        status, detail = "failing", str(reason)
    except Exception:
        # The error may name hosts and users: it goes to the log, not to the world.
        logger.exception("readiness check failed check=%s", name)
        status, detail = "failing", "the check raised an error; it is in the log"
    return Check(status=status, seconds=round(time.monotonic() - started, 4), detail=detail)


def add_readiness_check(name: str, check: CheckFunction) -> None:
    """Let a higher part add what it knows, from its `AppConfig.ready`."""
    _checks[name] = check


def is_starting() -> bool:
    """Return whether this process is so young that what is on a clock may not have happened yet."""
    return time.monotonic() - _STARTED < pulse.LATE.total_seconds()


def check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "answers"


def check_cache() -> str:
    """What is put in comes back: a cache that forgets at once lets rate limits through."""
    key = f"ready:{uuid4().hex}"
    cache.set(key, "here", 10)
    found = cache.get(key)
    cache.delete(key)
    if found != "here":
        raise NotReady("what was put in did not come back")
    return "keeps what is put in"


def check_beat() -> str:
    """The clock ticks: it asks, and a worker writes it down."""
    last = pulse.last_beat()
    if last is None:
        if is_starting():
            return "starting"
        raise NotReady("the clock has never run: are beat and a worker running?")
    now = timezone.now()
    if pulse.is_late(last, now=now) and not is_starting():
        raise NotReady(f"the clock last ran {pulse.ago(last, now=now)}: are beat and a worker running?")
    return f"ran {pulse.ago(last, now=now)}"


def check_disk() -> str:
    """Below the critical mark events are refused; below the high one old data is cleared, which is no failure."""
    found = room() if settings.IS_POSTGRES and is_known() else disk_room()
    free, marks = found.free_bytes, found.marks
    if level_of(free, marks) is Level.CRITICAL:
        raise NotReady(
            f"{free >> 20} MB free where the data is, below the critical mark of {marks.critical >> 20} MB: "
            "events are refused (429)"
        )
    if level_of(free, marks) is Level.HIGH:
        return f"{free >> 20} MB free, below the high mark of {marks.high >> 20} MB: old data is cleared"
    return f"{free / (1 << 30):.1f} GB free"


def check_inbox() -> str:
    """Nothing accepted may wait for longer than five minutes: then the worker is away or stuck."""
    oldest = backlog().oldest_received_at
    waited = 0.0 if oldest is None else time.time() - oldest
    if waited > LATE_SECONDS:
        raise NotReady(f"the oldest event waits for {waited:.0f} s: is the worker running?")
    return "nothing waits for long"


_checks: dict[str, CheckFunction] = {
    "database": check_database,
    "cache": check_cache,
    "beat": check_beat,
    "disk": check_disk,
    "inbox": check_inbox,
}
DEFAULT_CHECKS: Mapping[str, CheckFunction] = _checks


def _attempt(name: str, check: CheckFunction) -> _Attempt:
    with _lock:
        for key in [key for key, attempt in _under_way.items() if attempt.is_over]:
            del _under_way[key]
        key = (name, check)
        if key not in _under_way:
            _under_way[key] = _Attempt(name, check)
        return _under_way[key]
