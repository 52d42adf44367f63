"""One entry of a container, as SDKs and the API send it: a point, or what is wrong with it, by field. Pure.

Source: https://develop.sentry.dev/sdk/telemetry/metrics/ (the `trace_metric` envelope item).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewatch.metrics.own.keeping import PREFIX as OWN
from tradewatch.metrics.points.values import (
    COUNTER,
    MAX_ATTRIBUTE_NAME,
    MAX_ATTRIBUTE_VALUE,
    MAX_ATTRIBUTES,
    TYPES,
)
from tradewatch.performance.custom_metrics.units import MAX_UNIT, unit_name
from tradewatch.performance.reading import epoch_of

# What an SDK adds by itself. It says who measured, not what: with it each release, host and user were new series.
DROPPED = ("sentry.", "user.", "server.", "process.", "os.", "device.", "browser.", "thread.", "telemetry.")
MAX_NAME = 120
LARGEST = 1e300  # far from where sums of doubles end

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:/\-]*")

Reasons = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Times:
    """What a point's moment is held against, in epoch seconds: now, the oldest that is kept, and how far a clock may be
    ahead. What is ahead by less is of now."""

    now: float
    oldest: float
    ahead_seconds: float = 60.0


@dataclass(frozen=True, slots=True)
class Read:
    """The fields of a sound entry; attributes are read apart."""

    name: str
    type: str
    value: float
    unit: str
    at_epoch: float


def read_entry(entry: Mapping[str, Any], times: Times, *, drift_seconds: float = 0.0) -> Read | Reasons:
    """Return the point's fields, or why it cannot be counted: {field: texts}. Without a timestamp it is of now."""
    name, metric_type, value, unit = (entry.get(field) for field in ("name", "type", "value", "unit"))
    reasons = {
        field: [text]
        for field, text in (
            ("name", name_fault(name)),
            ("type", "" if metric_type in TYPES else f"expected one of {', '.join(TYPES)}"),
            ("value", value_fault(value, metric_type)),
            ("unit", unit_fault(unit)),
        )
        if text
    }
    at_epoch = times.now if entry.get("timestamp") is None else epoch_of(entry["timestamp"])
    if fault := _moment_fault(at_epoch, drift_seconds, times):
        reasons["timestamp"] = [fault]
    if reasons or at_epoch is None:
        return reasons
    corrected = min(at_epoch + drift_seconds, times.now)
    return Read(str(name), str(metric_type), float(value), unit_name(unit or ""), corrected)  # type: ignore[arg-type]


def name_fault(name: object) -> str:
    if not isinstance(name, str) or not name:
        return "is needed: a text such as orders.latency"
    if len(name) > MAX_NAME:
        return f"at most {MAX_NAME} characters"
    if not _NAME.fullmatch(name):
        return "begins with a letter, and holds letters, digits and . _ - / : only"
    if name.startswith(OWN):  # alert rules read them, and a DSN is no secret
        return f"names that begin with {OWN} are TradeWatch's own"
    return ""


def value_fault(value: object, metric_type: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "is needed: a number" if value is None else "expected a number"
    if not abs(value) <= LARGEST:  # nan is not either
        return "expected a finite number"
    return "a counter never goes down: expected 0 or more" if metric_type == COUNTER and value < 0 else ""


def unit_fault(unit: object) -> str:
    if unit is None:
        return ""
    if not isinstance(unit, str):
        return "expected a text such as millisecond"
    if len(unit) > MAX_UNIT or not unit.isprintable():
        return f"at most {MAX_UNIT} printable characters"
    return ""


def attributes_fault(attributes: object) -> str:
    """Return what is wrong with the attributes of a point that a person wrote; an SDK's are cut instead."""
    if attributes is None:
        return ""
    if not isinstance(attributes, Mapping):
        return "expected an object of names and values"
    if len(attributes) > MAX_ATTRIBUTES:
        return f"at most {MAX_ATTRIBUTES}"
    for name, value in attributes.items():
        if name.startswith(DROPPED):
            return f"{name}: names that begin with {', '.join(DROPPED)} are those of SDKs, and are left out"
        if not 0 < len(name) <= MAX_ATTRIBUTE_NAME:
            return f"a name has 1 to {MAX_ATTRIBUTE_NAME} characters"
        if not isinstance(value, str | int | float):
            return f"{name}: expected a text, a number or true or false"
        if isinstance(value, str) and len(value) > MAX_ATTRIBUTE_VALUE:
            return f"{name}: at most {MAX_ATTRIBUTE_VALUE} characters"
    return ""


def _moment_fault(at_epoch: float | None, drift_seconds: float, times: Times) -> str:
    if at_epoch is None:
        return "expected epoch seconds, or a time such as 2026-10-01T00:00:00Z"
    ahead = at_epoch + drift_seconds - times.now
    if ahead > times.ahead_seconds:
        return f"is {ahead:.0f} s in the future"
    if at_epoch + drift_seconds < times.oldest:
        return f"is older than the {(times.now - times.oldest) / 86_400:.0f} days that metrics are kept"
    return ""
