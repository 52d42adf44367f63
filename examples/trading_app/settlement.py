"""The background worker that settles filled orders."""

import asyncio

import sentry_sdk
from sentry_sdk import logger as sdk_logger

from examples.trading_app.domain import Order, OrderState, SettlementError
from examples.trading_app.store import INSTRUMENTS, Store

PAUSE_SECONDS = 0.1


async def settle_forever(store: Store) -> None:
    """Settle what is filled, again and again. An order that fails is reported and left behind; the others go on."""
    while True:
        with sentry_sdk.isolation_scope():  # what looking leaves as breadcrumbs is no part of an order's story
            filled = store.orders_in(OrderState.FILLED)
        for order in filled:
            with sentry_sdk.isolation_scope(), sentry_sdk.start_transaction(op="queue.process", name="settle order"):
                settle_and_report(order)
                store.set_state(order)
        await asyncio.sleep(PAUSE_SECONDS)


def settle_and_report(order: Order) -> None:
    sentry_sdk.set_tag("symbol", order.symbol)
    story = {"symbol": order.symbol, "quantity": order.quantity}
    try:
        settle(order)
        sdk_logger.info("order {order_id} settled", order_id=order.id, attributes=story)
    except SettlementError as error:
        order.state = OrderState.FAILED
        # Told here by the SDK's own logger: an error of the usual one would be reported as an event a second time.
        sdk_logger.error("order {order_id} cannot be settled", order_id=order.id, attributes=story)
        sentry_sdk.capture_exception(error)


def settle(order: Order) -> None:
    """Settle `order` with the custodian; raise `SettlementError` when it cannot be."""
    try:
        instruct_custodian(order)
    except LookupError as error:
        raise SettlementError(f"order {order.id} cannot be settled") from error
    order.state = OrderState.SETTLED


def instruct_custodian(order: Order) -> None:
    if not INSTRUMENTS[order.symbol].has_settlement_instruction:
        raise LookupError(f"no standing settlement instruction for {order.symbol}")
