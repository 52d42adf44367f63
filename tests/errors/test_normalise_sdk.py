"""The stock Python SDK with its own scrubber off: a secret in every place it sends from is nowhere in the document."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import sentry_sdk
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from tradewatch.errors.normalise import decode_event, normalise_event
from tradewatch.inbox.scrub import ScrubPolicy, scrub_document

SECRET = "hunter2-8f21ac77"
CARD = "4111 1111 1111 1111"


class Capturing(Transport):
    def __init__(self) -> None:
        super().__init__()
        self.payloads: list[bytes] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        self.payloads += [item.get_bytes() for item in envelope.items if item.type == "event"]


@pytest.fixture
def transport() -> Iterator[Capturing]:
    transport = Capturing()
    client = sentry_sdk.Client(
        dsn="https://public@sentry.example/1",
        transport=transport,
        send_default_pii=True,
        event_scrubber=None,
        default_integrations=False,
        max_request_body_size="always",
        environment="test",
    )
    client.options["event_scrubber"] = None
    with sentry_sdk.isolation_scope() as scope, sentry_sdk.new_scope():
        scope.set_client(client)
        yield transport
        scope.set_client(None)


class Account:
    def __init__(self, password: str) -> None:
        self.password = password

    def __repr__(self) -> str:
        return f"<Account id='acc-desk-07' password={self.password!r}>"


def route_order(symbol: str, quantity: int, password: str, order_id: int) -> None:
    account = Account(password)
    settings = {"db": {"url": f"postgres://oms:{SECRET}@db/orders"}, "api_key": SECRET, "venue": "lmax"}
    scope = {"headers": [(b"authorization", f"Bearer {SECRET}".encode()), (b"x-desk", b"7")]}
    raise RuntimeError(f"login of {account!r} to {settings['venue']} failed for card {CARD}, {len(scope)} {symbol}")


def with_request(event: Any, hint: Any) -> Any:
    """Fill in what a web integration sends."""
    event["request"] = {
        "method": "POST",
        "url": f"https://bob:{SECRET}@oms.example/api/v1/orders?access_token={SECRET}&symbol=BTC-USD",
        "query_string": f"access_token={SECRET}&symbol=BTC-USD",
        "headers": {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET, "Cookie": f"sid={SECRET}", "X-Desk": "7"},
        "cookies": {"sid": SECRET},
        "data": {"symbol": "BTC-USD", "client": {"passphrase": SECRET}, "raw": f'{{"token": "{SECRET}"}}'},
        "env": {"REMOTE_ADDR": "10.1.2.3", "DB_PASSWORD": SECRET},
    }
    return event


def send_the_event() -> None:
    sentry_sdk.set_user({"id": "7", "ip_address": "10.1.2.3"})
    sentry_sdk.set_extra("connection", f"redis://:{SECRET}@cache:6379/0")
    sentry_sdk.set_tag("session", SECRET)
    sentry_sdk.set_context("broker", {"client_secret": SECRET, "host": "mq"})
    sentry_sdk.add_breadcrumb(
        message=f"GET https://venue.example/v1?signature=1&token={SECRET}", data={"auth_token": SECRET, "status": 200}
    )
    sentry_sdk.get_isolation_scope().add_event_processor(with_request)
    try:
        route_order("BTC-USD", 5, password=SECRET, order_id=4111111111111111)
    except RuntimeError as error:
        sentry_sdk.capture_exception(error)


def test_a_secret_in_every_place_is_nowhere_and_trading_data_is_everywhere(transport: Capturing) -> None:
    send_the_event()
    (payload,) = transport.payloads
    assert payload.count(SECRET.encode()) > 15
    assert CARD.encode() in payload

    now = datetime.now(UTC)
    document = decode_event(payload)
    document = normalise_event(document, received_at=now, retention=timedelta(days=30), environment="production")
    removed = scrub_document(document, ScrubPolicy(), raw=payload)

    stored = orjson.dumps(document).decode()
    assert all(gone not in stored for gone in (SECRET, "hunter2", CARD, "10.1.2.3"))
    assert all(kept in stored for kept in ("BTC-USD", "4111111111111111", "acc-desk-07", "lmax"))
    variables = document["exception"]["values"][0]["stacktrace"]["frames"][-1]["vars"]
    assert variables["password"] == "[removed: password]"
    assert (variables["symbol"], variables["order_id"]) == ("'BTC-USD'", "4111111111111111")
    assert document["environment"] == "test"
    assert {"password", "token", "api key", "cookie", "ip address", "card number"} <= {
        entry["kind"] for entry in removed
    }
