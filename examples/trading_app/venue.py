"""Sends orders to the venue that trades their instrument."""

import logging

import httpx

from examples.trading_app.domain import Order, VenueUnavailable

VENUE_TIMEOUT_SECONDS = 0.5
logger = logging.getLogger(__name__)


class VenueClient:
    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=url, timeout=VENUE_TIMEOUT_SECONDS)

    def place(self, venue: str, order: Order) -> None:
        """Return once `venue` has taken the order; raise `VenueUnavailable` with the reason as its cause."""
        logger.info("order %s goes to %s", order.id, venue, extra={"symbol": order.symbol, "venue": venue})
        report = {"id": order.id, "symbol": order.symbol, "side": order.side, "quantity": order.quantity}
        try:
            answer = self._http.post(f"/{venue}/orders", json=report)
            answer.raise_for_status()
        except httpx.HTTPError as error:
            logger.warning("%s did not take order %s", venue, order.id, extra={"reason": type(error).__name__})
            raise VenueUnavailable(f"{venue} did not take the order") from error

    def close(self) -> None:
        self._http.close()
