"""Keeps senders at work: one thread an upstream, so that one that hangs holds up no other."""

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait
from multiprocessing.connection import Connection

from django.db import DatabaseError, close_old_connections, connections
from django.utils import timezone

from tradewatch.ingest.relay.sender import drop_leases, due_upstreams, send_due

UPSTREAMS_AT_ONCE = 4
LOOK_SECONDS = 0.5

logger = logging.getLogger(__name__)


def relay_for(seconds: float) -> bool:
    """Send what is due, for about so long (a Celery task); return whether it was at work until then."""
    stop, deadline = threading.Event(), time.monotonic() + seconds
    due = due_upstreams(timezone.now())
    if not due:
        return False
    with ThreadPoolExecutor(UPSTREAMS_AT_ONCE, thread_name_prefix="relay") as threads:
        wait([threads.submit(_send, upstream, stop, deadline) for upstream in due])
    return time.monotonic() >= deadline


def relay_until_closed(line: Connection) -> None:
    """Send whatever is due, until whoever holds the other end of `line` is gone (a process of its own)."""
    drop_leases()
    stop = threading.Event()
    running: dict[int, Future[None]] = {}
    with ThreadPoolExecutor(UPSTREAMS_AT_ONCE, thread_name_prefix="relay") as threads:
        while not _is_closed(line):
            running = {upstream: future for upstream, future in running.items() if not future.done()}
            for upstream in _due():
                if upstream not in running:
                    running[upstream] = threads.submit(_send, upstream, stop, None)
        stop.set()


def _is_closed(line: Connection) -> bool:
    """Wait for a moment; nothing is ever said on the line."""
    try:
        return line.poll(LOOK_SECONDS) and line.recv_bytes() == b""
    except (EOFError, OSError):
        return True


def _due() -> list[int]:
    try:
        return due_upstreams(timezone.now())
    except DatabaseError:
        logger.warning("relay: the database is away")
        close_old_connections()
        return []


def _send(upstream: int, stop: threading.Event, deadline: float | None) -> None:
    try:
        send_due(upstream, stop=stop, deadline=deadline)
    except Exception as error:
        # The entries are still there; what is wrong (a full disk, a database that is away) may pass.
        logger.warning("relay: upstream=%s error=%s", upstream, type(error).__name__)
        stop.wait(LOOK_SECONDS)
    finally:
        connections.close_all()  # this thread's own
