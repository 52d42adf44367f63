"""Everything the service knows, in memory: it starts anew with each process."""

import threading
from decimal import Decimal
from itertools import count

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
        self.accounts = {account.id: account for account in _first_accounts()}
        self.orders: dict[str, Order] = {}
        self.account_locks = {account_id: threading.Lock() for account_id in self.accounts}
        self._numbers = count(1)

    def next_order_id(self) -> str:
        return f"ord-{next(self._numbers):06d}"

    def add_order(self, order: Order) -> None:
        self.orders[order.id] = order

    def orders_in(self, state: OrderState) -> list[Order]:
        # A copy first: requests add orders in threads of their own.
        return [order for order in list(self.orders.values()) if order.state is state]


def _first_accounts() -> list[Account]:
    return [
        Account("acc-1", "Ada Retail", Tier.RETAIL, Decimal(50_000), order_limit=Decimal(20_000)),
        Account("acc-2", "Ben Retail", Tier.RETAIL, Decimal(80_000), order_limit=Decimal(20_000)),
        Account("acc-3", "Cai Trading", Tier.PROFESSIONAL, Decimal(900_000), order_limit=Decimal(250_000)),
        Account("acc-4", "Dune Pension Fund", Tier.INSTITUTIONAL, Decimal(9_000_000), order_limit=Decimal(2_000_000)),
    ]
