from decimal import Decimal

import httpx
import pytest

from examples.trading_app.domain import Order, VenueUnavailable
from examples.trading_app.venue import VenueClient
from examples.trading_app.venue_simulator import running_venue

ORDER = Order("ord-1", "acc-1", "ACME", "buy", 1, Decimal(1))


async def place_at(venue: str) -> None:
    async with running_venue() as url:
        client = VenueClient(url)
        try:
            await client.place(venue, ORDER)
        finally:
            await client.close()


async def test_a_healthy_venue_takes_the_order() -> None:
    await place_at("XLON")


@pytest.mark.parametrize(("venue", "cause"), [("XSLO", httpx.ReadTimeout), ("XRST", httpx.ReadError)])
async def test_a_broken_venue_fails_for_real(venue: str, cause: type[Exception]) -> None:
    with pytest.raises(VenueUnavailable, match=venue) as caught:
        await place_at(venue)
    assert type(caught.value.__cause__) is cause


async def test_a_reset_is_a_reset() -> None:
    with pytest.raises(VenueUnavailable) as caught:
        await place_at("XRST")
    causes, error = [], caught.value
    while error is not None:
        causes.append(type(error))
        error = error.__cause__ or error.__context__
    assert ConnectionResetError in causes
