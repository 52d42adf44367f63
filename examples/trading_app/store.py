"""Everything the service knows; it starts anew with each process."""

import tempfile
import threading
from dataclasses import asdict
from decimal import Decimal
from itertools import count
from pathlib import Path

from sqlalchemy import Connection, RowMapping, case, func, insert, select, update

from examples.trading_app.database import accounts, closing_prices, open_database, orders
from examples.trading_app.domain import Account, Instrument, Order, OrderState, Tier

INSTRUMENTS = {
    instrument.symbol: instrument
    for instrument in (
        Instrument("ACME", "XLON", Decimal("101.50")),
        Instrument("BOLT", "XLON", Decimal("42.10")),
        Instrument("CRUX", "XPAR", Decimal("7.35")),
        Instrument("NIPPON", "XTKS", Decimal("1820"), feed_seconds=0.4),  # quoted from far away
        Instrument("LATE", "XSLO", Decimal("12.00")),  # its venue takes longer than we wait
        Instrument("DROP", "XRST", Decimal("3.20")),  # its venue hangs up
        Instrument("ORBT", "XPAR", Decimal("15.75"), has_settlement_instruction=False),
    )
}


class Store:
    def __init__(self) -> None:
        first = _first_accounts()
        prices = {symbol: instrument.price for symbol, instrument in INSTRUMENTS.items()}
        self._folder = tempfile.TemporaryDirectory(prefix="trading-")
        file = Path(self._folder.name) / "trading.sqlite3"
        self._engine = open_database(file, [asdict(account) for account in first], prices)
        self.account_locks = {account.id: threading.Lock() for account in first}
        self._numbers = count(1)

    @property
    def accounts(self) -> dict[str, Account]:
        with self._engine.connect() as connection:
            return {row["id"]: _account(row) for row in connection.execute(select(accounts)).mappings()}

    def account(self, account_id: str) -> Account | None:
        with self._engine.connect() as connection:
            found = connection.execute(select(accounts).where(accounts.c.id == account_id)).mappings().first()
        return _account(found) if found else None

    def move_cash(self, source: str, target: str, amount: Decimal) -> None:
        """Whoever calls holds the locks of both accounts."""
        with self._engine.begin() as connection:
            for account_id, change in ((source, -amount), (target, amount)):
                of_account = accounts.c.id == account_id
                cash = connection.execute(select(accounts.c.cash).where(of_account)).scalar_one()
                connection.execute(update(accounts).where(of_account).values(cash=cash + change))

    def next_order_id(self) -> str:
        return f"ord-{next(self._numbers):06d}"

    def add_order(self, order: Order) -> None:
        with self._engine.begin() as connection:
            connection.execute(insert(orders).values(**asdict(order)))

    def set_state(self, order: Order) -> None:
        with self._engine.begin() as connection:
            connection.execute(update(orders).where(orders.c.id == order.id).values(state=order.state))

    def orders_in(self, state: OrderState) -> list[Order]:
        with self._engine.connect() as connection:
            found = connection.execute(select(orders).where(orders.c.state == state).order_by(orders.c.id)).mappings()
            return [_order(row) for row in found]

    def positions(self) -> dict[str, int]:
        """Return {symbol: quantity bought less sold}. One query an instrument: the N+1 that the example has on purpose.

        (One query that groups by symbol would end it.)
        """
        with self._engine.connect() as connection:
            return {symbol: _position(connection, symbol) for symbol in INSTRUMENTS}

    def highest_closes(self) -> dict[str, Decimal]:
        """Return {symbol: its highest closing price}. The slow query that the example has on purpose."""
        prices = closing_prices.c
        highest = select(prices.symbol, func.max(prices.pence)).where(func.cold_read(prices.day) >= 0)
        with self._engine.connect() as connection:
            # In an order that SQLite knows at the end only: else it answers row by row, and the span misses most of it.
            found = connection.execute(highest.group_by(prices.symbol).order_by(func.max(prices.pence)))
            return {symbol: Decimal(pence) / 100 for symbol, pence in found}

    def close(self) -> None:
        self._engine.dispose()
        self._folder.cleanup()


def _position(connection: Connection, symbol: str) -> int:
    signed = case((orders.c.side == "buy", orders.c.quantity), else_=-orders.c.quantity)
    bought = select(func.coalesce(func.sum(signed), 0) + func.cold_read(0)).where(orders.c.symbol == symbol)
    return int(connection.execute(bought).scalar_one())


def _account(row: RowMapping) -> Account:
    return Account(**{**row, "tier": Tier(row["tier"])})


def _order(row: RowMapping) -> Order:
    return Order(**{**row, "state": OrderState(row["state"])})


def _first_accounts() -> list[Account]:
    return [
        Account("acc-1", "Ada Retail", Tier.RETAIL, Decimal(50_000), order_limit=Decimal(20_000)),
        Account("acc-2", "Ben Retail", Tier.RETAIL, Decimal(80_000), order_limit=Decimal(20_000)),
        Account("acc-3", "Cai Trading", Tier.PROFESSIONAL, Decimal(900_000), order_limit=Decimal(250_000)),
        Account("acc-4", "Dune Pension Fund", Tier.INSTITUTIONAL, Decimal(9_000_000), order_limit=Decimal(2_000_000)),
    ]
