"""Log containers as the stock SDK sends them, and the way into the store."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db import transaction

from tests.inbox.builders import make_arrival
from tradewatch.inbox.envelope import Item
from tradewatch.performance.logs.digest import LogHandler
from tradewatch.projects.models import Project

NOW = datetime(2026, 11, 23, 11, 59, 30, tzinfo=UTC)  # when `make_arrival` lets things arrive
TRACE, OTHER_TRACE = "4ea045a35c3647899371e25826f9209e", "b" * 32
SPAN = "bc481e700ee04068"


def line(
    body: object = "order 17 filled",
    *,
    ago: float = 10,
    now: datetime = NOW,
    level: object = "info",
    trace_id: object = TRACE,
    attributes: Mapping[str, object] | None = None,
    **fields: object,
) -> dict[str, Any]:
    """`ago`: seconds before `now`. Attributes are given plain and sent with their types."""
    given = {"sentry.environment": "production", "sentry.release": "2.0.1", "logger.name": "app.orders"}
    whole = {
        "timestamp": now.timestamp() - ago,
        "level": level,
        "body": body,
        "trace_id": trace_id,
        "span_id": SPAN,
        "attributes": {name: typed(value) for name, value in {**given, **(attributes or {})}.items()},
    }
    return {name: value for name, value in {**whole, **fields}.items() if value is not ...}


def typed(value: object) -> dict[str, object]:
    kinds = {str: "string", bool: "boolean", int: "integer", float: "double", list: "array"}
    return {"value": value, "type": kinds[type(value)]}


def container(*lines: object) -> Item:
    return Item("log", {"item_count": len(lines)}, orjson.dumps({"version": 2, "items": list(lines)}))


def digest(
    project: Project, *items: Item, drift: timedelta = timedelta(), now: datetime = NOW, **headers: object
) -> None:
    """Each call is a batch. `now`: when it comes; give it to `line` too."""
    arrival = replace(make_arrival(project, drift=drift, **headers), received_at=now)
    handler = LogHandler()
    drafts = [draft for item in items if (draft := handler.prepare(item, arrival)) is not None]
    if drafts:
        with transaction.atomic():
            handler.store(drafts, now=now)


def digest_lines(project: Project, *lines: object, **headers: Any) -> None:
    digest(project, container(*lines), **headers)
