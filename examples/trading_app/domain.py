"""What the service trades with, and the refusals it knows."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Tier(StrEnum):
    RETAIL = "retail"
    PROFESSIONAL = "professional"
    INSTITUTIONAL = "institutional"


class OrderState(StrEnum):
    FILLED = "filled"
    SETTLED = "settled"
    FAILED = "failed"


@dataclass
class Account:
    id: str
    holder: str
    tier: Tier
    cash: Decimal
    order_limit: Decimal  # the highest value of one order


@dataclass
class Order:
    id: str
    account_id: str
    symbol: str
    side: str
    quantity: int
    price: Decimal
    margin: Decimal = field(default=Decimal(0))
    state: OrderState = OrderState.FILLED

    @property
    def value(self) -> Decimal:
        return self.price * self.quantity


@dataclass(frozen=True)
class Instrument:
    symbol: str
    venue: str
    price: Decimal
    feed_seconds: float = 0.0  # how long its quote feed takes
    has_settlement_instruction: bool = True


class RiskLimitExceeded(Exception):
    """The order is worth more than its account may risk at once: an answer to the client, not a fault of ours."""


class VenueUnavailable(Exception):
    """The venue did not take the order; its cause says how it failed."""


class LedgerLockTimeout(TimeoutError):
    """An account stayed locked for longer than a transfer may wait."""


class SettlementError(Exception):
    """The custodian cannot settle an order."""
