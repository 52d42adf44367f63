"""Who does something: a person, an API token, or TradeWatch itself. Every write service takes one."""

from dataclasses import dataclass, field
from typing import Literal

ActorKind = Literal["user", "token", "system"]


@dataclass(frozen=True, slots=True)
class Grant:
    """What a token may: its scopes, and the projects it is bound to (None: all)."""

    scopes: tuple[str, ...]
    project_ids: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is the user's or token's primary key; None for the system. `address` is the client's, where known.

    `grant` is what the token may, as read when its request was let in; None: it is read where rights are asked.
    """

    kind: ActorKind
    id: int | None
    label: str
    address: str | None = None
    grant: Grant | None = field(default=None, compare=False, repr=False)


SYSTEM = Actor(kind="system", id=None, label="TradeWatch")
