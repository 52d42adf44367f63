import asyncio
from contextlib import suppress
from decimal import Decimal

import pytest

from examples.trading_app.domain import Order, OrderState, SettlementError
from examples.trading_app.settlement import settle, settle_and_report, settle_forever
from examples.trading_app.store import Store


def make_order(symbol: str) -> Order:
    return Order("ord-1", "acc-1", symbol, "buy", 1, Decimal(1))


def test_an_order_settles() -> None:
    order = make_order("ACME")
    settle_and_report(order)
    assert order.state is OrderState.SETTLED


def test_without_an_instruction_it_fails_with_its_cause() -> None:
    with pytest.raises(SettlementError) as caught:
        settle(make_order("ORBT"))
    assert isinstance(caught.value.__cause__, LookupError)


def test_a_failed_order_is_left_behind() -> None:
    order = make_order("ORBT")
    settle_and_report(order)
    assert order.state is OrderState.FAILED


async def test_the_worker_writes_down_what_became_of_each_order() -> None:
    store = Store()
    for number, symbol in enumerate(("ACME", "ORBT", "BOLT")):
        store.add_order(Order(f"ord-{number}", "acc-1", symbol, "buy", 1, Decimal(1)))
    with suppress(TimeoutError):
        await asyncio.wait_for(settle_forever(store), timeout=0.2)
    assert [order.symbol for order in store.orders_in(OrderState.SETTLED)] == ["ACME", "BOLT"]
    assert [order.symbol for order in store.orders_in(OrderState.FAILED)] == ["ORBT"]
    assert store.orders_in(OrderState.FILLED) == []
    store.close()
