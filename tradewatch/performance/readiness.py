"""What TradeWatch itself needs to do its work, checked one by one."""

import logging
import time
from collections.abc import Callable, Mapping
from typing import TypedDict

from django.db import connection

from tradewatch.inbox.queries import backlog

LATE_SECONDS = 300.0  # digesting takes a second; a restore or a long outage of the worker takes minutes
logger = logging.getLogger(__name__)


class Check(TypedDict):
    status: str
    seconds: float
    detail: str


class NotReady(Exception):
    """A check failed; the text may be shown to anyone."""


def readiness(checks: Mapping[str, Callable[[], str]]) -> dict[str, Check]:
    """Run each check and return how it went, and the seconds that it took."""
    return {name: _run(name, check) for name, check in checks.items()}


def check_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return "answers"


def check_inbox() -> str:
    """Nothing accepted may wait for longer than five minutes: then the worker is away or stuck."""
    oldest = backlog().oldest_received_at
    waited = 0.0 if oldest is None else time.time() - oldest
    if waited > LATE_SECONDS:
        raise NotReady(f"the oldest event waits for {waited:.0f} s: is the worker running?")
    return "nothing waits for long"


DEFAULT_CHECKS: Mapping[str, Callable[[], str]] = {"database": check_database, "inbox": check_inbox}


def _run(name: str, check: Callable[[], str]) -> Check:
    started = time.perf_counter()
    try:
        status, detail = "ok", check()
    except NotReady as reason:
        status, detail = "failing", str(reason)
    except Exception:
        # The error may name hosts and users: it goes to the log, not to the world.
        logger.exception("readiness check failed check=%s", name)
        status, detail = "failing", "the check raised an error; it is in the log"
    return Check(status=status, seconds=round(time.perf_counter() - started, 4), detail=detail)
