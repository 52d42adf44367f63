"""Transactions and spans as rows to count, with loud defaults."""

from datetime import UTC, datetime
from typing import Any

from tradewatch.metrics.histogram import bin_of
from tradewatch.performance.traces.counting import SpanRow, TransactionRow, add_spans, add_transactions
from tradewatch.performance.traces.groups import SpanPlace, TransactionPlace
from tradewatch.performance.traces.sums import Part

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
    exclusive = seconds if exclusive_seconds is None else exclusive_seconds
    part = Part(category, op, description, 1, int(is_failed), seconds, exclusive, {bin_of(seconds): 1})
    return SpanRow(SpanPlace(project_id, environment, transaction, category, op, description), at, part, weight)


def count(*rows: TransactionRow) -> Any:
    return add_transactions(rows, now=NOW)


def count_spans(*rows: SpanRow) -> None:
    add_spans(rows, now=NOW)
