"""Live push: says that a topic changed, never what changed. Whoever watches reads a fresh snapshot."""

from collections.abc import Callable
from typing import Literal

Topic = Literal[
    "errors", "alerts", "inbox", "logs", "performance", "hosts", "checks", "heartbeats", "releases", "sla", "debug"
]

_send: Callable[[str, int], None] | None = None


def route_pushes(send: Callable[[str, int], None]) -> None:
    """Let `send` carry the pushes of this process to the web processes."""
    global _send
    _send = send


def push(topic: Topic, project_id: int) -> None:
    """Say that `topic` of a project changed. Never raises, never blocks; without a route it does nothing."""
    if _send is not None:
        _send(topic, project_id)
