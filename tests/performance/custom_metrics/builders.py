"""Containers as SDKs send them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from tests.inbox.builders import make_arrival
from tradewatch.inbox.envelope import Item
from tradewatch.metrics.points.asking import Question
from tradewatch.metrics.points.reading import over
from tradewatch.performance.custom_metrics.digest import MetricHandler

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT = datetime(2026, 11, 23, 11, 58, 20, tzinfo=UTC).timestamp()
SDK_ATTRIBUTES = {
    "sentry.sdk.name": {"value": "sentry.python", "type": "string"},
    "sentry.environment": {"value": "production", "type": "string"},
    "sentry.release": {"value": "trading-api@2.0.1", "type": "string"},
    "server.address": {"value": "host-7", "type": "string"},
}


def an_entry(name: Any = "orders", value: Any = 1.0, *, type: Any = "counter", at: Any = AT, **more: Any) -> dict:
    attributes = more.pop("attributes", {})
    wrapped = {key: {"value": each, "type": "string"} for key, each in attributes.items()}
    entry = {"timestamp": at, "name": name, "type": type, "value": value, "attributes": {**SDK_ATTRIBUTES, **wrapped}}
    return {**entry, "trace_id": "edcfafed5f0940569a04af033ec93c02", **more}


def a_container(*entries: Any) -> Item:
    return Item("trace_metric", {"item_count": len(entries)}, orjson.dumps({"version": 2, "items": list(entries)}))


def digest(project: Any, *items: Item, drift: timedelta = timedelta(), **headers: Any) -> None:
    handler = MetricHandler()
    arrival = make_arrival(project, drift=drift, **headers)
    drafts = [handler.prepare(item, arrival) for item in items]
    handler.store([draft for draft in drafts if draft], now=NOW)


def value_of(
    project: Any, name: str = "orders", aggregation: str = "sum", *, hours: Sequence[int] = (11, 12), **asked: Any
) -> float | None:
    """Return what the metric comes to on 23 November, from the first hour to the other."""
    start, end = (int(datetime(2026, 11, 23, hour, tzinfo=UTC).timestamp()) for hour in hours)
    return over(Question([project.pk], name, aggregation, **asked), start, end).get("")
