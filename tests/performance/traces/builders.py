"""Transactions and spans as rows to count, with loud defaults."""

from datetime import UTC, datetime
from typing import Any

from tradewatch.performance.traces.counting import SpanRow, TransactionRow, add_spans, add_transactions
from tradewatch.performance.traces.groups import SpanPlace, TransactionPlace

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = int(datetime(2026, 11, 23, 11, 0, tzinfo=UTC).timestamp())


def make_row(
    at: float = HOUR + 30.0,
    *,
    seconds: float | None = 0.2,
    name: str = "GET /orders",
    op: str = "http.server",
    environment: str = "production",
    release: str = "2.0.0",
    project_id: int = 1,
    is_failed: bool = False,
    weight: float = 1.0,
) -> TransactionRow:
    return TransactionRow(TransactionPlace(project_id, environment, name, op, release), at, seconds, is_failed, weight)


def make_span(
    at: float = HOUR + 30.0,
    *,
    seconds: float = 0.02,
    exclusive_seconds: float | None = None,
    transaction: str = "GET /orders",
    category: str = "db",
    op: str = "db",
    description: str = "SELECT * FROM orders",
    environment: str = "production",
    project_id: int = 1,
    is_failed: bool = False,
    weight: float = 1.0,
) -> SpanRow:
    place = SpanPlace(project_id, environment, transaction, category, op, description)
    exclusive = seconds if exclusive_seconds is None else exclusive_seconds
    return SpanRow(place, at, seconds, exclusive, is_failed, weight)


def count(*rows: TransactionRow) -> Any:
    return add_transactions(rows, now=NOW)


def count_spans(*rows: SpanRow) -> None:
    add_spans(rows, now=NOW)
