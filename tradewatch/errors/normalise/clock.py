"""Moments as SDKs send them, as epoch seconds."""

import functools
from datetime import UTC, datetime
from typing import Any

from tradewatch.errors.normalise.fields import Context, Field, MisfitError

MILLISECONDS_FROM = 1e11  # as seconds: the year 5138; some clients send milliseconds
_LATEST = 253402300799.0  # the end of year 9999: datetime shows no later


def epoch_seconds(value: Any) -> float:
    """Return epoch seconds for a number or an RFC 3339 text; without an offset it is UTC. Raises MisfitError."""
    seconds = _from_text(value) if type(value) is str else value
    if type(seconds) not in (int, float) or not 0 <= seconds <= _LATEST * 1000:  # NaN is neither
        raise MisfitError("not a moment")
    return float(seconds) if seconds < MILLISECONDS_FROM else seconds / 1000


def _from_text(text: str) -> float:
    try:
        # 2026-01-05T09:30:00.123456Z, as the Python and JavaScript SDKs write it
        if text[-1] == "Z" and text[16] == ":":
            return _minute(text[:16]) + float(text[17:-1])
        return _from_any_text(text)
    except (ValueError, OverflowError, IndexError) as error:
        raise MisfitError("not a moment") from error


@functools.lru_cache(maxsize=256)
def _minute(text: str) -> float:
    """Cached: a hundred breadcrumbs share a few minutes."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def _from_any_text(text: str) -> float:
    if len(text) > 40:
        raise ValueError
    try:
        return float(text)
    except ValueError:
        moment = datetime.fromisoformat(text.upper())  # RFC 3339, 5.6: "z" and "t" may be small
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _corrected(value: Any, context: Context) -> float:
    return epoch_seconds(value) + context.drift_seconds


MOMENT = Field(None, None, _corrected)
