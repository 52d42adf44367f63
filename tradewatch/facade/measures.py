"""What the application measured, as values, and as the items of envelopes that carry them. Without Django."""

import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sentry_sdk.envelope import Envelope, Item, PayloadRef

THRESHOLD_ITEM = "tradewatch_threshold"  # an item type of ours: TradeWatch makes news for alerts of it
OK, FAILED, CANCELLED = "ok", "internal_error", "cancelled"
LONGEST_NAME = 200
_ENTRIES_A_CONTAINER, _TRANSACTIONS_AN_ENVELOPE = 1000, 100


@dataclass(frozen=True, slots=True)
class Request:
    """A tracked request; `ended_at` in epoch seconds. `parent`: (trace id, span id) of what it belongs to."""

    name: str
    ended_at: float
    seconds: float
    status: str
    parent: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Point:
    name: str
    type: str
    value: float
    unit: str
    at: float
    attributes: Mapping[str, str]


@dataclass(slots=True)
class Crossed:
    """What was slower than its own threshold since the last report: how often, and the worst."""

    name: str
    threshold_seconds: float
    worst_seconds: float
    count: int
    last_at: float

    def add(self, seconds: float, at: float) -> None:
        self.count += 1
        self.worst_seconds = max(self.worst_seconds, seconds)
        self.last_at = at


@dataclass(frozen=True, slots=True)
class Origin:
    """Who measured. `sample_rate`: the share of requests that is sent, and what each of them stands for."""

    environment: str
    release: str | None
    sample_rate: float


def envelopes(
    origin: Origin, requests: Sequence[Request], points: Sequence[Point], crossings: Iterable[Crossed]
) -> Iterator[Envelope]:
    """Yield what is to be sent. Many requests share an envelope and its sample rate; each has an id of its own."""
    for start in range(0, len(requests), _TRANSACTIONS_AN_ENVELOPE):
        envelope = Envelope({"trace": _trace_header(origin), "sent_at": _iso(time.time())})
        for request in requests[start : start + _TRANSACTIONS_AN_ENVELOPE]:
            envelope.add_item(_item("transaction", transaction_of(request, origin)))
        yield envelope
    for start in range(0, len(points), _ENTRIES_A_CONTAINER):
        entries = [_entry(point, origin) for point in points[start : start + _ENTRIES_A_CONTAINER]]
        envelope = Envelope({"event_id": uuid.uuid4().hex, "sent_at": _iso(time.time())})
        headers = {"item_count": len(entries), "content_type": "application/vnd.sentry.items.trace-metric+json"}
        envelope.add_item(_item("trace_metric", {"version": 2, "items": entries}, headers))
        yield envelope
    crossed = list(crossings)
    if crossed:
        envelope = Envelope({"event_id": uuid.uuid4().hex, "sent_at": _iso(time.time())})
        for each in crossed:
            envelope.add_item(_item(THRESHOLD_ITEM, threshold_of(each, origin)))
        yield envelope


def transaction_of(request: Request, origin: Origin) -> dict[str, Any]:
    """Return the event of a transaction (https://develop.sentry.dev/sdk/data-model/event-payloads/transaction/)."""
    trace_id, parent = request.parent or (uuid.uuid4().hex, None)
    trace = {"trace_id": trace_id, "span_id": uuid.uuid4().hex[:16], "op": "http.server", "status": request.status}
    return {
        "type": "transaction",
        "event_id": uuid.uuid4().hex,
        "transaction": request.name,
        "transaction_info": {"source": "route"},
        "start_timestamp": request.ended_at - request.seconds,
        "timestamp": request.ended_at,
        "environment": origin.environment,
        "release": origin.release,
        "platform": "python",
        "contexts": {"trace": {**trace, **({"parent_span_id": parent} if parent else {})}},
        "spans": [],
    }


def threshold_of(crossed: Crossed, origin: Origin) -> dict[str, Any]:
    return {
        "name": crossed.name,
        "threshold_seconds": crossed.threshold_seconds,
        "worst_seconds": crossed.worst_seconds,
        "count": crossed.count,
        "timestamp": crossed.last_at,
        "environment": origin.environment,
        "release": origin.release,
    }


def _entry(point: Point, origin: Origin) -> dict[str, Any]:
    attributes = {**point.attributes, "sentry.environment": origin.environment}
    if origin.release:
        attributes["sentry.release"] = origin.release
    return {
        "timestamp": point.at,
        "name": point.name,
        "type": point.type,
        "value": point.value,
        "unit": point.unit,
        "attributes": {name: {"value": value, "type": "string"} for name, value in attributes.items()},
    }


def _trace_header(origin: Origin) -> dict[str, str]:
    header = {"sample_rate": f"{origin.sample_rate:g}", "sampled": "true", "environment": origin.environment}
    return {**header, **({"release": origin.release} if origin.release else {})}


def _item(item_type: str, payload: Mapping[str, Any], headers: Mapping[str, Any] | None = None) -> Item:
    return Item(payload=PayloadRef(json=dict(payload)), type=item_type, headers=dict(headers or {}))


def _iso(at: float) -> str:
    whole, fraction = divmod(at, 1)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole)) + f".{int(fraction * 1e6):06d}Z"
