"""A request as replays, exports and searches for a smaller one handle it."""

from dataclasses import dataclass, field
from typing import Any

Pairs = tuple[tuple[str, str], ...]
SAFE = ("GET", "HEAD", "OPTIONS")  # https://www.rfc-editor.org/rfc/rfc9110#name-safe-methods
_OVERRIDES = frozenset(("x-http-method-override", "x-http-method", "x-method-override"))


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
        """Whether it may change something: by its method, or by one that frameworks take from elsewhere instead."""
        meant = [value for name, value in self.headers if name.lower() in _OVERRIDES]
        meant += [value for name, value in self.query if name.lower() in ("_method", "x-http-method-override")]
        return any(method.strip().upper() not in SAFE for method in (self.method, *meant))
