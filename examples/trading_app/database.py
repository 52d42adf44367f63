"""The tables of the service, in an SQLite file that ends with the process; SQLAlchemy is what the stock SDK watches."""

import time
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from sqlite3 import Connection
from typing import Any

from sqlalchemy import (
    Column,
    Dialect,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    insert,
)

COLD_READ_SECONDS = 0.002
ARCHIVED_DAYS = 60


class Money(TypeDecorator[Decimal]):
    """Exact decimals as text: SQLite has none of its own."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


metadata = MetaData()
accounts = Table(
    "accounts",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("holder", String(80), nullable=False),
    Column("tier", String(20), nullable=False),
    Column("cash", Money, nullable=False),
    Column("order_limit", Money, nullable=False),
)
orders = Table(
    "orders",
    metadata,
    Column("id", String(20), primary_key=True),
    Column("account_id", String(20), nullable=False),
    Column("symbol", String(12), nullable=False),
    Column("side", String(4), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("price", Money, nullable=False),
    Column("margin", Money, nullable=False),
    Column("state", String(10), nullable=False),
)
closing_prices = Table(
    "closing_prices",
    metadata,
    Column("symbol", String(12), primary_key=True),
    Column("day", Integer, primary_key=True),
    Column("pence", Integer, nullable=False),
)


def open_database(file: Path, first_accounts: Sequence[dict[str, Any]], prices: Mapping[str, Decimal]) -> Engine:
    """Return an engine on a new file with the accounts given, and a past of closing prices."""
    engine = create_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _teach_cold_reads)
    metadata.create_all(engine)
    past = [
        {"symbol": symbol, "day": day, "pence": int(price * 100) + day % 5}
        for symbol, price in prices.items()
        for day in range(ARCHIVED_DAYS)
    ]
    with engine.begin() as connection:
        connection.execute(insert(accounts), list(first_accounts))
        connection.execute(insert(closing_prices), past)
    return engine


def _teach_cold_reads(connection: Connection, record: object) -> None:
    connection.create_function("cold_read", 1, _cold_read)


def _cold_read(value: int) -> int:
    time.sleep(COLD_READ_SECONDS)  # stands for a table that is on a slow disk and has no index
    return value
