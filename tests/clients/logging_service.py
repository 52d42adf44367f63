"""A program that logs in every way the SDK offers, secrets included: `python -m tests.clients.logging_service`."""

import logging
import os

import sentry_sdk
from sentry_sdk.scrubber import EventScrubber

SECRET, CARD = os.environ["SECRET"], os.environ["CARD"]

sentry_sdk.init(
    dsn=os.environ["TRADEWATCH_DSN"],
    release=os.environ["RELEASE"],
    environment="paper",
    enable_logs=True,
    send_default_pii=True,
    event_scrubber=EventScrubber(denylist=[], pii_denylist=[]),
    traces_sample_rate=1.0,
)
logger = logging.getLogger("desk.orders")
logger.setLevel(logging.DEBUG)

with sentry_sdk.start_transaction(name="place order", op="function"):
    logger.debug("debug goes only where it is asked for")
    logger.info("order %s placed", "ord-000017", extra={"symbol": "ACME", "quantity": 12})
    logger.warning("margin at %d%%", 80, extra={"is_short": True, "ratio": 0.8})
    sentry_sdk.logger.trace("tick {price}", price=12.5)
    sentry_sdk.logger.error("broker {broker} is away", broker="lmax", attributes={"tries": 3, "venues": ["a", "b"]})
    sentry_sdk.logger.fatal("the desk stops")
    logger.info("login with password=%s", SECRET)
    sentry_sdk.logger.info("key {api_key} of {user}", api_key=SECRET, user="ada")
    logger.info("token in an attribute", extra={"access_token": SECRET, "note": f"paid by {CARD}"})
    logger.info(f"GET https://ada:{SECRET}@feed.example/?api_key={SECRET}")
    try:
        raise ConnectionError("broker is away")
    except ConnectionError as error:
        sentry_sdk.capture_exception(error)
sentry_sdk.flush(timeout=10)
