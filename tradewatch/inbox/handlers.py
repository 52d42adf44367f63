"""What the digest asks of whoever understands an item type."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol, TypeVar

from tradewatch.inbox.envelope import Item
from tradewatch.projects.config import ProjectConfig

Draft = TypeVar("Draft")


@dataclass(frozen=True, slots=True)
class Arrival:
    """How an envelope came. `drift` is zero unless the client's clock was 55 minutes or more off.

    `is_simulated`: TradeWatch itself made it (`inbox.simulating`); then `notifies` says that people are told all the
    same.
    """

    project: ProjectConfig
    received_at: datetime
    drift: timedelta
    headers: Mapping[str, Any]  # the envelope's: event_id, sent_at, trace, sdk
    address: str
    is_simulated: bool = False
    notifies: bool = False


class Handler(Protocol[Draft]):
    """Digests one or more item types in two steps: without the database, then in the batch's one transaction."""

    def prepare(self, item: Item, arrival: Arrival) -> Draft | None:
        """Parse, scrub, normalise, compress. No database. None: nothing to store (counted as discarded).

        Raise `Unreadable` for an item that cannot be understood at all: its envelope becomes a dead letter.
        """
        ...

    def store(self, drafts: Sequence[Draft], *, now: datetime) -> None:
        """Insert and count, in the transaction that also moves the cursor. Called once a batch, never empty.

        A draft seen before (same project and event id) changes nothing. Kicks and pushes go through
        `transaction.on_commit`.
        """
        ...


COPIES = ">copies"  # the key, among handlers, of whoever copies what the others prepared; no item type has such a name


class Copied(NamedTuple):
    """An item, where it stands in its envelope, and the draft that its handler made of it (None: discarded)."""

    at: int
    item: Item
    draft: Any


class Copier(Handler[Draft], Protocol[Draft]):
    """Sees whole envelopes once their items are prepared. What it copies is stored last in the batch's transaction."""

    def copies(self, items: Sequence[Copied], arrival: Arrival) -> Sequence[tuple[int, Draft]]:
        """Return copies, each with the position of the item that it is about. No database; never raises."""
        ...


class Unreadable(Exception):
    """The item cannot be understood; the text is the dead letter's reason (no payload in it)."""


Handlers = Mapping[str, Handler[Any]]  # by item type; "*" takes the types that nobody else does
