"""`uvicorn examples.trading_app.main:app`, with TRADEWATCH_DSN and SENTRY_RELEASE in the environment.

With TRADING_API_KEY there, everything but /health needs it in the header X-API-Key.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import sentry_sdk
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from examples.trading_app.domain import RiskLimitExceeded
from examples.trading_app.margin import margin_check_of
from examples.trading_app.monitoring import release, start_monitoring
from examples.trading_app.routes import router
from examples.trading_app.settlement import settle_forever
from examples.trading_app.store import Store
from examples.trading_app.venue import VenueClient
from examples.trading_app.venue_simulator import running_venue_process

start_monitoring()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    with sentry_sdk.isolation_scope():  # making the tables is no part of any error's story
        app.state.store = Store()
    app.state.margin_check = margin_check_of(release())
    app.state.api_key = os.environ.get("TRADING_API_KEY", "")
    async with running_venue_process() as venue_url:
        app.state.venue = VenueClient(venue_url)
        worker = asyncio.create_task(settle_forever(app.state.store))
        yield
        worker.cancel()
        with suppress(asyncio.CancelledError):
            await worker
        app.state.venue.close()
    app.state.store.close()
    sentry_sdk.flush(timeout=10)


app = FastAPI(title="Example trading service", lifespan=lifespan)
app.include_router(router)


@app.exception_handler(RiskLimitExceeded)
async def refuse_risk(request: Request, error: RiskLimitExceeded) -> JSONResponse:
    # Refused on purpose, and still worth watching: many of these at once mean a client in trouble.
    sentry_sdk.capture_exception(error, level="warning")
    return JSONResponse({"detail": str(error)}, status_code=409)
