"""What a `log` container says (https://develop.sentry.dev/sdk/telemetry/logs/). Pure.

Every field of a line may be missing or odd: it then costs that field, never the line. What is no object is no line.
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from tradewatch.performance.logs.lines import Line, Scalar, microseconds, severity_of
from tradewatch.performance.reading import epoch_of

MOST_LINES = 10_000  # of a container; SDKs send at most 100
LONGEST_BODY = 64_000
LONGEST_VALUE = 8_000
LONGEST_NAME = 200
MOST_ATTRIBUTES = 200
MOST_ENTRIES = 100  # of a list
CUT = "…"

# Said by the line's level and severity already.
_SAID = frozenset({"sentry.severity_number", "sentry.severity_text"})
_HEX = re.compile(r"[0-9a-f]+")


def read_lines(
    document: Mapping[str, Any], *, received_at: datetime, drift: timedelta, retention: timedelta
) -> list[Line]:
    """Return the container's lines, in order of time.

    Moments are corrected by `drift` and clamped to the `retention` that ends at `received_at`.
    """
    entries = document.get("items")
    latest = microseconds(received_at)
    clock = (latest - microseconds_in(retention), latest, microseconds_in(drift))
    lines = [
        _read_line(entry, *clock)
        for entry in (entries[:MOST_LINES] if isinstance(entries, list) else ())
        if isinstance(entry, Mapping)
    ]
    lines.sort(key=lambda line: line.at_us)  # stable: lines of one moment stay as they were sent
    return lines


def has_moments(document: Mapping[str, Any]) -> bool:
    """Return whether the lines carry moments: two containers with the same bytes are then one, delivered twice."""
    entries = document.get("items")
    first = entries[0] if isinstance(entries, list) and entries else None
    return isinstance(first, Mapping) and epoch_of(first.get("timestamp")) is not None


def _read_line(entry: Mapping[str, Any], earliest: int, latest: int, drift: int) -> Line:
    at_epoch = epoch_of(entry.get("timestamp"))
    at_us = latest if at_epoch is None else round(at_epoch * 1e6) + drift
    given = entry.get("attributes")
    given = given if isinstance(given, Mapping) else {}
    number = entry.get("severity_number")
    if number is None:
        number = _value(given.get("sentry.severity_number"))
    return Line(
        at_us=min(max(at_us, earliest), latest),
        severity=severity_of(entry.get("level"), number),
        body=_text(entry.get("body"), LONGEST_BODY),
        trace_id=hex_id(entry.get("trace_id"), 32),
        span_id=hex_id(entry.get("span_id"), 16),
        attributes=dict(_attributes(given)),
    )


def _attributes(given: Mapping[str, Any]) -> Iterator[tuple[str, Scalar]]:
    count = 0
    for name, entry in given.items():
        if name in _SAID or not name:
            continue
        value = _value(entry)
        if value is None:
            continue
        count += 1
        if count > MOST_ATTRIBUTES:
            return
        yield (name if name.isascii() and len(name) <= LONGEST_NAME and "\0" not in name else _name(name)), value


def _name(name: str) -> str:
    return name.replace("\0", "")[:LONGEST_NAME]


def _value(entry: object) -> Scalar:
    """Return an attribute's value in the type it says it has; None for what cannot be one.

    A value without the object around it, as some clients write it, has the type it has.
    """
    if type(entry) is dict:
        value, said = entry.get("value"), entry.get("type")
    else:
        value, said = entry, None
    match value:
        case str():
            return _text(value, LONGEST_VALUE)
        case bool():
            return value
        case int():
            return float(value) if said == "double" else value
        case float():
            return _number(value, said)
        case list():
            plain = (_value(each) for each in value[:MOST_ENTRIES] if isinstance(each, str | int | float))
            return [each for each in plain if each is not None]
        case _:
            return None


def _number(value: float, said: object) -> Scalar:
    if not math.isfinite(value):
        return None
    return int(value) if said == "integer" and value.is_integer() and abs(value) < 2**63 else value


def _text(value: object, longest: int) -> str:
    """Return `value` as a line can hold it; of what is no text, what Python writes of a scalar."""
    if not isinstance(value, str):
        if value is None or isinstance(value, dict | list):
            return ""
        value = str(value)
    if len(value) > longest:
        value = value[: longest - 1] + CUT
    return value.replace("\0", "") if "\0" in value else value


def hex_id(value: object, digits: int) -> str:
    """Return an id of exactly so many hex digits in lower case, without hyphens; empty for anything else."""
    if not isinstance(value, str):
        return ""
    plain = value.replace("-", "").lower()
    return plain if len(plain) == digits and _HEX.fullmatch(plain) and plain.strip("0") else ""


def microseconds_in(length: timedelta) -> int:
    return length // timedelta(microseconds=1)
