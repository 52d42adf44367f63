from decimal import Decimal

import pytest

from examples.trading_app.domain import Order, OrderState, SettlementError
from examples.trading_app.settlement import settle, settle_and_report


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
