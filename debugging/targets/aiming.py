"""What a change of a target means: whose it is to make, and whether its secrets may stay. Values in, values out.

A secret is put in and never read again, and production takes two people. Whoever could aim a target elsewhere alone, or
call it something else, would get round both.
"""

from typing import Protocol

import httpx

from debugging.choices import TargetKind


class Aimed(Protocol):
    """A target, as far as it says where replays go."""

    @property
    def kind(self) -> str: ...
    @property
    def base_url(self) -> str: ...
    @property
    def allows_internal(self) -> bool: ...


def faults_in_aim(before: Aimed | None, after: Aimed, *, is_changed: bool) -> dict[str, list[str]]:
    """Return {field: sentences} of what only an administrator may do; empty: a manager may. `before` None: new."""
    if is_changed and (after.allows_internal or (before is not None and before.allows_internal)):
        return {"allows_internal": ["only an administrator sets this, or changes such a target"]}
    if before is None or before.kind != TargetKind.PRODUCTION:
        return {}
    faults = {}
    if after.kind != TargetKind.PRODUCTION:
        faults["kind"] = ["only an administrator takes a target out of production"]
    if after.base_url != before.base_url:
        faults["base_url"] = ["only an administrator gives a production target another address"]
    return faults


def leads_elsewhere(before_url: str, after_url: str) -> bool:
    """Return whether scheme, host or port differ: what was entrusted to the one is not meant for the other."""
    return origin_of(before_url) != origin_of(after_url)


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port as they are connected to; port None: the scheme's own. Raises httpx.InvalidURL."""
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port
