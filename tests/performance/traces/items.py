"""Items as SDKs send them, with loud defaults."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tests.inbox.builders import make_arrival
from tradewatch.inbox.envelope import Item
from tradewatch.performance.traces.digest import TraceHandler
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
END = datetime(2026, 11, 23, 11, 59, 10, tzinfo=UTC).timestamp()
START, STOP = int(END) // 3600 * 3600, int(END) // 3600 * 3600 + 3600
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
ROOT = "00f067aa0ba902b7"


def make_child(
    number: int = 1,
    *,
    parent: str = ROOT,
    op: str = "db",
    description: str = "SELECT * FROM orders WHERE id = %s",
    start: float = END - 0.15,
    seconds: float = 0.05,
    **fields: Any,
) -> dict[str, Any]:
    return {
        "span_id": f"{number:016x}",
        "parent_span_id": parent,
        "trace_id": TRACE,
        "op": op,
        "description": description,
        "start_timestamp": start,
        "timestamp": start + seconds,
        **fields,
    }


def make_document(
    number: int = 0,
    *,
    name: str = "GET /orders",
    status: str = "ok",
    seconds: float = 0.2,
    trace_id: str = "",
    op: str = "http.server",
    end: float = END,
    **fields: Any,
) -> dict[str, Any]:
    trace = {"trace_id": trace_id or f"{number + 1:032x}", "span_id": ROOT, "status": status, "op": op}
    document = {
        "event_id": f"{number:032x}",
        "type": "transaction",
        "transaction": name,
        "start_timestamp": end - seconds,
        "timestamp": end,
        "environment": "production",
        "contexts": {"trace": trace},
        "spans": [],
    }
    return document | fields


def make_item(number: int = 0, **fields: Any) -> Item:
    return Item("transaction", {}, orjson.dumps(make_document(number, **fields)))


def make_streamed(
    number: int,
    *,
    parent: str = "",
    name: str = "SELECT * FROM orders WHERE id = 42",
    segment: str = ROOT,
    status: str = "ok",
    start: float = END - 0.2,
    seconds: float = 0.05,
    trace_id: str = TRACE,
    op: str = "db",
    **attributes: Any,
) -> dict[str, Any]:
    """A span of version 2 as sentry-sdk 2.75 sends it with trace_lifecycle="stream"."""
    span_id = ROOT if number == 0 else f"{number:016x}"
    values = {"sentry.op": op, "sentry.segment.id": segment, "sentry.segment.name": "GET /orders"} | attributes
    span = {
        "trace_id": trace_id,
        "span_id": span_id,
        "name": name,
        "status": status,
        "is_segment": number == 0,
        "start_timestamp": start,
        "end_timestamp": start + seconds,
        "attributes": {key: {"value": value, "type": "string"} for key, value in values.items() if value is not None},
    }
    return span | ({"parent_span_id": parent or ROOT} if number else {})


def make_container(*spans: dict[str, Any]) -> Item:
    return Item("span", {"item_count": len(spans)}, orjson.dumps({"version": 2, "items": list(spans)}))


def digest(project: Project, *items: Item, drift: timedelta = timedelta(), **headers: Any) -> None:
    handler, arrival = TraceHandler(), make_arrival(project, drift=drift, **headers)
    drafts = [handler.prepare(item, arrival) for item in items]
    handler.store([draft for draft in drafts if draft is not None], now=NOW)
