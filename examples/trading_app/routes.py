"""The HTTP side of the service."""

import asyncio
import hmac
import logging
from decimal import Decimal
from typing import Any, Literal

import sentry_sdk
from fastapi import APIRouter, Depends, HTTPException, Request
from pydantic import BaseModel, Field

from examples.trading_app import ledger
from examples.trading_app.business import order_at
from examples.trading_app.domain import Account, Order, OrderState
from examples.trading_app.risk import check_risk
from examples.trading_app.store import INSTRUMENTS, Store

logger = logging.getLogger(__name__)


def require_key(request: Request) -> None:
    """Refuse what does not bring the service's key, where it has one. Whether it is alive may be asked without."""
    key: str = getattr(request.app.state, "api_key", "")
    if (
        key
        and request.url.path != "/health"
        and not hmac.compare_digest(request.headers.get("X-API-Key", "").encode(), key.encode())
    ):
        raise HTTPException(401, "X-API-Key is missing or wrong")


router = APIRouter(dependencies=[Depends(require_key)])


class OrderRequest(BaseModel):
    account_id: str
    symbol: str
    side: Literal["buy", "sell"]
    quantity: int = Field(gt=0, le=1_000_000)


class TransferRequest(BaseModel):
    source: str
    target: str
    amount: Decimal = Field(gt=0)


@router.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/accounts/{account_id}")
def read_account(account_id: str, request: Request) -> dict[str, Any]:
    account = _account(request.app.state.store, account_id)
    return {"id": account.id, "holder": account.holder, "tier": account.tier, "cash": str(account.cash)}


@router.get("/quotes/{symbol}")
async def read_quote(symbol: str) -> dict[str, str]:
    instrument = INSTRUMENTS.get(symbol)
    if instrument is None:
        raise HTTPException(404, "unknown symbol")
    with sentry_sdk.start_span(op="feed.read", name=instrument.venue):
        await asyncio.sleep(instrument.feed_seconds)
    return {"symbol": symbol, "price": str(instrument.price)}


@router.post("/orders", status_code=201)
def place_order(wanted: OrderRequest, request: Request) -> dict[str, str]:
    state = request.app.state
    account = _account(state.store, wanted.account_id)
    instrument = INSTRUMENTS.get(wanted.symbol)
    if instrument is None:
        raise HTTPException(404, "unknown symbol")
    order = Order(state.store.next_order_id(), **wanted.model_dump(), price=instrument.price)
    sentry_sdk.set_user({"id": account.id})
    sentry_sdk.set_tag("venue", instrument.venue)
    with order_at(instrument.venue):
        order.margin = check_risk(account, order, margin_check=state.margin_check)
        state.venue.place(instrument.venue, order)
        state.store.add_order(order)
    story = {"symbol": order.symbol, "venue": instrument.venue, "quantity": order.quantity, "account": account.id}
    logger.info("order %s filled: %s %s at %s", order.id, order.side, order.symbol, order.price, extra=story)
    return {"id": order.id, "state": order.state, "price": str(order.price)}


@router.post("/transfers")
def move_cash(wanted: TransferRequest, request: Request) -> dict[str, str]:
    store = request.app.state.store
    for account_id in (wanted.source, wanted.target):
        _account(store, account_id)
    ledger.transfer(store, wanted.source, wanted.target, wanted.amount)
    logger.info("cash moved from %s to %s", wanted.source, wanted.target, extra={"amount": str(wanted.amount)})
    return {"source": wanted.source, "target": wanted.target, "amount": str(wanted.amount)}


@router.get("/settlements")
def read_settlements(request: Request) -> dict[str, int]:
    """How many orders stand where: {"filled": waiting for the worker, "settled", "failed"}."""
    return {state.value: len(request.app.state.store.orders_in(state)) for state in OrderState}


@router.get("/reports/positions")
def read_positions(request: Request) -> dict[str, int]:
    positions: dict[str, int] = request.app.state.store.positions()
    return positions


@router.get("/reports/highs")
def read_highs(request: Request) -> dict[str, str]:
    return {symbol: str(price) for symbol, price in request.app.state.store.highest_closes().items()}


def _account(store: Store, account_id: str) -> Account:
    account = store.account(account_id)
    if account is None:
        raise HTTPException(404, "unknown account")
    return account
