"""Who does something: a person, an API token, or TradeWatch itself. Every write service takes one."""

from dataclasses import dataclass
from typing import Literal

ActorKind = Literal["user", "token", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is the user's or token's primary key; None for the system. `address` is the client's, where known."""

    kind: ActorKind
    id: int | None
    label: str
    address: str | None = None


SYSTEM = Actor(kind="system", id=None, label="TradeWatch")
