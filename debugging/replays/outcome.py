"""What came of one request that was sent again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from debugging.requests.shapes import Pairs


@dataclass(frozen=True, slots=True)
class Limits:
    """`internal_host`: the one name whose address may be private. `allowed`: networks that may be called anyway."""

    timeout_seconds: float = 10.0
    internal_host: str = ""
    verifies_tls: bool = True
    allowed: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class Outcome:
    """`status` None: no answer, `fault` says why; with one, `fault` says what of it could not be had.

    `body` is text without the target's secrets; None for what is no text. `body_bytes` were read, inflated.
    `was_sent` False: nothing of the request has reached anybody. `redirects` are the paths that were followed.
    """

    status: int | None = None
    reason: str = ""
    headers: Pairs = ()
    body: str | None = None
    body_bytes: int = 0
    is_cut: bool = False
    seconds: float | None = None
    redirects: tuple[str, ...] = ()
    fault: str = ""
    was_sent: bool = False

    def as_json(self) -> dict[str, Any] | None:
        """Return it as it is stored; None: there is no answer."""
        if self.status is None:
            return None
        return {
            "status": self.status,
            "reason": self.reason,
            "headers": [list(pair) for pair in self.headers],
            "body": self.body,
            "body_bytes": self.body_bytes,
            "is_cut": self.is_cut,
            "seconds": self.seconds,
            "redirects": list(self.redirects),
        }
