"""What the example reports of an order, as the stock SDK would send it."""

from collections.abc import Iterator
from typing import Any

import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from examples.trading_app import business
from examples.trading_app.business import order_at
from examples.trading_app.domain import RiskLimitExceeded, VenueUnavailable


class Sent(Transport):
    def __init__(self) -> None:
        super().__init__()
        self.points: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        for item in envelope.items:
            if item.type == "trace_metric":
                self.points += item.payload.json["items"]  # type: ignore[index]


@pytest.fixture
def sent() -> Iterator[Sent]:
    business._outcomes.clear()
    transport = Sent()
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(sentry_sdk.Client(dsn="http://key@127.0.0.1:9/1", transport=transport))
        yield transport


def points(sent: Sent, name: str) -> list[tuple[float, dict[str, str]]]:
    sentry_sdk.flush()
    own = ("venue", "reason", "outcome")
    return [
        (point["value"], {key: point["attributes"][key]["value"] for key in own if key in point["attributes"]})
        for point in sent.points
        if point["name"] == name
    ]


def test_a_filled_order_is_counted_and_timed(sent: Sent) -> None:
    with order_at("XNYS"):
        pass
    assert points(sent, "orders.placed") == [(1.0, {"venue": "XNYS"})]
    assert points(sent, "orders.filled") == [(1.0, {"venue": "XNYS"})]
    assert points(sent, "orders.rejected") == []
    ((milliseconds, about),) = points(sent, "orders.latency")
    assert 0 <= milliseconds < 1000 and about == {"venue": "XNYS", "outcome": "filled"}


@pytest.mark.parametrize(
    ("error", "reason"),
    [(RiskLimitExceeded("big"), "risk"), (VenueUnavailable("gone"), "venue"), (KeyError("institutional"), "fault")],
)
def test_a_rejected_order_says_why(sent: Sent, error: Exception, reason: str) -> None:
    with pytest.raises(type(error)), order_at("XLON"):
        raise error
    assert points(sent, "orders.rejected") == [(1.0, {"venue": "XLON", "reason": reason})]
    assert points(sent, "orders.filled") == []


def test_the_fill_rate_is_that_of_the_newest_orders_of_the_venue(sent: Sent) -> None:
    for is_filled in (True, True, False, True):
        try:
            with order_at("XNYS"):
                if not is_filled:
                    raise VenueUnavailable("gone")
        except VenueUnavailable:
            pass
    with order_at("XLON"):
        pass
    rates = points(sent, "orders.fill_rate")
    assert [rate for rate, about in rates if about["venue"] == "XNYS"] == pytest.approx([1, 1, 2 / 3, 3 / 4])
    assert [rate for rate, about in rates if about["venue"] == "XLON"] == [1]
