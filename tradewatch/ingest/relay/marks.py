"""Which installations have relayed an envelope: what comes back to one of them is neither taken nor sent again."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings

MARKER = "tradewatch_relay"  # in the envelope's header, a list
MOST_MARKS = 20


def installation() -> str:
    """Return this installation's mark: the same on all its machines, and telling nothing of its key."""
    return _mark(settings.SECRET_KEY)


def marks_of(headers: Mapping[str, Any]) -> list[str]:
    """Return the installations that have relayed an envelope already."""
    marks = headers.get(MARKER)
    return [mark for mark in marks if isinstance(mark, str)][:MOST_MARKS] if isinstance(marks, list) else []


def is_our_own(headers: Mapping[str, Any]) -> bool:
    """Say whether an envelope went out from here before."""
    return MARKER in headers and installation() in marks_of(headers)


@lru_cache(maxsize=4)
def _mark(secret: str) -> str:
    return hashlib.blake2b(secret.encode(), digest_size=8, person=b"tw-relay").hexdigest()
