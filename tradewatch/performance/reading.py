"""Fields of what SDKs send about time, names, failure and sampling, whatever state they come in. Pure."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

NO_FAILURE = frozenset({"ok", "cancelled", "unknown"})
UNNAMED = "<unnamed>"
MAX_NAME = 200
SMALLEST_SAMPLE_RATE = 1e-6  # below that, one odd client would outweigh everybody else


def name_of(value: object) -> str:
    if not isinstance(value, str):
        return UNNAMED
    return value.replace("\0", "").encode("utf-8", "replace").decode().strip()[:MAX_NAME] or UNNAMED


def is_failure(status: object) -> bool:
    """Say whether a status counts as failed: any but ok, cancelled and unknown. No status is unknown."""
    return isinstance(status, str) and bool(status) and status.lower() not in NO_FAILURE


def weight_of(trace_header: object) -> float:
    """Return 1 / the sample rate of the envelope's trace header, which SDKs send as text; 1.0 without a sound one."""
    rate = trace_header.get("sample_rate") if isinstance(trace_header, Mapping) else None
    try:
        number = float(rate) if isinstance(rate, str | int | float) else 1.0
    except (ValueError, OverflowError):
        return 1.0
    return 1.0 / number if SMALLEST_SAMPLE_RATE <= number <= 1.0 else 1.0


def epoch_of(value: object) -> float | None:
    """Return epoch seconds of a timestamp: a number of seconds, or ISO 8601 (without a zone: UTC)."""
    if isinstance(value, bool):
        return None
    try:
        if isinstance(value, str):
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        seconds = float(value) if isinstance(value, int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and abs(seconds) < 1e12 else None
