"""What an upstream's answer means for the entry that was sent, and for those that wait. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import orjson

from tradewatch.core.net import ForbiddenAddressError
from tradewatch.ingest.relay.limits import USUAL_SECONDS, Limits, read_limits, read_retry_after

WORDS = 200
_TRY_AGAIN = frozenset({408, 425})


class Fate(StrEnum):
    SENT = "sent"
    REFUSED = "refused"  # for good
    LIMITED = "limited"  # it waits until its category may go again
    FAILED = "failed"  # it waits for a while


@dataclass(frozen=True, slots=True)
class Outcome:
    """`detail`: the upstream's words, or what happened on the way. `retry_at`: the upstream's wish, epoch seconds.
    `category`: of what was sent, where it is limited."""

    fate: Fate
    detail: str = ""
    limits: Limits = field(default_factory=dict)
    retry_at: float | None = None
    category: str = ""


def outcome_of(status: int, headers: Mapping[str, str], body: bytes, *, category: str, now: float) -> Outcome:
    """Return what a finished answer means. `headers` by their names in lower case; `body`: its beginning; `category`:
    of what was sent."""
    limits = read_limits(headers.get("x-sentry-rate-limits", ""), now=now)
    retry_at = read_retry_after(headers["retry-after"], now=now) if "retry-after" in headers else None
    if 200 <= status < 300:
        return Outcome(Fate.SENT, limits=limits)
    detail = words_of(status, headers, body)
    if status == 429:
        return Outcome(Fate.LIMITED, detail, limits or {"": retry_at or now + USUAL_SECONDS}, retry_at, category)
    if status >= 500 or status in _TRY_AGAIN:
        return Outcome(Fate.FAILED, detail, limits, retry_at)
    return Outcome(Fate.REFUSED, detail, limits)


def words_of(status: int, headers: Mapping[str, str], body: bytes) -> str:
    """Return the status with what the upstream says of it, in one line."""
    said = headers.get("x-sentry-error", "") or _detail_in(body)
    text = "".join(each if each.isprintable() else " " for each in said).strip()
    return f"{status}: {text[:WORDS]}" if text else str(status)


def failed(error: Exception) -> Outcome:
    """Return what an error on the way means: the upstream may not even know of the entry."""
    text = "".join(each if each.isprintable() else " " for each in str(error)).strip()
    kind = "not called" if isinstance(error, ForbiddenAddressError) else type(error).__name__
    return Outcome(Fate.FAILED, f"{kind}: {text[:WORDS]}" if text else kind)


def _detail_in(body: bytes) -> str:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return "" if body.lstrip()[:1] == b"<" else body.decode("utf-8", "replace")
    if not isinstance(document, dict):
        return str(document)
    causes = document.get("causes")
    parts = [document.get("detail"), *(causes if isinstance(causes, list) else ())]
    return ": ".join(part for part in parts if isinstance(part, str))
