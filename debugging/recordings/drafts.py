"""What the digest of a recording has made of an item, before the database is asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from debugging.recordings.protocol import Told


@dataclass(frozen=True, slots=True)
class Segment:
    """`refused` says why `data` is empty. [first, last]: the moments of its events, where they have any."""

    number: int
    data: bytes = b""
    event_count: int = 0
    plain_bytes: int = 0
    counts: dict[str, int] | None = None
    timeline: list[dict[str, Any]] | None = None
    first: datetime | None = None
    last: datetime | None = None
    refused: str = ""


@dataclass(frozen=True, slots=True)
class ReplayDraft:
    """One item: either what is told, or a segment."""

    project_id: int
    replay_id: UUID
    received_at: datetime
    environment: str
    told: Told | None = None
    segment: Segment | None = None
