"""A `trace_metric` container: its points summed up, and how many were refused for which reason. No database.

Source: https://develop.sentry.dev/sdk/telemetry/metrics/: {"version": 2, "items": [...]}, up to 1,000 points.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import orjson

from tradewatch.inbox.handlers import Unreadable
from tradewatch.inbox.lenient_json import loads_leniently
from tradewatch.inbox.scrub import ScrubPolicy
from tradewatch.metrics.points.values import Gathered, MetricKey, add_value
from tradewatch.performance.custom_metrics.attributes import AttributeReader
from tradewatch.performance.custom_metrics.entries import Read, Times, read_entry

NO_OBJECT = "item"
MOST_ENTRIES = 100_000
MOST_NAMES_REFUSED = 20  # that a container may name: a client may invent any

Refused = Counter[tuple[str, str]]  # (field at fault, name of the metric or "")


class _Entry(msgspec.Struct):
    """An entry whose attributes stay bytes: a container repeats a few sets of them a thousand times."""

    name: Any = None
    type: Any = None
    value: Any = None
    unit: Any = None
    timestamp: Any = None
    attributes: msgspec.Raw = msgspec.Raw()


class _Container(msgspec.Struct):
    items: list[_Entry]


_decoder = msgspec.json.Decoder(_Container)


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose container it is: what to scrub, where a point belongs that says no environment, and the clock's drift."""

    project_id: int
    environment: str
    policy: ScrubPolicy
    drift_seconds: float


@dataclass(slots=True)
class Summed:
    gathered: Gathered
    refused: Refused
    has_moments: bool = False


def sum_up(payload: bytes, sender: Sender, times: Times, reader: AttributeReader) -> Summed:
    """Return the points of a container by metric, minute and attributes. Raises `Unreadable`."""
    summed = Summed({}, Counter())
    for entry in _entries(payload):
        if entry is None:
            summed.refused[NO_OBJECT, ""] += 1
            continue
        if entry.timestamp is not None:
            summed.has_moments = True
        read = _read(entry, times, sender.drift_seconds)
        if not isinstance(read, Read):
            _refuse(summed.refused, read, entry.name)
            continue
        place = reader.read(bytes(entry.attributes), sender.policy)
        key = MetricKey(sender.project_id, place.environment or sender.environment, read.name, read.type, read.unit)
        add_value(summed.gathered, key, int(read.at_epoch) // 60 * 60, place.attributes, read.value, read.at_epoch)
    return summed


def _entries(payload: bytes) -> Iterable[_Entry | None]:
    """Yield the entries; None for what is no object."""
    try:
        return _decoder.decode(payload).items[:MOST_ENTRIES]
    except (msgspec.DecodeError, RecursionError):
        return _odd_entries(payload)


def _odd_entries(payload: bytes) -> Iterable[_Entry | None]:
    """The same for what is not quite JSON, such as NaN, not all objects, or nested too deeply for the fast parser."""
    try:
        document = loads_leniently(payload)
    except ValueError:
        raise Unreadable("The trace_metric item is not JSON.") from None
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(items, list):
        raise Unreadable("The trace_metric item has no list of items.")
    return [_entry_of(item) if isinstance(item, Mapping) else None for item in items[:MOST_ENTRIES]]


def _entry_of(item: Mapping[str, Any]) -> _Entry:
    fields = {name: item.get(name) for name in ("name", "type", "value", "unit", "timestamp")}
    return _Entry(**fields, attributes=msgspec.Raw(_attributes_of(item)))


def _attributes_of(item: Mapping[str, Any]) -> bytes:
    """Return the attributes as JSON; none where they are nested too deeply: that costs them, not the point."""
    try:
        return orjson.dumps(item.get("attributes"))
    except (orjson.JSONEncodeError, RecursionError):
        return b""


def _read(entry: _Entry, times: Times, drift_seconds: float) -> Read | dict[str, list[str]]:
    fields = {
        "name": entry.name,
        "type": entry.type,
        "value": entry.value,
        "unit": entry.unit,
        "timestamp": entry.timestamp,
    }
    return read_entry(fields, times, drift_seconds=drift_seconds)


def _refuse(refused: Refused, reasons: Mapping[str, list[str]], name: object) -> None:
    """Count by the first field at fault, and by the metric where its name is sound."""
    field = next(iter(reasons))
    known = name if isinstance(name, str) and "name" not in reasons else ""
    if (field, known) not in refused and len(refused) >= MOST_NAMES_REFUSED:
        known = ""
    refused[field, known] += 1
