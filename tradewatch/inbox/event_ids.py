"""Event ids: 32 hex digits, or a UUID with its hyphens; TradeWatch writes the former."""

import re
from typing import Any
from uuid import uuid4

_PLAIN = re.compile(r"[0-9a-f]{32}")
_HYPHENS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def normal_event_id(value: Any) -> str | None:
    """Return `value` as 32 lower-case hex digits, or None when it is no event id."""
    if not isinstance(value, str):
        return None
    if _PLAIN.fullmatch(value):
        return value
    lowered = value.strip().lower()
    if _PLAIN.fullmatch(lowered):
        return lowered
    return lowered.replace("-", "") if _HYPHENS.fullmatch(lowered) else None


def new_event_id() -> str:
    return uuid4().hex
