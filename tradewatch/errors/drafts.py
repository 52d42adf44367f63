"""An event on its way from `prepare` to `store`: everything about it that needs no database."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tradewatch.errors.classification import Classification
from tradewatch.errors.facts import Facts
from tradewatch.errors.grouping import Grouping

ReleaseKey = tuple[int, str]  # project id, version


@dataclass(frozen=True, slots=True)
class Draft:
    """`payload` is the stored document, zstd of JSON. `user_hashes`: the user by id, name, mail, address.

    `spike_limit`: the project's, events of an issue a minute. `notifies`: of a simulated one, people are told."""

    project_id: int
    event_id: UUID
    timestamp: datetime
    received_at: datetime
    grouping: Grouping
    facts: Facts
    classification: Classification
    user_hashes: tuple[int, ...]
    spike_limit: int | None
    is_simulated: bool
    notifies: bool
    payload: bytes
    grouped_why: str = ""  # which fingerprint rule, in words; empty without one

    @property
    def user_hash(self) -> int | None:
        """The one that stands for the user; None where the event names nobody."""
        return self.user_hashes[0] if self.user_hashes else None

    @property
    def severity(self) -> str:
        """The rule's word over the event's own."""
        return self.classification.severity or self.facts.severity

    @property
    def release_key(self) -> ReleaseKey:
        return self.project_id, self.facts.release

    @property
    def minute(self) -> int:
        """The start of the event's minute, in epoch seconds."""
        second = int(self.timestamp.timestamp())
        return second - second % 60
