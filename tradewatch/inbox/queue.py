"""The durable queue between accept and digest; `queue_sqlite` and `queue_postgres` behave the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Arrived:
    """An accepted envelope as it came over the wire. `encoding` is the body's Content-Encoding."""

    project_id: int
    received_at: float  # epoch seconds
    encoding: str
    address: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Backlog:
    pending: int
    oldest_received_at: float | None  # epoch seconds


class Queue(Protocol):
    def append(self, batch: Sequence[Arrived]) -> None:
        """Store all of `batch` in one commit; durable (fsync) when it returns. Called from the writer thread."""
        ...

    def backlog(self) -> Backlog:
        """Return what is accepted and not yet digested."""
        ...
