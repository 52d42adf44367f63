"""Kept transactions, as the digest stores them, and documents to store."""

import uuid
from datetime import UTC, datetime
from typing import Any

import orjson
import zstandard

from tests.performance.traces.trees import T0
from tests.projects.builders import make_project
from tradewatch.performance.models import KeptTransaction, KeptTransactionPayload
from tradewatch.performance.reading import epoch_of
from tradewatch.projects.models import Project

TRACE = "5d20c1f7" * 4


def keep(document: dict[str, Any], project: Project | None = None, **fields: Any) -> KeptTransaction:
    start, end = epoch_of(document.get("start_timestamp")), epoch_of(document.get("timestamp"))
    trace = document.get("contexts", {}).get("trace", {})
    at = T0 if start is None else start
    plain = {
        "project": project or make_project(),
        "identity": uuid.uuid4(),
        "trace_id": trace.get("trace_id", TRACE),
        "span_id": trace.get("span_id", ""),
        "name": document.get("transaction", ""),
        "environment": "production",
        "started_at": datetime.fromtimestamp(at, UTC),
        "seconds": None if start is None or end is None else end - start,
        "span_count": len(document.get("spans", [])),
        "hour": int(at) // 3600,
        "draw": 1,
    }
    kept = KeptTransaction.objects.create(**{**plain, **fields})
    KeptTransactionPayload.objects.create(transaction=kept, data=zstandard.compress(orjson.dumps(document), 3))
    return kept


def transaction(
    span_id: str, parent_id: str = "", start: float = 0, end: float = 84, *spans: dict[str, Any], **fields: Any
) -> dict[str, Any]:
    """Return a transaction's document; `start` and `end` are milliseconds after T0."""
    trace = {"trace_id": TRACE, "span_id": span_id, "parent_span_id": parent_id, "op": "http.server", "status": "ok"}
    plain = {
        "transaction": "POST /orders",
        "contexts": {"trace": {**trace, **fields.pop("trace", {})}},
        "start_timestamp": T0 + start / 1000,
        "timestamp": T0 + end / 1000,
        "release": "trading-api@2.0.1",
        "environment": "production",
        "spans": list(spans),
    }
    return {**plain, **fields}


def child(
    span_id: str, parent_id: str, start: float, end: float, op: str = "db", description: str = "SELECT 1", **fields: Any
) -> dict[str, Any]:
    return {
        "trace_id": TRACE, "span_id": span_id, "parent_span_id": parent_id, "op": op, "description": description,
        "start_timestamp": T0 + start / 1000, "timestamp": T0 + end / 1000, **fields,
    }  # fmt: skip
