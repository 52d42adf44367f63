"""Which thresholds and limits a project may set. Pure."""

import math
from collections.abc import Mapping

MOST_THRESHOLDS = 8
SMALLEST_SECONDS, LARGEST_SECONDS = 0.001, 3600.0  # thresholds are kept in whole milliseconds


# {field: the smallest, the largest, what they are}: from which on something is found in a trace.
LIMITS: Mapping[str, tuple[float, float, str]] = {
    "n_plus_one_queries": (2, 1000, "queries"),
    "n_plus_one_seconds": (0, 60, "seconds"),
    "slow_query_seconds": (0.001, 3600, "seconds"),
    "slow_http_seconds": (0.001, 3600, "seconds"),
    "large_answer_bytes": (1024, 1 << 30, "bytes"),
}


def limit_faults_in(values: Mapping[str, object]) -> dict[str, str]:
    """Return {field: what is wrong with it} of values for `LIMITS`."""
    return {
        name: f"must be {unit} from {low:,} to {high:,}"
        for name, (low, high, unit) in LIMITS.items()
        if not _lies_within(values.get(name), low, high)
    }


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
    return _lies_within(value, SMALLEST_SECONDS, LARGEST_SECONDS)


def _lies_within(value: object, low: float, high: float) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and low <= value <= high
