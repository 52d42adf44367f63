"""Which thresholds a project may set. Pure."""

import math

MOST_THRESHOLDS = 8
SMALLEST_SECONDS, LARGEST_SECONDS = 0.001, 3600.0  # thresholds are kept in whole milliseconds


def faults_in(apdex_seconds: object, latency_thresholds: object) -> dict[str, str]:
    """Return {field: what is wrong with it}."""
    faults = {}
    if not _is_duration(apdex_seconds):
        faults["apdex_seconds"] = "must be seconds from 0.001 to 3600"
    if not isinstance(latency_thresholds, list) or not all(map(_is_duration, latency_thresholds)):
        faults["latency_thresholds"] = "must be a list of seconds from 0.001 to 3600, e.g. [0.3, 2]"
    elif len(latency_thresholds) > MOST_THRESHOLDS:
        faults["latency_thresholds"] = f"at most {MOST_THRESHOLDS} are counted"
    return faults


def _is_duration(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and SMALLEST_SECONDS <= value <= LARGEST_SECONDS
