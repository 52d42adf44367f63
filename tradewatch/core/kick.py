"""The only place that asks another process to work: a kick says "look now", the database says what there is to do.

Work is always a row before it is kicked, and a sweep once a second finds what was not kicked: a lost kick costs at most
that second.
"""

from collections.abc import Callable
from typing import Literal

Work = Literal["digest", "alerts", "deliver", "batches", "relay"]

_send: Callable[[str], None] | None = None


def route_kicks(send: Callable[[str], None]) -> None:
    """Let `send` carry the kicks of this process (the socket to the worker, a local event, Celery)."""
    global _send
    _send = send


def kick(work: Work) -> None:
    """Ask for `work` to be looked at now. Never raises, never blocks; without a route it does nothing."""
    if _send is not None:
        _send(work)
