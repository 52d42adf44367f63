"""A request as replays, exports and searches for a smaller one handle it."""

from dataclasses import dataclass, field
from typing import Any

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class WebRequest:
    """`path` begins with a slash and has no query. `body`: a JSON value where `is_json`, else text; None: no body.

    `removed` names what the SDK or the scrubber took out ("header Authorization", "body /card/number"): it is not
    known any more, and not sent unless the target's secrets or a modification put it back.
    """

    method: str
    path: str
    query: Pairs = ()
    headers: Pairs = ()
    body: Any = None
    is_json: bool = True
    removed: tuple[str, ...] = field(default=())

    @property
    def is_unsafe(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS")
