import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal

import pytest

from examples.trading_app.domain import Order, VenueUnavailable
from examples.trading_app.venue import VenueClient
from examples.trading_app.venue_simulator import running_venue, running_venue_process

ORDER = Order("ord-1", "acc-1", "ACME", "buy", 1, Decimal(1))


async def place_at(venue: str, *, serving: Callable[[], AbstractAsyncContextManager[str]] = running_venue) -> None:
    async with serving() as url:
        client = VenueClient(url)
        try:
            await asyncio.to_thread(client.place, venue, ORDER)
        finally:
            client.close()


async def test_a_healthy_venue_takes_the_order() -> None:
    await place_at("XLON")


async def test_it_serves_in_a_process_of_its_own_and_ends_with_it() -> None:
    await place_at("XPAR", serving=running_venue_process)


@pytest.mark.parametrize(
    ("venue", "reason"), [("XSLO", TimeoutError), ("XRST", ConnectionResetError)], ids=["late", "hangs up"]
)
async def test_a_broken_venue_fails_for_real(venue: str, reason: type[Exception]) -> None:
    with pytest.raises(VenueUnavailable, match=venue) as caught:
        await place_at(venue)
    assert isinstance(root_cause(caught.value), reason)


def root_cause(error: BaseException) -> BaseException:
    while deeper := error.__cause__ or error.__context__:
        error = deeper
    return error
