"""Checks before an order leaves the house."""

import logging
from decimal import Decimal

from examples.trading_app.domain import Account, Order, RiskLimitExceeded
from examples.trading_app.margin import MarginCheck

logger = logging.getLogger(__name__)


def check_risk(account: Account, order: Order, *, margin_check: MarginCheck) -> Decimal:
    """Return the margin that `order` needs; raise `RiskLimitExceeded` when the account may not place it."""
    if order.value > account.order_limit:
        logger.warning("order %s refused: above the limit", order.id, extra={"value": str(order.value)})
        raise RiskLimitExceeded(f"order worth {order.value} is above the limit of {account.order_limit}")
    margin = margin_check(account, order)
    if margin > account.cash:
        logger.warning("order %s refused: not enough cash", order.id, extra={"margin": str(margin)})
        raise RiskLimitExceeded(f"margin of {margin} is above the cash of {account.cash}")
    return margin
