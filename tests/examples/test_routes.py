from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from examples.trading_app.domain import RiskLimitExceeded
from examples.trading_app.margin import flat_margin
from examples.trading_app.routes import router
from examples.trading_app.store import Store
from examples.trading_app.venue import VenueClient
from examples.trading_app.venue_simulator import running_venue

ORDER = {"account_id": "acc-1", "symbol": "ACME", "side": "buy", "quantity": 2}


@pytest.fixture
async def service() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(router)
    app.state.store, app.state.margin_check = Store(), flat_margin
    async with (
        running_venue() as url,
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://s") as http,
    ):
        app.state.venue = VenueClient(url)
        yield http
        app.state.venue.close()
    app.state.store.close()


async def test_an_order_is_taken_and_waits_for_settlement(service: httpx.AsyncClient) -> None:
    placed = await service.post("/orders", json=ORDER)
    assert placed.status_code == 201
    assert placed.json() == {"id": "ord-000001", "state": "filled", "price": "101.50"}
    assert (await service.get("/settlements")).json() == {"filled": 1, "settled": 0, "failed": 0}


@pytest.mark.parametrize("change", [{"quantity": -1}, {"quantity": 0}, {"side": "hold"}, {"quantity": "many"}])
async def test_a_malformed_order_is_refused(service: httpx.AsyncClient, change: dict) -> None:
    assert (await service.post("/orders", json={**ORDER, **change})).status_code == 422


@pytest.mark.parametrize("path", ["/quotes/NOPE", "/accounts/acc-99"])
async def test_what_is_unknown_is_not_found(service: httpx.AsyncClient, path: str) -> None:
    assert (await service.get(path)).status_code == 404


async def test_too_big_an_order_never_reaches_its_venue(service: httpx.AsyncClient) -> None:
    with pytest.raises(RiskLimitExceeded):
        await service.post("/orders", json={**ORDER, "quantity": 900})
    assert (await service.get("/settlements")).json()["filled"] == 0


async def test_quotes_and_accounts_answer(service: httpx.AsyncClient) -> None:
    assert (await service.get("/quotes/ACME")).json() == {"symbol": "ACME", "price": "101.50"}
    account = (await service.get("/accounts/acc-4")).json()
    assert (account["tier"], account["cash"]) == ("institutional", "9000000")


async def test_a_transfer_shows_in_the_account(service: httpx.AsyncClient) -> None:
    moved = await service.post("/transfers", json={"source": "acc-1", "target": "acc-2", "amount": "10"})
    assert moved.status_code == 200
    assert (await service.get("/accounts/acc-1")).json()["cash"] == "49990"


async def test_reports_say_what_the_tables_hold(service: httpx.AsyncClient) -> None:
    await service.post("/orders", json=ORDER)
    await service.post("/orders", json={**ORDER, "side": "sell", "quantity": 5})
    positions = (await service.get("/reports/positions")).json()
    assert (positions["ACME"], positions["BOLT"], len(positions)) == (-3, 0, 7)
    highs = (await service.get("/reports/highs")).json()
    assert (highs["ACME"], highs["NIPPON"], len(highs)) == ("101.54", "1820.04", 7)


async def test_with_a_key_everything_but_health_needs_it(service: httpx.AsyncClient) -> None:
    app: FastAPI = service._transport.app  # type: ignore[attr-defined]
    app.state.api_key = "desk-key-7"
    assert (await service.get("/health")).status_code == 200
    assert (await service.post("/orders", json=ORDER)).status_code == 401
    assert (await service.post("/orders", json=ORDER, headers={"X-API-Key": "other"})).status_code == 401
    assert (await service.post("/orders", json=ORDER, headers={"X-API-Key": "desk-key-7"})).status_code == 201
