"""A service that leaks on purpose, with the SDK's own scrubber off: `python -m tests.clients.leaky_service`.

Answers one request whose URL, headers, cookies, body, frame variables and breadcrumbs carry the given secrets.
"""

import os
from typing import Any

import sentry_sdk
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from sentry_sdk.scrubber import EventScrubber

SECRET, CARD, IBAN = os.environ["SECRET"], os.environ["CARD"], os.environ["IBAN"]

sentry_sdk.init(
    dsn=os.environ["TRADEWATCH_DSN"],
    release=os.environ["RELEASE"],
    send_default_pii=True,
    max_request_body_size="always",
    event_scrubber=EventScrubber(denylist=[], pii_denylist=[]),
    traces_sample_rate=1.0,
)
app = FastAPI()


@app.post("/login")
async def login(body: dict[str, Any], request: Request) -> None:
    password = SECRET
    symbol = "ACME"
    ticket = {"user": "ada", "api_key": SECRET, "order_id": "ord-000017"}
    sentry_sdk.add_breadcrumb(category="http", message=f"GET /feed with Bearer {SECRET}", data={"token": SECRET})
    sentry_sdk.add_breadcrumb(category="http", data={"url": f"https://ada:{SECRET}@feed.example/?api_key={SECRET}"})
    sentry_sdk.set_context("payment", {"note": f"card {CARD}, account {IBAN}"})
    raise PermissionError(f"login refused for {ticket['user']} on {symbol}: {len(password)} characters")


TestClient(app, raise_server_exceptions=False, cookies={"sessionid": SECRET}).post(
    f"/login?access_token={SECRET}&symbol=ACME",
    json={"password": SECRET, "card": CARD, "quantity": 12},
    headers={"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET},
)
sentry_sdk.flush(timeout=10)
