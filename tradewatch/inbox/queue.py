"""The durable queue between accept and digest: to the writer `queue_sqlite` and `queue_postgres` are the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

DIGEST_CURSOR = "digest"  # the `Cursor` row that says how far the inbox file was digested


@dataclass(frozen=True, slots=True)
class Arrived:
    """An accepted envelope as it came over the wire. `encoding` is the body's Content-Encoding."""

    project_id: int
    received_at: float  # epoch seconds
    encoding: str
    address: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Queued:
    """An accepted envelope as the digest reads it back. Ids rise in the order of acceptance of one writer."""

    id: int
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
    """What the writer needs; both backend modules are one."""

    def append(self, batch: Sequence[Arrived]) -> None:
        """Store all of `batch` in one commit; durable (fsync) when it returns. Raises the driver's error, and then
        nothing of the batch is stored. Called from one thread at a time; each thread has a connection of its own."""
        ...

    def close(self) -> None:
        """Close this thread's own connection, if there is one."""
        ...
