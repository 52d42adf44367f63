"""How much of an order's value its account must hold in cash; one function a release.

Release 2.0.1 is the bad one, and `margin_by_tier` is its cause; 2.0.2 repairs it: see README.md here.
"""

from collections.abc import Callable
from decimal import Decimal

from examples.trading_app.domain import Account, Order

MarginCheck = Callable[[Account, Order], Decimal]

FLAT_RATE = Decimal("0.20")
RATES_BY_TIER = {"retail": Decimal("0.50"), "professional": Decimal("0.20")}  # nobody thought of institutional accounts


def flat_margin(account: Account, order: Order) -> Decimal:
    return order.value * FLAT_RATE


def margin_by_tier(account: Account, order: Order) -> Decimal:
    return order.value * RATES_BY_TIER[account.tier.value]


def margin_of_every_tier(account: Account, order: Order) -> Decimal:
    return order.value * RATES_BY_TIER.get(account.tier.value, FLAT_RATE)


def margin_check_of(release: str) -> MarginCheck:
    """Return the check that `release` shipped with: by tier since 2.0.1, of every tier since 2.0.2."""
    if release.endswith("@2.0.2"):
        return margin_of_every_tier
    return margin_by_tier if release.endswith("@2.0.1") else flat_margin
